"""What the runners of batches share: their model and totals, and how they outlive a worker."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Optional, TypeVar

import pyarrow as pa

from jobs.common.delta.table_set import Tables
from jobs.common.run.annotations import AnnotateTexts
from jobs.common.run.duplicates import SAME_CONTENT
from jobs.common.spark.crash_isolation import is_worker_crash
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms

T = TypeVar("T")


@dataclass(frozen=True)
class TextModel:
    """The ANNOTATE stage: a function over DataFrames and the version of what it runs."""

    annotate: AnnotateTexts
    version: str


@dataclass
class Totals:
    """What a run adds up."""

    status: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bytes_in: int = 0
    bytes_out: int = 0

    def add(self, instances: pa.Table) -> None:
        """Count the rows of ``instances`` that a batch commits."""
        columns = ("status", "reason_code", "reason", "source_bytes", "output_bytes")
        for status, code, reason, size_in, size_out in zip(
            *(instances[column].to_pylist() for column in columns)
        ):
            self.status[status] += 1
            if code:
                self.reasons[code] += 1
            self.bytes_in += size_in
            self.bytes_out += 0 if reason == SAME_CONTENT else size_out or 0


def source_id(names: Pseudonyms, source: Source) -> str:
    """Keyed hash of the URI and the version of a source."""
    return names.hexdigest("source", f"{source.uri}\n{source.version}")


class BatchRunner:
    """The head of a runner.

    Attributes
    ----------
    totals : Totals
        Of the batches that were committed.
    """

    def __init__(
        self, tables: Tables, deidentifier: DeidentifierConfig, text_model: Optional[TextModel]
    ):
        self._tables = tables
        self._spark = tables.spark
        self._deidentifier = deidentifier
        self._names = deidentifier.pseudonyms()
        self._text_model = text_model
        self.totals = Totals()

    @staticmethod
    def retry_with_crash_isolation(work: Callable[[bool], T]) -> T:
        """Do the work of a batch; once more, each object in a process of its own, if a worker
        died of one.

        Parameters
        ----------
        work : callable
            Given whether objects are to be kept apart.
        """
        try:
            return work(False)
        except Exception as error:
            if not is_worker_crash(error):
                raise
        return work(True)
