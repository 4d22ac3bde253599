"""Plug-in of the job for DICOM objects."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Optional

import pyarrow as pa

from jobs.common.delta.rows import (
    AuditRow,
    CatalogRow,
    FindingRow,
    InstanceRow,
    MappingRow,
    SourceRow,
)
from jobs.common.images.recorder import ObjectRecorder
from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.run.plugin import Annotations, ItemScan, Plugin
from jobs.common.run.work_items import BatchContext, WorkItem
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.row_buffer import RowBuffer
from jobs.common.storage.location import parse_source_uri
from jobs.common.storage.prefetch import ByteRange
from safelight.notes.models import PatientFacts
from safelight.pseudonyms import Pseudonyms
from safelight.records import Refusal, Result

if TYPE_CHECKING:
    from safelight import Deidentifier

#: Bytes that SCAN reads first of a large object on S3 whose pixels it does not need. A smaller
#: object is read whole at once, since a request costs more than its bytes.
HEADER_BYTES = 128 * 1024
LARGE_BYTES = 1024 * 1024


def build_deidentifier(config: DeidentifierConfig) -> Deidentifier:
    """Return the de-identifier of DICOM objects."""
    from jobs.common.run.lookup_tables import read_lookup_rows
    from safelight import Deidentifier

    return Deidentifier(
        config.rules,
        key=config.key,
        namespace=config.namespace,
        pixels=config.pixels,
        text=config.text,
        lookup_rows=read_lookup_rows(config.rules) if config.rules.lookups else None,
    )


@dataclass(frozen=True)
class ImagePlugin(Plugin[WorkItem, "Deidentifier", Result]):
    """DICOM objects: one item per object.

    Attributes
    ----------
    build : callable
        Builds the de-identifier of a worker process.
    """

    build: Callable[[DeidentifierConfig], Deidentifier] = build_deidentifier

    command = "deidentify"
    item_type = WorkItem
    row_types = (SourceRow, MappingRow, AuditRow, FindingRow, CatalogRow, InstanceRow)

    def list_items(self, sources: pa.Table) -> pa.Table:
        """Return the sources; see :class:`jobs.common.run.plugin.Plugin`."""
        return sources

    def scan_range(self, item: WorkItem, context: BatchContext) -> ByteRange:
        """Return the bytes that SCAN reads first: mostly the header, if it is enough.

        That is so for a large object on S3 whose pixels are not checked. To read a local file
        twice costs nothing.

        Parameters
        ----------
        item : WorkItem
        context : BatchContext
        """
        whole = self.rebuild_range(item)
        if context.deidentifier.pixels or item.size <= LARGE_BYTES:
            return whole
        if not parse_source_uri(item.uri).on_s3:
            return whole
        return ByteRange(item.uri, item.version, item.size, end=HEADER_BYTES)

    def scan(self, engine: Deidentifier, item: WorkItem, data: bytes) -> Optional[ItemScan]:
        """Return the texts of an object; ``None`` if its header is longer than the bytes.

        Parameters
        ----------
        engine : Deidentifier
        item : WorkItem
        data : bytes
            The object, or its first bytes.
        """
        # Sizes of HealthImaging are estimates; its instances are always read as a whole.
        is_whole = len(data) >= item.size or parse_source_uri(item.uri).on_healthimaging
        found = engine.scan(data) if is_whole else engine.scan_start(data, item.size)
        return None if found is None else ItemScan(sorted(found.texts), state=found)

    def rebuild(
        self,
        engine: Deidentifier,
        item: WorkItem,
        data: bytes,
        scan: Optional[ItemScan],
        annotations: Annotations,
        facts: Mapping[str, PatientFacts],
    ) -> Result:
        """De-identify an object; see :class:`jobs.common.run.plugin.Plugin`.

        Parameters
        ----------
        engine : Deidentifier
        item : WorkItem
        data : bytes
        scan : ItemScan, optional
        annotations : mapping, optional
        facts : mapping
            Not used: the header of the object has the known values of its patient.
        """
        del item, facts
        if scan is None:
            return engine.deidentify(data)
        found = scan.state
        spans = annotations or {}
        annotated = {text: spans[text] for text in found.texts if text in spans}
        return engine.rebuild(data, found, annotated)

    def refuse(self, refusal: Refusal) -> Result:
        """Return the result of an object that was refused."""
        return Result(refusal.status, refusal.reason.value, refusal.sentence)

    def make_recorder(
        self,
        context: BatchContext,
        names: Pseudonyms,
        buffer: RowBuffer,
        mapping: MappingRowWriter,
    ) -> ObjectRecorder:
        """Return the recorder of a task; see :class:`jobs.common.run.plugin.Recorder`.

        Parameters
        ----------
        context : BatchContext
        names : Pseudonyms
        buffer : RowBuffer
        mapping : MappingRowWriter
        """
        return ObjectRecorder(context, names, buffer, mapping)
