"""Write de-identified objects and make the rows about them, in a worker."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Optional

from jobs.common.delta.arrow_rows import Int32
from jobs.common.delta.rows import (
    AuditRow,
    CatalogRow,
    FindingRow,
    InstanceRow,
    MappingRow,
    SourceRow,
)
from jobs.common.images.tasks import BatchContext, SourceItem
from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.run.outputs import StoredOutput, store_output
from jobs.common.spark.row_buffer import InstanceKey, RowBuffer
from jobs.common.storage.location import parse_uri
from safelight.records import Result, Status
from safelight.version import VERSION


@dataclass(slots=True)
class WorkerInstanceRow(InstanceRow):
    """A row of ``instances`` with the columns that the driver needs to resolve duplicates.

    Attributes
    ----------
    position : int
        Position in the listing of the batch.
    written : str or None
        Outcome of the conditional write; ``None`` if nothing was to be written.
    """

    position: Int32
    written: Optional[str]


_ROW_TYPES = (SourceRow, MappingRow, AuditRow, FindingRow, CatalogRow, WorkerInstanceRow)


class ObjectRecorder:
    """Write objects and buffer the rows about them.

    Parameters
    ----------
    context : BatchContext

    Attributes
    ----------
    buffer : RowBuffer
    names : Pseudonyms
        Derives the keyed hashes of the tables.
    """

    def __init__(self, context: BatchContext):
        self.names = context.deidentifier.pseudonyms()
        self.buffer = RowBuffer(_ROW_TYPES)
        self._context = context
        self._output = parse_uri(context.output)
        self._mapping = MappingRowWriter(self.buffer, self.names, context.run_id, context.batch)

    def write(self, result: Result, replace: bool) -> Optional[StoredOutput]:
        """Write the object of a result, if it has one.

        Parameters
        ----------
        result : Result
        replace : bool
            Replace an existing object.

        Raises
        ------
        OutputError
            If the output cannot be written: the run fails, not the object.
        """
        if result.status is not Status.DEIDENTIFIED or result.data is None:
            return None
        name = f"{result.study_uid}/{result.series_uid}/{result.sop_uid}.dcm"
        return store_output(self._output.child(name), result.data, replace=replace)

    def record(
        self, source: SourceItem, result: Result, stored: Optional[StoredOutput], seconds: float
    ) -> None:
        """Buffer the rows of all tables about one object.

        Parameters
        ----------
        source : SourceItem
        result : Result
        stored : StoredOutput, optional
        seconds : float
            Time that the object took.
        """
        self._mapping.add_source(source.source_id, source.uri, source.size, source.version)
        self.buffer.add(self._instance_row(source, result, stored, seconds))
        if stored:
            self._record_object(source, result, stored.uri)

    def _instance_row(
        self, source: SourceItem, result: Result, stored: Optional[StoredOutput], seconds: float
    ) -> WorkerInstanceRow:
        context = self._context
        return WorkerInstanceRow(
            run_id=context.run_id,
            batch=context.batch,
            source_id=source.source_id,
            source_bytes=source.size,
            status=result.status.value,
            reason_code=result.reason_code,
            reason=result.reason,
            output_uri=stored.uri if stored else None,
            output_bytes=stored.size if stored else None,
            output_sha256=stored.sha256 if stored else None,
            sop_class_uid=result.sop_class_uid,
            modality=result.modality,
            transfer_syntax_in=result.transfer_syntax_in,
            transfer_syntax_out=result.transfer_syntax_out,
            patient_pseudonym=result.patient_pseudonym,
            study_uid=result.study_uid,
            series_uid=result.series_uid,
            sop_uid=result.sop_uid,
            rules_hash=context.deidentifier.rules_hash,
            rules_name=context.rules_name,
            namespace=context.deidentifier.namespace,
            key_id=self.names.key_id,
            stages=context.deidentifier.stages,
            output_root=self._output.uri,
            software_version=VERSION,
            processed_at=datetime.now(timezone.utc),
            seconds=seconds,
            position=source.position,
            written=stored.written.value if stored else None,
        )

    def _record_object(self, source: SourceItem, result: Result, uri: str) -> None:
        """Buffer the rows about an output object."""
        run_id, batch, source_id = self._context.run_id, self._context.batch, source.source_id
        instance = InstanceKey(run_id, batch, source_id, result.sop_uid)
        self.buffer.add_actions(instance, result.actions)
        for finding in result.findings:
            self.buffer.add(
                FindingRow(
                    *instance,
                    location=finding.location,
                    entity=finding.entity,
                    engine=finding.engine,
                    confidence=finding.confidence,
                    box=list(finding.box) if finding.box else None,
                    frame=finding.frame,
                    text_hmac=finding.text_hmac,
                )
            )
        self.buffer.add(
            CatalogRow(
                run_id=run_id,
                batch=batch,
                source_id=source_id,
                patient_pseudonym=result.patient_pseudonym,
                study_uid=result.study_uid,
                series_uid=result.series_uid,
                sop_uid=result.sop_uid,
                sop_class_uid=result.sop_class_uid,
                output_uri=uri,
                **result.catalog,
            )
        )
        self._mapping.add_pairs(result.mappings)
