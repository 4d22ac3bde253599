"""Remove the notes of withdrawn patients from the outputs of `notes`."""

from __future__ import annotations

import hashlib
from collections import Counter, defaultdict
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import pyarrow.dataset as ds

from jobs.common.delta.sql_literals import list_conditions, sql_literal
from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.withdrawals.table_rows import TableRowRemoval
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import delete_object, read_object, write_object
from safelight.notes.gzip_files import GZIP_SUFFIX, compress, decompress
from safelight.notes.record_removal import WrittenRecord, remove_records
from safelight.records import Refusal, Status

_COLUMNS = ("output_uri", "piece", "row", "patient_pseudonym", "note_id", "output_sha256")


class NoteCounts(NamedTuple):
    """Numbers of notes of withdrawn patients.

    Attributes
    ----------
    removed : int
        Notes that were removed from their files.
    left : int
        Notes in files that were changed since, so that they cannot be found there.
    """

    removed: int
    left: int


def remove_notes(tables: Tables, patients: Collection[str], reason_code: str) -> NoteCounts:
    """Remove the notes of patients from all outputs, and record it.

    Parameters
    ----------
    tables : Tables
        Tables with a lease.
    patients : collection of str
        Pseudonyms.
    reason_code : str
        Reason code of the removed notes in ``notes``.
    """
    concerned: dict[str, list[dict[str, Any]]] = defaultdict(list)
    uris = {
        row["output_uri"]
        for row in tables.rows("notes", _COLUMNS, _is_written(patients))
        if row["output_uri"]
    }
    if not uris:
        return NoteCounts(0, 0)
    in_files = ds.field("output_uri").isin(sorted(uris))
    for row in tables.rows("notes", _COLUMNS, in_files):
        concerned[row["output_uri"]].append(row)
    formats = {
        row["output_uri"]: row["format"]
        for row in tables.rows("note_files", ["output_uri", "format"], in_files)
    }
    removed = left = 0
    for uri, rows in concerned.items():
        gone = [row for row in rows if row["patient_pseudonym"] in patients]
        if _remove_from_file(tables, uri, formats.get(uri, ""), rows, patients):
            _record(tables, uri, gone, reason_code)
            removed += len(gone)
        else:
            left += len(gone)
    return NoteCounts(removed, left)


def _is_written(patients: Collection[str]) -> ds.Expression:
    return ds.field("patient_pseudonym").isin(sorted(patients)) & ds.field("output_uri").is_valid()


def _remove_from_file(
    tables: Tables,
    uri: str,
    format_name: str,
    rows: Sequence[dict[str, Any]],
    patients: Collection[str],
) -> bool:
    """Remove the notes of patients from one file; return whether this was possible."""
    if format_name == "delta":
        return _remove_from_table(tables, uri, rows, patients)
    if all(row["patient_pseudonym"] in patients for row in rows):
        delete_object(uri)
        _update_file(tables, uri, {"output_uri": "NULL", "output_sha256": "NULL"})
        return True
    ordered = sorted(rows, key=lambda row: (row["piece"], row["row"]))
    records = [
        WrittenRecord(row["output_sha256"] or "", row["patient_pseudonym"] in patients)
        for row in ordered
    ]
    try:
        data = read_object(uri, None)
    except Refusal:
        return False
    is_compressed = uri.endswith(GZIP_SUFFIX)
    new = remove_records(decompress(data) if is_compressed else data, format_name, records)
    if new is None:
        return False
    new = compress(new) if is_compressed else new
    digest = hashlib.sha256(new).hexdigest()
    write_object(uri, new, digest, replace=True, content_type="application/octet-stream")
    changed = {"output_sha256": sql_literal(digest), "output_bytes": str(len(new))}
    _update_file(tables, uri, changed)
    return True


def _remove_from_table(
    tables: Tables, uri: str, rows: Sequence[dict[str, Any]], patients: Collection[str]
) -> bool:
    """Remove the notes of patients from a Delta table; return whether all of them are gone."""
    # Each version of the source has rows of its own for the same notes.
    notes = {(row["note_id"], row["output_sha256"] or "", row["patient_pseudonym"]) for row in rows}
    removed = {digest for _, digest, patient in notes if patient in patients}
    others = Counter(digest for _, digest, patient in notes if patient not in patients)
    tables.check_lease()
    return TableRowRemoval(parse_uri(uri), removed, others).run()


def _update_file(tables: Tables, uri: str, values: dict[str, str]) -> None:
    tables.check_lease()
    tables.folder("note_files").update(f"output_uri = {sql_literal(uri)}", values)


def _record(tables: Tables, uri: str, gone: Sequence[dict[str, Any]], reason_code: str) -> None:
    """Record removed notes, and delete their findings."""
    note_ids = [row["note_id"] for row in gone]
    tables.check_lease()
    for condition in list_conditions("note_id", note_ids):
        if tables.exists("notes_findings"):
            tables.delete("notes_findings", condition)
        tables.folder("notes").update(
            f"output_uri = {sql_literal(uri)} AND {condition}",
            {
                "status": sql_literal(Status.FILTERED.value),
                "reason_code": sql_literal(reason_code),
                "reason": sql_literal("the patient was withdrawn"),
                "output_uri": "NULL",
            },
        )
