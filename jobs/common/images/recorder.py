"""Write de-identified objects and make the rows about them, in a worker."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Optional

from jobs.common.delta.rows import CatalogRow, FindingRow, InstanceRow
from jobs.common.run.duplicates import OutputClaim
from jobs.common.run.outputs import StoredOutput, store_output
from jobs.common.run.plugin import ItemRecord, Recorder
from jobs.common.run.work_items import WorkItem
from jobs.common.spark.row_buffer import InstanceKey
from safelight.headers.catalog_types import name_sop_class
from safelight.records import Result, Status
from safelight.version import VERSION


class ObjectRecorder(Recorder[WorkItem, Result]):
    """Write objects and buffer the rows about them.

    See :class:`jobs.common.run.plugin.Recorder` for the parameters.
    """

    def write(self, item: WorkItem, outcome: Result) -> Optional[StoredOutput]:
        """Write the object of a result, if it has one.

        Parameters
        ----------
        item : WorkItem
        outcome : Result

        Raises
        ------
        OutputError
            If the output cannot be written: the run fails, not the object.
        """
        del item
        if outcome.status is not Status.DEIDENTIFIED or outcome.data is None:
            return None
        name = f"{outcome.study_uid}/{outcome.series_uid}/{outcome.sop_uid}.dcm"
        location = self.output.child(name)
        return store_output(location, outcome.data, replace=self.context.replaces_outputs)

    def record(
        self, item: WorkItem, outcome: Result, stored: Optional[StoredOutput], seconds: float
    ) -> ItemRecord:
        """Buffer the rows of all tables about one object.

        Parameters
        ----------
        item : WorkItem
        outcome : Result
        stored : StoredOutput, optional
        seconds : float
            Time that the object took.
        """
        self.mapping.add_source(item.source_id, item.uri, item.size, item.version)
        self.buffer.add(self._instance_row(item, outcome, stored, seconds))
        record = ItemRecord(bytes_in=item.size)
        record.outcomes[outcome.status.value, outcome.reason_code] = 1
        if stored:
            self._record_object(item, outcome, stored.uri)
            record.bytes_out = stored.size
            record.claim = OutputClaim(
                position=item.position,
                source_id=item.source_id,
                sop_uid=outcome.sop_uid,
                output_uri=stored.uri,
                sha256=stored.sha256,
                size=stored.size,
                written=stored.written.value,
            )
        return record

    def _instance_row(
        self, source: WorkItem, result: Result, stored: Optional[StoredOutput], seconds: float
    ) -> InstanceRow:
        context = self.context
        return InstanceRow(
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
            output_root=self.output.uri,
            software_version=VERSION,
            processed_at=datetime.now(timezone.utc),
            seconds=seconds,
        )

    def _record_object(self, source: WorkItem, result: Result, uri: str) -> None:
        """Buffer the rows about an output object."""
        run_id, batch, source_id = self.context.run_id, self.context.batch, source.source_id
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
                    text_hmac=self.names.hexdigest("findings/text", finding.text_hmac),
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
                sop_class_name=name_sop_class(result.sop_class_uid),
                transfer_syntax_uid=result.transfer_syntax_out,
                rules_name=self.context.rules_name,
                namespace=self.context.deidentifier.namespace,
            )
        )
        self.mapping.add_pairs(result.mappings)
