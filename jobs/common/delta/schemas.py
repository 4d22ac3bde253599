"""Schemas of the Delta tables, derived from the dataclasses of their rows."""

from __future__ import annotations

import pyarrow as pa

from jobs.common.delta import rows
from jobs.common.delta.arrow_rows import arrow_schema
from jobs.common.delta.rows import TableRow

_ROW_TYPES: tuple[type[TableRow], ...] = (
    rows.SourceRow, rows.MappingRow, rows.AuditRow, rows.FindingRow, rows.CatalogRow,
    rows.InstanceRow, rows.NoteFindingRow, rows.NoteRow, rows.NoteFileRow, rows.RunRow,
    rows.AnnotationRow, rows.ReidentificationRow, rows.ReleaseRow,
    rows.ReleaseObjectRow, rows.WithdrawalRow,
    rows.VerificationRow,
    rows.ImportRow, rows.ImageSetDeletionRow,
)  # fmt: skip

#: Row class by table.
ROW_TYPES: dict[str, type[TableRow]] = {row_type.table: row_type for row_type in _ROW_TYPES}

#: Tables of a batch of images. ``instances`` is committed last: its rows make the others count.
IMAGE_TABLES = ("sources", "mapping", "audit", "findings", "catalog", "instances")

#: Tables of a batch of notes. ``note_files`` is committed last: its rows make the others count.
NOTES_TABLES = ("sources", "mapping", "notes_findings", "notes", "note_files")

#: Table that is committed last by each job.
LAST_TABLES = ("instances", "note_files")

#: Tables with encrypted originals, with source URIs, and with links between the pseudonyms of
#: recipients. They are below ``--mapping`` where it is given.
RESTRICTED_TABLES = ("sources", "mapping", "release_objects")

#: Columns that identify a row of a restricted table. One original has several pseudonyms: a Patient
#: ID of two issuers, the name of two patients, an identifier in values of different lengths.
TABLE_KEYS = {
    "sources": ("source_id",),
    "mapping": (
        "namespace", "kind", "original_hmac", "key_id", "pseudonym", "patient_pseudonym",
    ),
}  # fmt: skip


def table_schema(table: str) -> pa.Schema:
    """Return the Arrow schema of a table."""
    return arrow_schema(ROW_TYPES[table])
