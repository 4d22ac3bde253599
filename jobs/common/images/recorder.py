"""Write objects, and make the rows about them; in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any, Optional

import pyarrow as pa

from jobs.common.delta.columns import arrow_schema
from jobs.common.delta.schemas import TABLES, WORKER_COLUMNS
from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.run.outputs import StoredOutput, store_output
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.row_buffer import RowBuffer
from jobs.common.storage.location import parse_uri
from safelight.records import Result, Status
from safelight.version import VERSION


@dataclass(frozen=True)
class BatchContext:
    """One batch of one run, as workers see it.

    ``isolated`` asks for a process of its own for each object.
    """

    deidentifier: DeidentifierConfig
    output: str
    run_id: str
    batch: int
    rules_name: str
    isolated: bool


@lru_cache(maxsize=1)
def worker_structs() -> dict[str, pa.StructType]:
    """The columns of what a worker hands over."""
    columns = TABLES | {"instances": f"{TABLES['instances']}, {WORKER_COLUMNS}"}
    return {table: pa.struct(list(arrow_schema(ddl))) for table, ddl in columns.items()}


class Recorder:
    """Writes objects and makes the rows about them."""

    def __init__(self, context: BatchContext):
        self.context = context
        self.names = context.deidentifier.pseudonyms()
        self.sink = RowBuffer(worker_structs())
        self._originals = MappingRowWriter(self.sink, self.names, (context.run_id, context.batch))
        self._output = parse_uri(context.output)

    def write(self, result: Result, replace: bool) -> Optional[StoredOutput]:
        """Write the object of a result, if it has one.

        Raises
        ------
        OutputError
            If the output takes no objects: then the run must fail, not the object.
        """
        if result.status is not Status.DEIDENTIFIED or result.data is None:
            return None
        name = f"{result.study_uid}/{result.series_uid}/{result.sop_uid}.dcm"
        return store_output(self._output.child(name), result.data, replace=replace)

    def record(
        self, row: dict[str, Any], result: Result, stored: Optional[StoredOutput], seconds: float
    ) -> None:
        """Rows of every table about one object."""
        context, sink = self.context, self.sink
        where = (context.run_id, context.batch, row["source_id"])
        self._originals.add_source(row)
        sink.add(
            "instances",
            (
                *where,
                row["size"],
                result.status.value,
                result.reason_code,
                result.reason,
                stored.uri if stored else None,
                stored.size if stored else None,
                stored.sha256 if stored else None,
                result.sop_class_uid,
                result.modality,
                result.transfer_syntax_in,
                result.transfer_syntax_out,
                result.patient_pseudonym,
                result.study_uid,
                result.series_uid,
                result.sop_uid,
                context.deidentifier.rules_hash,
                context.rules_name,
                context.deidentifier.namespace,
                self.names.key_id,
                context.deidentifier.stages,
                self._output.uri,
                VERSION,
                datetime.now(timezone.utc),
                seconds,
                row["position"],
                stored.written.value if stored else None,
            ),
        )
        if stored:
            self._details(where, result, stored.uri)

    def _details(self, where: tuple[Any, ...], result: Result, uri: str) -> None:
        sink, sop_uid = self.sink, result.sop_uid
        sink.add_actions((*where, sop_uid), result.actions)
        for f in result.findings:
            box = list(f.box) if f.box else None
            sink.add(
                "findings",
                (*where, sop_uid, f.location, f.entity, f.engine, f.confidence, box, f.frame)
                + (f.text_hmac,),
            )
        known = {
            "patient_pseudonym": result.patient_pseudonym,
            "study_uid": result.study_uid,
            "series_uid": result.series_uid,
            "sop_uid": sop_uid,
            "sop_class_uid": result.sop_class_uid,
            "output_uri": uri,
        }
        values = result.catalog | known
        columns = [column.name for column in self.sink.structs["catalog"]][len(where) :]
        sink.add("catalog", (*where, *(values.get(column) for column in columns)))
        self._originals.add_pairs(result.mappings)
