"""Plug-in of the job for clinical notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

import pyarrow as pa

from jobs.common.delta.rows import MappingRow, NoteFileRow, NoteFindingRow, NoteRow, SourceRow
from jobs.common.notes.piece_item import PieceItem
from jobs.common.notes.pieces import PIECE_BYTES, can_split, list_pieces, read_piece
from jobs.common.notes.recorder import NotesRecorder
from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.run.plugin import Annotations, ItemScan, Plugin
from jobs.common.run.work_items import BatchContext
from jobs.common.spark.deidentifier_factory import DeidentifierConfig
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.spark.row_buffer import RowBuffer
from jobs.common.storage.prefetch import ByteRange
from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.formats import describe_suffixes
from safelight.notes.models import FilePartResult, PatientFacts
from safelight.notes.options import NotesOptions
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Status


@dataclass(frozen=True)
class NotesBuilder:
    """Builder of the de-identifier of notes; equal builders build the same de-identifier.

    Attributes
    ----------
    options : NotesOptions
        Options of the run about its input.
    year : int
        Year of the run, which all workers share.
    """

    options: NotesOptions
    year: int

    def __call__(self, config: DeidentifierConfig) -> NotesDeidentifier:
        """Return the de-identifier."""
        from jobs.common.run.lookup_tables import read_lookup_rows

        return NotesDeidentifier(
            config.rules,
            key=config.key,
            namespace=config.namespace,
            text=config.text,
            options=self.options,
            year=self.year,
            lookup_rows=read_lookup_rows(config.rules) if config.rules.lookups else None,
        )


@dataclass(frozen=True)
class NotesPlugin(Plugin[PieceItem, NotesDeidentifier, FilePartResult]):
    """Clinical notes: one item per file, or per piece of a large file.

    Attributes
    ----------
    build : NotesBuilder
        Builds the de-identifier of a worker process.
    fields_hash : str
        Hash of the options and of the tables of columns and fields.
    limits : ObjectLimits
        Time and memory of splitting one file.
    piece_bytes : int
        Largest size of a piece of a file that can be split.
    """

    build: NotesBuilder
    fields_hash: str
    limits: ObjectLimits = ObjectLimits()
    piece_bytes: int = PIECE_BYTES

    command = "notes"
    item_type = PieceItem
    row_types = (SourceRow, MappingRow, NoteFindingRow, NoteRow, NoteFileRow)

    def must_read(self, sources: pa.Table) -> pa.Array:
        """Return which files are split: they must be read for it."""
        return can_split(sources, self.piece_bytes)

    def list_items(self, sources: pa.Table) -> pa.Table:
        """Return the pieces of files; see :class:`jobs.common.run.plugin.Plugin`."""
        return list_pieces(sources, self.build.options, self.piece_bytes, self.limits)

    def rebuild_range(self, item: PieceItem) -> ByteRange:
        """Return the bytes of the piece."""
        return ByteRange(item.uri, item.version, item.size, item.begin, item.end)

    def scan(self, engine: NotesDeidentifier, item: PieceItem, data: bytes) -> Optional[ItemScan]:
        """Return the texts of a piece and the patients that it refers to.

        Parameters
        ----------
        engine : NotesDeidentifier
        item : PieceItem
        data : bytes
        """
        _require_notes(item)
        found = engine.scan(read_piece(item, data))
        return ItemScan(sorted(found.texts), sorted(found.patients))

    def rebuild(
        self,
        engine: NotesDeidentifier,
        item: PieceItem,
        data: bytes,
        scan: Optional[ItemScan],
        annotations: Annotations,
        facts: Mapping[str, PatientFacts],
    ) -> FilePartResult:
        """De-identify a piece; see :class:`jobs.common.run.plugin.Plugin`.

        Parameters
        ----------
        engine : NotesDeidentifier
        item : PieceItem
        data : bytes
        scan : ItemScan, optional
            Not used.
        annotations : mapping, optional
        facts : mapping
        """
        del scan
        _require_notes(item)
        return engine.rebuild(read_piece(item, data), annotations, facts)

    def refuse(self, refusal: Refusal) -> FilePartResult:
        """Return the result of a piece that was refused."""
        return FilePartResult(refusal.status, refusal.reason.value, refusal.sentence)

    def make_recorder(
        self,
        context: BatchContext,
        names: Pseudonyms,
        buffer: RowBuffer,
        mapping: MappingRowWriter,
    ) -> NotesRecorder:
        """Return the recorder of a task; see :class:`jobs.common.run.plugin.Recorder`.

        Parameters
        ----------
        context : BatchContext
        names : Pseudonyms
        buffer : RowBuffer
        mapping : MappingRowWriter
        """
        return NotesRecorder(context, names, buffer, mapping, self.fields_hash)


def _require_notes(item: PieceItem) -> None:
    """Raise if a piece is not of a file of notes, or its output exists under other settings.

    Raises
    ------
    Refusal
    """
    if not item.format:
        raise Refusal(
            Reason.NOT_NOTES,
            f"the file is not a file of notes; their names end in {describe_suffixes()}",
            Status.FILTERED,
        )
    if item.conflict:
        raise Refusal(
            Reason.OUTPUT_CONFLICT,
            "the output has this file under other rules or options; give a separate --output",
        )
