"""Write pieces of notes and make the rows about them and their notes, in a worker."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime, timezone
from typing import Optional

from jobs.common.delta.rows import NoteFileRow, NoteFindingRow, NoteRow
from jobs.common.notes.delta_io import parts_folder, table_name
from jobs.common.notes.piece_item import PieceItem
from jobs.common.run.mapping_rows import MappingRowWriter
from jobs.common.run.outputs import StoredOutput, store_output
from jobs.common.run.plugin import ItemRecord, Recorder
from jobs.common.run.work_items import BatchContext
from jobs.common.spark.row_buffer import RowBuffer
from safelight.notes.formats import FORMATS
from safelight.notes.gzip_files import GZIP_SUFFIX, compress, is_gzipped
from safelight.notes.models import FilePartResult, NoteResult
from safelight.pseudonyms import Pseudonyms
from safelight.records import Status
from safelight.version import VERSION


class NotesRecorder(Recorder[PieceItem, FilePartResult]):
    """Write pieces and buffer the rows about them and their notes.

    Parameters
    ----------
    context : BatchContext
    names : Pseudonyms
    buffer : RowBuffer
    mapping : MappingRowWriter
    fields_hash : str
        Hash of the options and of the tables of columns and fields.
    """

    def __init__(
        self,
        context: BatchContext,
        names: Pseudonyms,
        buffer: RowBuffer,
        mapping: MappingRowWriter,
        fields_hash: str,
    ):
        super().__init__(context, names, buffer, mapping)
        self._fields_hash = fields_hash

    def output_name(self, piece: PieceItem, result: FilePartResult) -> str:
        """Return the name of a piece in the output: a pseudonym, since source names hold PHI.

        Parameters
        ----------
        piece : PieceItem
            The piece.
        result : FilePartResult
            Result of the de-identification of the piece.

        Returns
        -------
        str
            Path below the folder of the output.
        """
        if piece.format == "delta":
            # The rows are committed to the table once all of them are written.
            folder = parts_folder(self.context.run_id, piece.source_id, self.names)
            return f"{folder}/{piece.piece}.parquet"
        token = self.names.token("file", piece.source_id, 24)
        patient = result.notes[0].patient_pseudonym if result.notes else ""
        name = FORMATS[piece.format].output_name(token, piece.piece, piece.pieces, patient)
        return name + (GZIP_SUFFIX if is_gzipped(piece.uri) else "")

    def write(self, item: PieceItem, outcome: FilePartResult) -> Optional[StoredOutput]:
        """Write the de-identified piece, if there is one.

        A file at its location is that of a killed run, and is replaced: if it were committed,
        the piece would be done or refused.

        Parameters
        ----------
        item : PieceItem
            The piece.
        outcome : FilePartResult
            Result of the de-identification; its ``data`` is ``None`` without an output.

        Returns
        -------
        StoredOutput or None
            The written output; ``None`` if there is none. For a piece of a Delta table, its URI is
            that of the table.

        Raises
        ------
        OutputError
            If the output cannot be written: the run fails, not the piece.
        """
        if outcome.data is None:
            return None
        data = compress(outcome.data) if is_gzipped(item.uri) else outcome.data
        location = self.output.child(self.output_name(item, outcome))
        stored = store_output(location, data, replace=True, content_type="application/octet-stream")
        if item.format == "delta":
            name = table_name(item.uri, self.context.deidentifier, self._fields_hash)
            return replace(stored, uri=self.output.child(name).uri)
        return stored

    def record(
        self,
        item: PieceItem,
        outcome: FilePartResult,
        stored: Optional[StoredOutput],
        seconds: float,
    ) -> ItemRecord:
        """Buffer the rows of all tables about one piece.

        Parameters
        ----------
        item : PieceItem
        outcome : FilePartResult
        stored : StoredOutput, optional
        seconds : float
            Time that the piece took.
        """
        piece, result = item, outcome
        now = datetime.now(timezone.utc)
        self.mapping.add_source(piece.source_id, piece.uri, piece.size, piece.version)
        self.mapping.add_pairs(result.mappings)
        for note in result.notes:
            self._record_note(piece, note, stored, now)
        context = self.context
        self.buffer.add(
            NoteFileRow(
                run_id=context.run_id,
                batch=context.batch,
                source_id=piece.source_id,
                piece=piece.piece,
                pieces=piece.pieces,
                format=piece.format,
                source_bytes=piece.size,
                status=result.status.value,
                reason_code=result.reason_code,
                reason=result.reason,
                notes=len(result.notes),
                notes_quarantined=sum(n.status is Status.QUARANTINED for n in result.notes),
                output_uri=stored.uri if stored else None,
                output_bytes=stored.size if stored else None,
                output_sha256=stored.sha256 if stored else None,
                rules_hash=context.deidentifier.rules_hash,
                rules_name=context.rules_name,
                fields_hash=self._fields_hash,
                namespace=context.deidentifier.namespace,
                key_id=self.names.key_id,
                stages=context.deidentifier.stages,
                output_root=self.output.uri,
                software_version=VERSION,
                processed_at=now,
                seconds=seconds,
            )
        )
        return ItemRecord(
            outcomes=_count_notes(result),
            bytes_in=piece.size if piece.piece == 1 else 0,
            bytes_out=stored.size if stored else 0,
        )

    def _record_note(
        self, piece: PieceItem, note: NoteResult, stored: Optional[StoredOutput], now: datetime
    ) -> None:
        context = self.context
        is_written = note.status is Status.DEIDENTIFIED and stored is not None
        self.buffer.add(
            NoteRow(
                run_id=context.run_id,
                batch=context.batch,
                source_id=piece.source_id,
                piece=piece.piece,
                row=note.row,
                note_id=note.note_id,
                patient_pseudonym=note.patient_pseudonym,
                status=note.status.value,
                reason_code=note.reason_code,
                reason=note.reason,
                chars_in=note.chars_in,
                chars_out=note.chars_out,
                output_uri=stored.uri if is_written and stored else None,
                output_sha256=note.sha256 or None,
                rules_hash=context.deidentifier.rules_hash,
                processed_at=now,
            )
        )
        for finding in note.findings:
            self.buffer.add(
                NoteFindingRow(
                    run_id=context.run_id,
                    batch=context.batch,
                    source_id=piece.source_id,
                    piece=piece.piece,
                    row=note.row,
                    note_id=note.note_id,
                    field=finding.field,
                    entity=finding.entity,
                    engine=finding.engine,
                    confidence=finding.confidence,
                    action=finding.action,
                    begin=finding.begin,
                    end=finding.end,
                    text_hmac=self.names.hexdigest("notes_findings/text", finding.text_hmac),
                )
            )


def _count_notes(result: FilePartResult) -> Counter[tuple[str, str]]:
    """Return the notes of a piece by status and reason code; a refused piece is one note."""
    if result.status is not Status.DEIDENTIFIED:
        return Counter({(result.status.value, result.reason_code): 1})
    counts: Counter[tuple[str, str]] = Counter()
    for note in result.notes:
        is_refused = note.status is Status.QUARANTINED
        status = Status.QUARANTINED if is_refused else Status.DEIDENTIFIED
        counts[status.value, note.reason_code] += 1
    return counts
