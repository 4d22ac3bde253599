"""Describe the objects of a release in a typed table that goes to the recipient."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pyarrow as pa

from jobs.common.delta.schemas import table_schema
from jobs.common.export.recipient.rows import ReleasedObject
from safelight.headers.catalog import CATALOG_COLUMNS
from safelight.headers.catalog_types import (
    TYPED_COLUMNS,
    name_sop_class,
    parse_day,
    type_values,
)

_IDENTIFIERS = ("patient_id", "study_uid", "series_uid", "sop_uid", "path", "sha256")
_DATES = frozenset({"study_date", "series_date", "acquisition_date"})
_INTEGERS = frozenset({"series_number", "instance_number", "number_of_frames", "rows", "columns"})
_NUMBERS = frozenset(
    {"slice_thickness", "patient_size", "patient_weight", "kvp", "magnetic_field_strength"}
)

#: Columns of names, besides those of the attributes.
_NAMES = ("sop_class_uid", "sop_class_name", "transfer_syntax_uid", "rules_name")


_TYPED_SOURCES = frozenset(source for source, _ in TYPED_COLUMNS.values())


def catalog_schema() -> pa.Schema:
    """Return the columns of the catalog of a release."""
    fields = [pa.field(name, pa.string()) for name in ("release", *_IDENTIFIERS)]
    fields.append(pa.field("bytes", pa.int64()))
    for column in dict.fromkeys(CATALOG_COLUMNS.values()):
        fields.append(pa.field(column, _column_type(column)))
    typed = table_schema("catalog")
    fields += [pa.field(column, typed.field(column).type) for column in TYPED_COLUMNS]
    fields += [pa.field(column, pa.string()) for column in _NAMES]
    return pa.schema(fields)


def make_catalog(release: str, objects: Sequence[ReleasedObject]) -> pa.Table:
    """Return the catalog of a release, one row per object.

    All values are read from the released objects, so that the catalog never says more than they
    do.

    Parameters
    ----------
    release : str
        Name of the release.
    objects : sequence of ReleasedObject
        Objects of the release.
    """
    rows = []
    for item in objects:
        row: dict[str, object] = {
            "release": release,
            "patient_id": item.patient,
            "study_uid": item.study_uid,
            "series_uid": item.series_uid,
            "sop_uid": item.sop_uid,
            "path": item.path,
            "sha256": item.sha256,
            "bytes": item.size,
            "rules_name": item.selected.rules_name,
            "sop_class_name": name_sop_class(item.attributes.get("sop_class_uid", "")),
            **type_values({source: item.attributes.get(source) for source in _TYPED_SOURCES}),
        }
        for column, text in item.attributes.items():
            row[column] = _convert(column, text)
        rows.append(row)
    return pa.Table.from_pylist(rows, catalog_schema())


def _column_type(column: str) -> pa.DataType:
    if column in _DATES:
        return pa.date32()
    if column in _INTEGERS:
        return pa.int32()
    return pa.float64() if column in _NUMBERS else pa.string()


def _convert(column: str, text: str) -> date | int | float | str | None:
    """Return a value in the type of its column; None if it is empty or not valid."""
    if not text:
        return None
    try:
        if column in _DATES:
            return parse_day(text)
        if column in _INTEGERS:
            return int(text)
        return float(text) if column in _NUMBERS else text
    except ValueError:
        return None
