"""Rows of the restricted tables: originals, sealed, and where they stand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from jobs.common.secrets.value_cipher import ValueCipher
from jobs.common.spark.row_buffer import RowBuffer
from safelight.pseudonyms import Pseudonyms
from safelight.records import PseudonymMapping


class MappingRowWriter:
    """Adds rows of ``sources`` and ``mapping`` to a sink.

    Parameters
    ----------
    sink : RowBuffer
    names : Pseudonyms
    where : tuple
        Run and batch.
    """

    def __init__(self, sink: RowBuffer, names: Pseudonyms, where: tuple[Any, ...]):
        self._sink = sink
        self._names = names
        self._where = where
        self._cipher = ValueCipher(names)
        self._pairs: set[tuple[str, str]] = set()

    def add_source(self, row: dict[str, Any]) -> None:
        """The source of a row of the listing."""
        self._sink.add(
            "sources",
            (*self._where, row["source_id"], row["uri"], row["size"], row["version"])
            + (self._names.namespace, self._names.key_id),
        )

    def add_pairs(self, pairs: Iterable[PseudonymMapping]) -> None:
        """Pairs, each once: the study and the patient of every other slice are the same."""
        names = self._names
        for pair in pairs:
            if (pair.kind, pair.original) in self._pairs:
                continue
            self._pairs.add((pair.kind, pair.original))
            original = names.hexdigest(f"mapping/{pair.kind}", pair.original)
            self._sink.add(
                "mapping",
                (*self._where, names.namespace, pair.kind)
                + (self._cipher.encrypt(pair.kind, pair.original), original)
                + (pair.pseudonym, pair.patient_pseudonym, names.key_id),
            )
