"""Checks of identifiers, private elements, dates and free text."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.verify.defects import Defect, ValueHasher
from safelight.verify.dicom_object import DicomObject
from safelight.verify.element_contents import (
    Expectation,
    check_dates,
    check_identifiers,
    check_private,
    check_texts,
    is_placeholder,
)
from tests.verify.objects import output, to_bytes

MODIFIED = frozenset({"113107"})
HASHER = ValueHasher()


def parse(**changes: object) -> DicomObject:
    """Return a de-identified object with some other values."""
    ds: Dataset = output()
    for keyword, value in changes.items():
        setattr(ds, keyword, value)
    return DicomObject.parse(to_bytes(ds))


def details(defects: list[Defect], location: str) -> list[str]:
    return [defect.detail for defect in defects if defect.location == location]


@pytest.mark.parametrize(
    ("text", "vr", "expected"),
    [
        ("", "LO", True), ("0000", "LO", True), ("ANONYMOUS", "PN", True), ("19000101", "DA", True),
        ("000Y", "AS", True), ("000Y", "LO", False), ("Doe^Jane", "PN", False),
    ],
)  # fmt: skip
def test_placeholders(text: str, vr: str, expected: bool) -> None:
    assert is_placeholder(text, vr) is expected


@pytest.mark.parametrize("value", ["MR-4471902", "123456"])
def test_an_id_must_be_a_pseudonym(value: str) -> None:
    found = list(check_identifiers(parse(PatientID=value), MODIFIED, Expectation(), HASHER))
    assert details(found, "(0010,0020)")


def test_a_granted_identifier_is_allowed() -> None:
    device = parse(StationName="WARD3CT")
    without = list(check_identifiers(device, MODIFIED, Expectation(), HASHER))
    granted = list(check_identifiers(device, frozenset({"113109"}), Expectation(), HASHER))
    assert details(without, "(0008,1010)") and not details(granted, "(0008,1010)")


def test_a_private_element_needs_its_option() -> None:
    assert list(check_private(parse(), frozenset(), Expectation()))
    assert not list(check_private(parse(), frozenset({"113111"}), Expectation()))


@pytest.mark.parametrize(
    ("value", "codes", "detail"),
    [
        ("20231201", frozenset(), "is a date"),
        ("20231301", MODIFIED, "is not a date in the past"),
        ("29991231", MODIFIED, "is not a date in the past"),
        ("2023-1-2", MODIFIED, "is not a date"),
    ],
)
def test_a_wrong_date_is_a_defect(value: str, codes: frozenset[str], detail: str) -> None:
    found = list(check_dates(parse(StudyDate=value), codes, Expectation(), HASHER))
    assert details(found, "(0008,0020)") == [detail]


@pytest.mark.parametrize(
    ("value", "precision", "is_defect"),
    [
        ("20230101", "year", False), ("20230201", "year", True), ("20230201", "month", False),
        ("20230401", "quarter", False), ("20230501", "quarter", True), ("20231207", "month", True),
        ("20231207", "unknown", False), ("20231207", "", True),
    ],
)  # fmt: skip
def test_dates_that_the_rules_reduce_are_allowed(
    value: str, precision: str, is_defect: bool
) -> None:
    expectation = Expectation(date_precisions={0x00080020: precision})
    found = list(check_dates(parse(StudyDate=value), frozenset(), expectation, HASHER))
    assert bool(details(found, "(0008,0020)")) is is_defect


def test_literal_dates_of_the_rules_are_allowed() -> None:
    expectation = Expectation(literals=frozenset({"20231207"}))
    found = list(check_dates(parse(StudyDate="20231207"), frozenset(), expectation, HASHER))
    assert not details(found, "(0008,0020)")


@pytest.mark.parametrize(("age", "is_defect"), [("089Y", False), ("090Y", False), ("093Y", True)])
def test_ages_above_90_years_are_defects(age: str, is_defect: bool) -> None:
    found = list(check_dates(parse(PatientAge=age), MODIFIED, Expectation(), HASHER))
    assert bool(details(found, "(0010,1010)")) is is_defect


def test_free_text_is_searched_for_shapes() -> None:
    found = list(check_texts(parse(StudyDescription="call 617-555-0142"), MODIFIED, HASHER))
    assert details(found, "(0008,1030)") == ["has the shape of a telephone number"]


def test_dates_in_free_text_depend_on_the_options() -> None:
    dated = parse(StudyDescription="seen 2024-03-10")
    assert details(list(check_texts(dated, frozenset(), HASHER)), "(0008,1030)")
    assert not details(list(check_texts(dated, MODIFIED, HASHER)), "(0008,1030)")


def test_a_token_of_any_identifier_is_allowed_after_a_second_pass_only() -> None:
    token = "QX3JZ5T2ABCDEFGH"
    methods = ["Safelight 1.0", "Safelight 1.2 second pass for a recipient"]

    def check(station: str, method: list[str]) -> list[str]:
        parsed = parse(StationName=station, DeidentificationMethod=method)
        found = list(check_identifiers(parsed, MODIFIED, Expectation(), HASHER))
        return details(found, "(0008,1010)")

    assert check(token, methods) == []
    assert check(token, methods[:1]) and check("WARD3CT", methods)


def test_a_birth_date_is_original_if_no_date_is_shifted() -> None:
    full = frozenset({"113106"})
    birth = {"PatientBirthDate": "19510704"}
    assert details(
        list(check_dates(parse(**birth), full, Expectation(), HASHER)), "(0010,0030)"
    ) == ["is a date"]
    ruled = Expectation(ruled_tags=frozenset({0x00100030}))
    assert not list(check_dates(parse(**birth), full, ruled, HASHER))
    assert not list(check_dates(parse(**birth), MODIFIED, Expectation(), HASHER))
