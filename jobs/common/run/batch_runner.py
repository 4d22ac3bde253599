"""Process batches of sources and add up their outcomes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Optional, TypeVar

import pyarrow as pa

from jobs.common.delta.table_set import Tables
from jobs.common.observe.observer import Observer
from jobs.common.observe.run_counts import BatchCounts, Outcome, QuarantinedObject
from jobs.common.run.annotations import TextModel
from jobs.common.run.duplicates import SAME_CONTENT
from jobs.common.spark.crash_isolation import is_worker_crash
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms
from safelight.records import Status

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
    batch : BatchCounts
        Counts since the last call of :meth:`take_batch`.
    quarantined : list of QuarantinedObject
        Quarantined objects since then, in the order of the listing.
    """

    status: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)
    bytes_in: int = 0
    bytes_out: int = 0
    batch: BatchCounts = field(default_factory=BatchCounts)
    quarantined: list[QuarantinedObject] = field(default_factory=list)

    def count(self, status: str, reason: str = "", number: int = 1, source_id: str = "") -> None:
        """Add objects or notes of one outcome.

        Parameters
        ----------
        status : str
        reason : str
            Code of the reason, or an empty string.
        number : int
            Number of objects or notes.
        source_id : str
            Source of a single object.
        """
        self.status[status] += number
        self.batch.outcomes[Outcome(status, reason)] += number
        if reason:
            self.reasons[reason] += number
        if status == Status.QUARANTINED.value and source_id:
            self.quarantined.append(QuarantinedObject(source_id, reason))

    def count_bytes(self, bytes_in: int, bytes_out: int) -> None:
        """Add bytes read and written."""
        for counts in (self, self.batch):
            counts.bytes_in += bytes_in
            counts.bytes_out += bytes_out

    def observe_batch(self, observer: Observer, batch: int, objects: int) -> None:
        """Report what was counted since the last call as one committed batch.

        Parameters
        ----------
        observer : Observer
        batch : int
            Number of the batch in the run.
        objects : int
            Number of listed objects of the batch.
        """
        counts, self.batch = self.batch, BatchCounts()
        quarantined, self.quarantined = self.quarantined, []
        counts.objects = objects
        for source, reason in quarantined:
            observer.quarantined(source, reason)
        observer.batch_committed(batch, counts)

    def add(self, instances: pa.Table) -> None:
        """Add the rows of ``instances`` of a committed batch."""
        columns = (
            "status", "reason_code", "reason", "source_bytes", "output_bytes", "source_id",
        )  # fmt: skip
        for status, code, reason, bytes_in, bytes_out, source in zip(
            *(instances[column].to_pylist() for column in columns)
        ):
            self.count(status, code or "", source_id=source)
            self.count_bytes(bytes_in, 0 if reason == SAME_CONTENT else bytes_out or 0)


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
