from __future__ import annotations

from datetime import datetime

from safelight.dicom.parser import parse
from safelight.headers.catalog import CATALOG_COLUMNS, read_catalog
from safelight.headers.catalog_types import TYPED_COLUMNS
from tests.headers.objects import deidentify, make_object, to_bytes

STUDY_DATE, ROWS = 0x00080020, 0x00280010


def test_catalog_has_all_columns() -> None:
    _, result = deidentify(make_object())
    assert list(result.catalog) == [*CATALOG_COLUMNS.values(), *TYPED_COLUMNS]


def test_catalog_has_integers_and_texts() -> None:
    _, result = deidentify(make_object(Rows=4, InstanceNumber=7, PixelSpacing=["0.5", "0.5"]))
    values = [result.catalog[name] for name in ("rows", "instance_number", "pixel_spacing")]
    assert values == [4, 7, "0.5\\0.5"]


def test_catalog_has_dates_and_numbers_of_the_new_object() -> None:
    new, result = deidentify(make_object(PixelSpacing=["0.5", "0.75"], SliceThickness="1.25"))
    catalog = result.catalog
    assert catalog["study_day"] == datetime.strptime(new.StudyDate, "%Y%m%d").date()
    names = ("row_spacing_mm", "column_spacing_mm", "slice_thickness_mm")
    assert [catalog[name] for name in names] == [0.5, 0.75, 1.25]


def test_removed_elements_have_no_typed_values() -> None:
    parsed = parse(to_bytes(make_object()))
    row = read_catalog(parsed, {STUDY_DATE: b"", 0x00101010: b""}, ("iso8859",))
    assert (row["study_day"], row["patient_age_years"]) == (None, None)


def test_number_column_without_number_is_none() -> None:
    parsed = parse(to_bytes(make_object()))
    element = b"\x18\x00\x60\x00DS\x02\x00ab"
    assert read_catalog(parsed, {0x00180060: element}, ("iso8859",))["kvp"] is None
    element = b"\x18\x00\x60\x00DS\x04\x00120 "
    assert read_catalog(parsed, {0x00180060: element}, ("iso8859",))["kvp"] == 120.0


def test_catalog_has_the_shifted_date() -> None:
    new, result = deidentify(make_object())
    assert result.catalog["study_date"] == new.StudyDate != "20190312"


def test_removed_element_is_none() -> None:
    parsed = parse(to_bytes(make_object(Rows=4)))
    row = read_catalog(parsed, {STUDY_DATE: b""}, ("iso8859",))
    assert (row["study_date"], row["rows"]) == (None, 4)


def test_integer_column_without_integer_is_none() -> None:
    parsed = parse(to_bytes(make_object(InstanceNumber=1)))
    element = b"\x20\x00\x13\x00IS\x02\x00ab"
    assert read_catalog(parsed, {0x00200013: element}, ("iso8859",))["instance_number"] is None
