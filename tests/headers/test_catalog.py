from __future__ import annotations

from safelight.dicom.parser import parse
from safelight.headers.catalog import CATALOG_COLUMNS, read_catalog
from tests.headers.objects import deidentify, make_object, to_bytes

STUDY_DATE, ROWS = 0x00080020, 0x00280010


def test_catalog_has_all_columns() -> None:
    _, result = deidentify(make_object())
    assert list(result.catalog) == list(CATALOG_COLUMNS.values())


def test_catalog_has_integers_and_texts() -> None:
    _, result = deidentify(make_object(Rows=4, InstanceNumber=7, PixelSpacing=["0.5", "0.5"]))
    values = [result.catalog[name] for name in ("rows", "instance_number", "pixel_spacing")]
    assert values == [4, 7, "0.5\\0.5"]


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
