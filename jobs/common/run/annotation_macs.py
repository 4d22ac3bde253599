"""Authenticate rows of ``annotations``, which anyone with write access to the tables could change.

A row that has lost a span would leave a name in the output. The code covers the hash of the text,
the version of the model and all spans, under a key of its own purpose and namespace.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

import pyarrow as pa

from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from safelight.pseudonyms import Pseudonyms

#: Function of a task over Arrow batches, for ``mapInArrow``.
ArrowTask = Callable[[Iterable[pa.RecordBatch]], Iterator[pa.RecordBatch]]

#: Purpose of the keyed hashes of texts in this table; those of findings have others.
TEXT_PURPOSE = "annotations/text"
_MAC_PURPOSE = "annotations/mac"


def annotation_mac(
    names: Pseudonyms, text_hmac: str, version: str, spans: Iterable[Mapping[str, Any]]
) -> str:
    """Return the message authentication code of a row.

    Parameters
    ----------
    names : Pseudonyms
    text_hmac : str
        Keyed hash of the text.
    version : str
        Version of the text model.
    spans : iterable of mapping
        Fields of each :class:`jobs.common.delta.rows.StoredSpan`.
    """
    fields = [
        [s["begin"], s["end"], s["entity"], s["engine"], float(s["confidence"]).hex(), s["fine"]]
        for s in spans
    ]
    return names.hexdigest(_MAC_PURPOSE, json.dumps([text_hmac, version, fields]))


def is_authentic(names: Pseudonyms, row: Mapping[str, Any]) -> bool:
    """Return whether a row was written by the holder of the key, and not changed.

    Parameters
    ----------
    names : Pseudonyms
    row : mapping
        Columns of ``annotations``.
    """
    expected = annotation_mac(names, row["text_hmac"], row["pipeline_version"], row["spans"] or ())
    return hmac.compare_digest(expected, row["mac"] or "")


def check_task(config: DeidentifierConfig) -> ArrowTask:
    """Return the function that adds the column ``authentic`` to rows of ``annotations``.

    Parameters
    ----------
    config : DeidentifierConfig
        Key and namespace.
    """

    def check(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        names = config.pseudonyms()
        for batch in batches:
            values = [is_authentic(names, row) for row in batch.to_pylist()]
            yield batch.append_column("authentic", pa.array(values, pa.bool_()))

    return check


def sign_task(config: DeidentifierConfig) -> ArrowTask:
    """Return the function that adds the column ``mac`` to new rows of ``annotations``.

    Parameters
    ----------
    config : DeidentifierConfig
        Key and namespace.
    """

    def sign(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        names = config.pseudonyms()
        for batch in batches:
            macs = [
                annotation_mac(names, row["text_hmac"], row["pipeline_version"], row["spans"] or ())
                for row in batch.to_pylist()
            ]
            yield batch.append_column("mac", pa.array(macs, pa.string()))

    return sign
