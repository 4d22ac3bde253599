"""Process batches of sources and add up their outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Optional, TypeVar

import pyarrow as pa

from jobs.common.delta.table_set import Tables
from jobs.common.run.annotations import TextModel
from jobs.common.run.duplicates import SAME_CONTENT
from jobs.common.spark.crash_isolation import is_worker_crash
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms

T = TypeVar("T")


@dataclass
class RunTotals:
    """Totals over the committed batches of a run.

    Attributes
    ----------
    status : Counter
        Objects or notes by status.
    reasons : Counter
        Objects or notes by reason code.
    bytes_in, bytes_out : int
        Bytes read and written.
    """

    status: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bytes_in: int = 0
    bytes_out: int = 0

    def add(self, instances: pa.Table) -> None:
        """Add the rows of ``instances`` of a committed batch."""
        columns = ("status", "reason_code", "reason", "source_bytes", "output_bytes")
        for status, code, reason, bytes_in, bytes_out in zip(
            *(instances[column].to_pylist() for column in columns)
        ):
            self.status[status] += 1
            if code:
                self.reasons[code] += 1
            self.bytes_in += bytes_in
            self.bytes_out += 0 if reason == SAME_CONTENT else bytes_out or 0


def source_id(names: Pseudonyms, source: Source) -> str:
    """Return the keyed hash of the URI and the version of a source.

    Parameters
    ----------
    names : Pseudonyms
        Derives the key of the hash.
    source : Source
        The source at its listed version.

    Returns
    -------
    str
        HMAC-SHA256 as 64 hexadecimal digits.
    """
    return names.hexdigest("source", f"{source.uri}\n{source.version}")


class BatchRunner:
    """Base class of the runners of batches.

    Parameters
    ----------
    tables : Tables
    deidentifier : DeidentifierConfig
    text_model : TextModel, optional
        Without it, texts are not annotated.

    Attributes
    ----------
    totals : RunTotals
        Totals over the committed batches.
    """

    def __init__(
        self, tables: Tables, deidentifier: DeidentifierConfig, text_model: Optional[TextModel]
    ):
        self._tables = tables
        self._spark = tables.spark
        self._deidentifier = deidentifier
        self._names = deidentifier.pseudonyms()
        self._text_model = text_model
        self.totals = RunTotals()


def retry_with_crash_isolation(process: Callable[[bool], T]) -> T:
    """Process a batch; if a worker died, process it again with a child process per object.

    Parameters
    ----------
    process : callable
        Takes whether to isolate each object in a child process.
    """
    try:
        return process(False)
    except Exception as error:
        if not is_worker_crash(error):
            raise
    return process(True)
