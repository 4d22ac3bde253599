"""Record the items of one task: write outputs and the data files of the tables."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from typing import Any, Optional

import pyarrow as pa

from jobs.common.delta.arrow_rows import arrow_schema, columns_of
from jobs.common.delta.data_files import DataFile, data_file_name, write_data_file
from jobs.common.delta.rows import MappingRow
from jobs.common.delta.schemas import RESTRICTED_TABLES
from jobs.common.mapping_store.dynamodb_table import find_table
from jobs.common.run.duplicates import OutputClaim
from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.run.outputs import OutputError
from jobs.common.run.plugin import Plugin
from jobs.common.run.work_items import (
    BatchContext,
    OutcomeCount,
    QuarantinedSource,
    TaskReport,
    WorkItem,
)
from jobs.common.spark.row_buffer import RowBuffer
from jobs.common.storage.location import parse_uri
from safelight.records import Refusal, Status

#: Rows after which a task writes data files, so that its memory is bounded.
FLUSH_ROWS = 100_000

#: Quarantined sources that a task reports by ID.
_MAX_EXAMPLES = 10


class TaskRecorder:
    """Recorder of the items of one task.

    Parameters
    ----------
    plugin : Plugin
    context : BatchContext

    Attributes
    ----------
    names : Pseudonyms
        Derives the keyed hashes of the tables.
    """

    def __init__(self, plugin: Plugin[Any, Any, Any], context: BatchContext):
        self.names = context.deidentifier.pseudonyms()
        self._plugin = plugin
        self._context = context
        self._started = time.perf_counter()
        self._buffer = RowBuffer(plugin.row_types)
        mapping = MappingRowWriter(
            self._buffer,
            self.names,
            context.run_id,
            context.batch,
            context.deidentifier.sealing_key,
        )
        self._recorder = plugin.make_recorder(context, self.names, self._buffer, mapping)
        self._mapping_table = find_table(context.mapping_store)
        self._files: list[DataFile] = []
        self._claims: list[OutputClaim] = []
        self._outcomes: Counter[tuple[str, str]] = Counter()
        self._quarantined: list[QuarantinedSource] = []
        self._items = self._bytes_in = self._bytes_out = 0

    def process(self, item: WorkItem, rebuild: Callable[[], Any]) -> None:
        """Rebuild one item, write its output and buffer its rows.

        Parameters
        ----------
        item : WorkItem
        rebuild : callable
            Returns the outcome, or raises why there is none.

        Raises
        ------
        OutputError
            If the output cannot be written.
        """
        started = time.perf_counter()
        stored = None
        try:
            outcome = rebuild()
            stored = self._recorder.write(item, outcome)
        except OutputError:
            raise
        except Exception as error:
            outcome = self._plugin.refuse(Refusal.from_exception(error))
        seconds = time.perf_counter() - started
        record = self._recorder.record(item, outcome, stored, seconds)
        if record.claim is not None:
            self._claims.append(record.claim)
        self._items += 1
        self._count(item, record.outcomes)
        self._bytes_in += record.bytes_in
        self._bytes_out += record.bytes_out
        if len(self._buffer) >= FLUSH_ROWS:
            self._flush()

    def finish(self) -> TaskReport:
        """Write the remaining rows and return the report of the task."""
        self._flush()
        return TaskReport(
            files=self._files,
            claims=encode_claims(self._claims),
            items=self._items,
            outcomes=[OutcomeCount(*key, count) for key, count in self._outcomes.items()],
            quarantined=self._quarantined,
            bytes_in=self._bytes_in,
            bytes_out=self._bytes_out,
            seconds=time.perf_counter() - self._started,
        )

    def _count(self, item: WorkItem, outcomes: Counter[tuple[str, str]]) -> None:
        self._outcomes += outcomes
        for status, reason_code in outcomes:
            is_quarantined = status == Status.QUARANTINED.value
            if is_quarantined and len(self._quarantined) < _MAX_EXAMPLES:
                self._quarantined.append(QuarantinedSource(item.source_id, reason_code))

    def _flush(self) -> None:
        rows_by_table = self._buffer.take_tables()
        if self._context.replaces_outputs:
            return
        if self._mapping_table is not None and MappingRow.table in rows_by_table:
            rows = rows_by_table.pop(MappingRow.table).to_pylist()
            self._mapping_table.add(MappingRow(**row) for row in rows)
        for table, rows in rows_by_table.items():
            root = self._context.mapping if table in RESTRICTED_TABLES else self._context.tables
            name = data_file_name(self._context.run_id, self._context.batch, _task_number())
            folder = parse_uri(root).child(table)
            try:
                self._files.append(write_data_file(folder, table, rows, name))
            except OutputError:
                raise
            except Exception as error:
                raise OutputError.of(error) from None


def _task_number() -> int:
    """Return the number of the task in its stage; 0 outside of Spark."""
    from pyspark import TaskContext

    context = TaskContext.get()
    return 0 if context is None else context.partitionId()


def encode_claims(claims: list[OutputClaim]) -> bytes:
    """Return claims as an Arrow stream; empty if there are none."""
    if not claims:
        return b""
    schema = arrow_schema(OutputClaim)
    batch = pa.RecordBatch.from_arrays(columns_of(OutputClaim, claims), schema=schema)
    sink = pa.BufferOutputStream()
    options = pa.ipc.IpcWriteOptions(compression="lz4")
    with pa.ipc.new_stream(sink, batch.schema, options=options) as stream:
        stream.write_batch(batch)
    return bytes(sink.getvalue())


def decode_claims(reports: list[TaskReport]) -> Optional[pa.Table]:
    """Return the claims of all tasks of a batch, in the order of the listing; ``None`` if none."""
    tables = [pa.ipc.open_stream(report.claims).read_all() for report in reports if report.claims]
    return pa.concat_tables(tables).sort_by("position") if tables else None
