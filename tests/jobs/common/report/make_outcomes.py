from __future__ import annotations

from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Optional

from jobs.common.delta.rows import InstanceRow, NoteFileRow, NoteRow, RunRow, SourceRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import parse_uri


def time_of(minute: int) -> datetime:
    return datetime(2026, 1, 2, 3, minute, tzinfo=timezone.utc)


def make_instance(
    source_id: str, run: int = 1, reason: str = "", output_root: str = "/out"
) -> InstanceRow:
    """Return the row of a source, de-identified unless it has a reason."""
    return InstanceRow(
        run_id=f"r{run}", batch=0, source_id=source_id, source_bytes=9,
        status="quarantined" if reason else "deidentified", reason_code=reason,
        reason=f"because of {reason}" if reason else "",
        output_uri=None if reason else f"{output_root}/{source_id}.dcm", output_bytes=5,
        output_sha256="", sop_class_uid="", modality="CT", transfer_syntax_in="",
        transfer_syntax_out="", patient_pseudonym="", study_uid="", series_uid="", sop_uid="",
        rules_hash="", rules_name="", namespace="default", key_id="k", stages="",
        output_root=output_root, software_version="", processed_at=time_of(run), seconds=0.1,
    )  # fmt: skip


def make_note_file(
    source_id: str, piece: int, run: int = 1, has_output: bool = True
) -> NoteFileRow:
    return NoteFileRow(
        run_id=f"r{run}", batch=0, source_id=source_id, piece=piece, pieces=2, format="csv",
        source_bytes=9, status="deidentified", reason_code="", reason="", notes=3,
        notes_quarantined=1, output_uri=f"/out/{piece}.csv" if has_output else None,
        output_bytes=5, output_sha256="",
        rules_hash="", rules_name="", fields_hash="", namespace="default", key_id="k", stages="",
        output_root="/out", software_version="", processed_at=time_of(run), seconds=0.1,
    )  # fmt: skip


def make_note(source_id: str, piece: int, row: int, reason: str, run: int = 1) -> NoteRow:
    return NoteRow(
        run_id=f"r{run}", batch=0, source_id=source_id, piece=piece, row=row, note_id="",
        patient_pseudonym="", status="quarantined" if reason else "deidentified",
        reason_code=reason, reason="", chars_in=1, chars_out=1, output_uri=None, output_sha256="",
        rules_hash="", processed_at=time_of(run),
    )  # fmt: skip


def make_source(source_id: str, uri: str) -> SourceRow:
    return SourceRow("r1", 0, source_id, uri, 9, "v", "default", "k")


def write_tables(folder: Path, restricted: Optional[Path] = None, spark: Any = None) -> Tables:
    """Write three objects, of which a second run repeated one, and a file of notes."""
    tables = Tables(
        spark, parse_uri(str(folder)), parse_uri(str(restricted)) if restricted else None
    )
    tables.append_rows(
        [
            make_instance("a"),
            make_instance("b", reason="unreadable_source"),
            make_instance("c", reason="truncated"),
        ]
    )
    tables.append_rows([make_instance("b", run=2), make_instance("a", run=2, output_root="/new")])
    tables.append_rows([make_note_file("n", piece, has_output=piece < 3) for piece in (1, 2, 3)])
    tables.append_rows(
        [
            make_note("n", 1, 0, ""),
            make_note("n", 2, 4, "malformed_row"),
            make_note("n", 2, 5, "malformed_row", run=9),  # its batch was not committed
            make_note("n", 3, 6, "malformed_row"),
        ]
    )
    names = {"a": "/in/3-doe.dcm", "b": "/in/2.dcm", "c": "/in/1.dcm", "n": "/in/notes.csv"}
    tables.append_rows([make_source(key, uri) for key, uri in names.items()])
    tables.append_rows([RunRow("r1", "deidentify", time_of(1)), RunRow("r3", "notes", time_of(3))])
    return tables
