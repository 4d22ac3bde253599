"""Commit one batch: resolve duplicates in the driver, then commit the data files of the tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Optional

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.common.delta.data_files import DataFile, delete_data_files
from jobs.common.delta.instance_contents import InstanceContents
from jobs.common.delta.key_digests import DIGEST_BYTES
from jobs.common.delta.known_keys import KnownKeys
from jobs.common.delta.rows import InstanceRow
from jobs.common.delta.schemas import RESTRICTED_TABLES
from jobs.common.delta.tables.table_set import Tables
from jobs.common.observe.run_counts import BatchCounts, Outcome, QuarantinedObject
from jobs.common.run.batch_processing import BatchProcessor, ProcessedBatch
from jobs.common.run.duplicates import (
    DuplicateResolution,
    OutputClaim,
    OutputContent,
    resolve_duplicates,
)
from jobs.common.run.file_edits import FileEdit, RowChanges, edit_files
from jobs.common.run.plugin import Plugin
from jobs.common.run.run_config import RunConfig
from jobs.common.run.task_recorder import decode_claims
from jobs.common.run.work_items import BatchContext, TaskReport
from jobs.common.storage.backend import WriteOutcome
from jobs.common.storage.objects import delete_object
from safelight.records import Status

#: Files that are merged into one when rows of them are left out.
MERGED_FILES = 64


@dataclass
class CommittedBatch:
    """Counts and quarantined sources of a committed batch.

    Attributes
    ----------
    counts : BatchCounts
    quarantined : list of QuarantinedObject
        The first quarantined sources.
    """

    counts: BatchCounts
    quarantined: list[QuarantinedObject]


class BatchCommitter:
    """Committer of the batches of a run, in their order.

    Parameters
    ----------
    tables : Tables
    config : RunConfig
    plugin : Plugin
        Kind of the sources.
    processor : BatchProcessor
        Replaces outputs of refused sources.
    """

    def __init__(
        self,
        tables: Tables,
        config: RunConfig,
        plugin: Plugin[Any, Any, Any],
        processor: BatchProcessor,
    ):
        self._tables = tables
        self._plugin = plugin
        self._processor = processor
        self._known: dict[str, KnownKeys] = {}
        # Sources with other rules, other stages or another output do not claim the same object.
        scope = {
            "status": Status.DEIDENTIFIED.value,
            "rules_hash": config.deidentifier.rules_hash,
            "stages": config.deidentifier.stages,
            "output_root": config.output.uri,
        }
        self._contents = InstanceContents(tables, scope)

    def commit(self, batch: ProcessedBatch) -> CommittedBatch:
        """Commit the data files of a batch, those of the last table at the end.

        The rows of the last table make those of the others count, so the others are committed in
        parallel.

        Parameters
        ----------
        batch : ProcessedBatch

        Returns
        -------
        CommittedBatch
            What the batch counts for.

        Raises
        ------
        JobError
            If the lease was lost, or a table cannot be read or changed.
        """
        claims = decode_claims(batch.reports)
        resolution = self._resolve(claims)
        if resolution.rewrites:
            self._processor.rewrite(batch, resolution.rewrites)
        for uri in resolution.orphaned_uris:
            delete_object(uri)
        edits = self._list_edits(batch, resolution)
        committed, replaced = edit_files(self._tables, batch.context, batch.reports, edits)
        self._commit_files(batch.context, committed)
        if claims is not None:
            files = committed.get(InstanceRow.table, ())
            self._contents.add(claims["sop_uid"], files)
        for table in RESTRICTED_TABLES:
            keys = b"".join(file.keys or b"" for file in committed.get(table, ()))
            if keys:
                self._known_keys(table).add(keys)
        for table, files in replaced.items():
            delete_data_files(self._tables.location(table), files)
        return _total(batch.reports, claims, resolution)

    def _commit_files(self, context: BatchContext, files: Mapping[str, Sequence[DataFile]]) -> None:
        batch = (context.run_id, context.batch)
        *others, last = self._plugin.tables
        with ThreadPoolExecutor(len(others)) as pool:
            commits = [
                pool.submit(self._tables.commit_files, table, files.get(table, ()), batch)
                for table in others
            ]
            for commit in commits:
                commit.result()
        self._tables.commit_files(last, files.get(last, ()), batch)

    def _resolve(self, claims: Optional[pa.Table]) -> DuplicateResolution:
        """Decide between sources with the same SOP Instance UID."""
        if claims is None:
            return DuplicateResolution()
        uids = claims["sop_uid"].combine_chunks()
        found = self._contents.find(uids.to_pylist())
        doubtful = pc.or_(
            _is_repeated(uids),
            pc.or_(
                pc.is_in(uids, found["sop_uid"].combine_chunks()),
                pc.not_equal(claims["written"].combine_chunks(), WriteOutcome.NEW.value),
            ),
        )
        if not pc.any(doubtful).as_py():
            return DuplicateResolution()
        committed: dict[str, set[OutputContent]] = {}
        for sop_uid, uri, sha256 in zip(*(column.to_pylist() for column in found.columns)):
            committed.setdefault(sop_uid, set()).add(OutputContent(uri, sha256))
        contents = {sop_uid: frozenset(values) for sop_uid, values in committed.items()}
        rows = claims.filter(pc.is_in(uids, uids.filter(doubtful))).to_pylist()
        return resolve_duplicates((OutputClaim(**row) for row in rows), contents)

    def _list_edits(self, batch: ProcessedBatch, resolution: DuplicateResolution) -> list[FileEdit]:
        """Return the changes of data files that the resolution and known keys require."""
        edits = list(_edits_of_resolution(batch.reports, resolution))
        for table in RESTRICTED_TABLES:
            files = [file for report in batch.reports for file in report.files
                     if file.table == table]  # fmt: skip
            if files:  # none if the mapping is in another store: its table is not read then
                edits += _edits_of_keys(table, files, self._known_keys(table).contains)
        return edits

    def _known_keys(self, table: str) -> KnownKeys:
        if table not in self._known:
            self._known[table] = self._tables.known_keys(table)
        return self._known[table]


def _is_repeated(values: pa.StringArray) -> pa.BooleanArray:
    """Return for each value whether it occurs more than once."""
    counts = pc.value_counts(values)
    repeated = counts.field("values").filter(pc.greater(counts.field("counts"), 1))
    return pc.is_in(values, repeated)


def _edits_of_resolution(
    reports: Iterable[TaskReport], resolution: DuplicateResolution
) -> Iterator[FileEdit]:
    """Yield the edits of the files of tasks with refused or repeated sources."""
    changed = resolution.refused.keys() | resolution.same_content
    if not changed:
        return
    wanted = pa.array(sorted(changed), pa.string())
    for report in reports:
        claims = decode_claims([report])
        if claims is None:
            continue
        ids = set(claims["source_id"].filter(pc.is_in(claims["source_id"], wanted)).to_pylist())
        if not ids:
            continue
        changes = RowChanges(
            refused={key: resolution.refused[key] for key in ids & resolution.refused.keys()},
            same_content=frozenset(ids & resolution.same_content),
        )
        by_table: dict[str, list[DataFile]] = {}
        for file in report.files:
            if changes.concern(file.table):
                by_table.setdefault(file.table, []).append(file)
        for table, files in by_table.items():
            yield FileEdit(table, files, changes=changes)


def _edits_of_keys(
    table: str, files: Sequence[DataFile], contains: Callable[[bytes], npt.NDArray[np.bool_]]
) -> Iterator[FileEdit]:
    """Yield the edits of files with rows that the table has, or that another file has."""
    keys = b"".join(file.keys or b"" for file in files)
    if not keys:
        return
    digests = pa.Array.from_buffers(
        pa.binary(DIGEST_BYTES), len(keys) // DIGEST_BYTES, [None, pa.py_buffer(keys)]
    )
    numbers = digests.dictionary_encode().indices.to_numpy()
    is_new = np.zeros(len(numbers), np.bool_)
    is_new[np.unique(numbers, return_index=True)[1]] = True
    is_new &= ~contains(keys)
    if is_new.all():
        return
    begin = 0
    group = FileEdit(table, [], kept_rows=[])
    for file in files:
        kept = is_new[begin : begin + file.rows]
        begin += file.rows
        if kept.all():
            continue
        group.files.append(file)
        group.kept_rows.append(np.packbits(kept).tobytes())
        if len(group.files) == MERGED_FILES:
            yield group
            group = FileEdit(table, [], kept_rows=[])
    if group.files:
        yield group


def _total(
    reports: Iterable[TaskReport], claims: Optional[pa.Table], resolution: DuplicateResolution
) -> CommittedBatch:
    """Add up the reports of the tasks and what the resolution changed."""
    counts = BatchCounts()
    quarantined: list[QuarantinedObject] = []
    for report in reports:
        for outcome in report.outcomes:
            counts.outcomes[Outcome(outcome.status, outcome.reason_code)] += outcome.count
        quarantined += [QuarantinedObject(q.source_id, q.reason_code) for q in report.quarantined]
        counts.objects += report.items
        counts.bytes_in += report.bytes_in
        counts.bytes_out += report.bytes_out
    changed = resolution.refused.keys() | resolution.same_content
    if claims is not None and changed:
        wanted = pa.array(sorted(changed), pa.string())
        sizes = claims["size"].filter(pc.is_in(claims["source_id"], wanted))
        counts.bytes_out -= pc.sum(sizes).as_py() or 0
    for source_id, (reason_code, _) in resolution.refused.items():
        counts.outcomes[Outcome(Status.DEIDENTIFIED.value, "")] -= 1
        counts.outcomes[Outcome(Status.QUARANTINED.value, reason_code)] += 1
        quarantined.append(QuarantinedObject(source_id, reason_code))
    counts.outcomes = +counts.outcomes
    return CommittedBatch(counts, quarantined)
