"""Rows about the objects of a release to a recipient, from the workers to the files of the release.

A worker makes one row per object: the row of the catalog of the release, and what the release has
to record about the object. The driver reads the rows in a stream.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import NamedTuple, Optional

import pyarrow as pa

from jobs.common.delta.arrow_rows import arrow_struct
from jobs.common.delta.schemas import table_schema
from jobs.common.export.verified_objects import NOT_VERIFIED
from safelight.releases.dicomdir import DirectoryEntry


@dataclass(frozen=True)
class SelectedObject:
    """One de-identified object that is to be released.

    Attributes
    ----------
    run_id, source_id, namespace, patient_pseudonym, sop_uid : str
        Columns of ``instances``.
    output_uri, output_sha256, stages : str
        Location, SHA-256 and stages of the object.
    output_bytes : int
        Size of the object.
    rules_name, rules_hash : str
        Rules of the first pass.
    verification : str
        Outcome of the last verification of the object, or that there was none.
    verification_scope : str
        What this verification did besides the checks of the elements.
    """

    run_id: str
    source_id: str
    namespace: str
    patient_pseudonym: str
    sop_uid: str
    output_uri: str
    output_sha256: str
    stages: str
    output_bytes: int
    rules_name: str = ""
    rules_hash: str = ""
    verification: str = NOT_VERIFIED
    verification_scope: str = ""


@dataclass(frozen=True)
class ReleasedObject:
    """One object of a release in the namespace of the recipient.

    Attributes
    ----------
    selected : SelectedObject
        De-identified object from which it was made.
    path : str
        Path below the folder of the release.
    sha256 : str
        SHA-256 of the released object.
    size : int
        Size in bytes.
    study_uid, series_uid, sop_uid, patient : str
        Identifiers for the recipient.
    attributes : mapping of str to str
        Values of the columns of ``catalog`` in the released object.
    method_codes : tuple of str
        Codes of De-identification Method Code Sequence.
    entry : DirectoryEntry, optional
        Records for the DICOMDIR.
    """

    selected: SelectedObject
    path: str
    sha256: str
    size: int
    study_uid: str
    series_uid: str
    sop_uid: str
    patient: str
    attributes: Mapping[str, str]
    method_codes: tuple[str, ...]
    entry: Optional[DirectoryEntry] = None


class RewriteOutcome(NamedTuple):
    """Outcome of one object.

    Attributes
    ----------
    selected : SelectedObject
        De-identified object.
    outcome : str
        Outcome of the write, or the reason for which the object was not released.
    released : ReleasedObject, optional
        Object of the release.
    is_refused : bool
        The second pass refuses the object; the release is made without it.
    """

    selected: SelectedObject
    outcome: str
    released: Optional[ReleasedObject] = None
    is_refused: bool = False


#: Columns of a row besides those of the catalog of the release, which are null without a released
#: object.
_OUTCOME_FIELDS = (
    pa.field("outcome", pa.string()),
    pa.field("is_refused", pa.bool_()),
    pa.field("selected", arrow_struct(SelectedObject)),
    pa.field("method_codes", pa.list_(pa.string())),
    pa.field("entry_keys", pa.list_(pa.string())),
    pa.field("entry_records", pa.list_(pa.binary())),
)

#: Columns of ``release_objects`` by their place in a row: a column, or a field of ``selected``.
_RECORDED_FIELDS = ("run_id", "source_id", "namespace", "patient_pseudonym", "sop_uid")
_RECORDED_COLUMNS = {
    "released_path": "path",
    "released_sha256": "sha256",
    "released_sop_uid": "sop_uid",
    "released_patient": "patient_id",
}


def outcome_schema(catalog: pa.Schema) -> pa.Schema:
    """Return the columns of the rows of outcomes.

    Parameters
    ----------
    catalog : pyarrow.Schema
        Columns of the catalog of a release.
    """
    return pa.schema([*catalog, *_OUTCOME_FIELDS])


def encode_outcomes(outcomes: Sequence[RewriteOutcome], catalog: pa.Table) -> pa.RecordBatch:
    """Return one row per outcome.

    Parameters
    ----------
    outcomes : sequence of RewriteOutcome
    catalog : pyarrow.Table
        Rows of the catalog about the released objects of the outcomes, in their order.
    """
    described = iter(catalog.to_pylist())
    rows = []
    for one in outcomes:
        row = next(described) if one.released else {}
        released, entry = one.released, one.released.entry if one.released else None
        rows.append({
            **row,
            "outcome": one.outcome,
            "is_refused": one.is_refused,
            "selected": asdict(one.selected),
            "method_codes": sorted(set(released.method_codes)) if released else None,
            "entry_keys": entry and list(entry.keys),
            "entry_records": entry and list(entry.records),
        })  # fmt: skip
    return pa.RecordBatch.from_pylist(rows, outcome_schema(catalog.schema))


def decode_entries(rows: pa.Table) -> Iterable[DirectoryEntry]:
    """Yield the directory entries of the rows that have one."""
    columns = (rows[name].to_pylist() for name in ("path", "entry_keys", "entry_records"))
    for path, keys, records in zip(*columns):
        if keys is not None:
            yield DirectoryEntry(path, tuple(keys), tuple(records))


def record_objects(rows: pa.Table, release: str, recipient: str) -> pa.Table:
    """Return the rows of ``release_objects`` about released objects.

    Parameters
    ----------
    rows : pyarrow.Table
        Rows of released objects.
    release, recipient : str
        Names of the release and of the recipient.
    """
    selected = rows["selected"].combine_chunks()
    columns = {
        "release": pa.repeat(release, len(rows)),
        "recipient": pa.repeat(recipient, len(rows)),
        **{name: selected.field(name) for name in _RECORDED_FIELDS},
        **{name: rows[column] for name, column in _RECORDED_COLUMNS.items()},
    }
    schema = table_schema("release_objects")
    return pa.table({name: columns[name] for name in schema.names}).cast(schema)
