"""Search for the dates of an original in its output."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from pydicom.dataset import Dataset

from safelight.verify.date_leaks import check_date_leaks, find_written_dates
from safelight.verify.defects import ValueHasher
from safelight.verify.dicom_object import DicomObject
from safelight.verify.expectation import Expectation, PrivateRule
from tests.verify.objects import original, output, to_bytes

HASHER = ValueHasher(b"k" * 32)
ORIGINAL = DicomObject.parse(to_bytes(original()))
#: Element of the block that `original` has.
LOCATION = "(0019,1005)"


def find(
    ds: Dataset, expectation: Expectation | None = None, codes: frozenset[str] = frozenset()
) -> list[str]:
    parsed = DicomObject.parse(to_bytes(ds))
    found = check_date_leaks(ORIGINAL, parsed, codes, HASHER, expectation or Expectation())
    return [defect.location for defect in found]


@pytest.mark.parametrize(
    "written",
    [
        "20240310", "2024-03-10", "03/10/2024", "10.03.2024", "20240310101112", "10.3.2024",
        "3/10/24", "2024-3-10", "10 March 2024", "10th of March, 2024", "10-MAR-24", "10MAR2024",
        "March 10, 2024", "Mar. 10th 2024", "10. März 2024", "2024_03_10", "10 Mar '24",
        "2024MAR10", "2024-070", "1710065472", "45361", "240310",
    ],
)  # fmt: skip
def test_an_original_date_in_text_is_a_leak(written: str) -> None:
    ds = output()
    ds.StudyDescription = f"CHEST {written}"
    assert find(ds) == ["(0008,1030)"]


@pytest.mark.parametrize("written", ["20231201", "11.03.2024", "4.3.10", "10/03", "MAR 2024"])
def test_another_date_in_text_is_none(written: str) -> None:
    ds = output()
    ds.StudyDescription = f"CHEST {written}"
    assert find(ds) == []


@pytest.mark.parametrize(
    ("vr", "value"),
    [
        ("DA", "20240310"), ("DT", "20240310101112"), ("IS", "20240310"), ("DS", "19510704"),
        ("UL", 20240310), ("FD", 20240310.0), ("UL", 1710065472), ("LO", "20240310"),
    ],
)  # fmt: skip
def test_an_original_date_in_a_private_element_is_a_leak(vr: str, value: str | float) -> None:
    ds = output()
    ds.private_block(0x0019, "ACME TEST").add_new(0x05, vr, value)
    assert find(ds) == [LOCATION]
    retained = Expectation(private_rules=(PrivateRule("0019,ACME TEST,1005", True),))
    assert find(ds, retained) == []


def test_the_digits_of_a_code_are_not_a_date() -> None:
    ds = output()
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "240310", "DCM", "Finding"
    ds.AnatomicRegionSequence = [code]
    assert find(ds) == []
    code.CodeMeaning = "Finding 240310"
    assert find(ds) == ["(0008,2218)[0].(0008,0104)"]


@pytest.mark.parametrize("uid", ["2.25.20240310", "1.2.3.20240310101112.7", "2.25.7.19510704"])
def test_an_original_date_in_a_uid_is_a_leak(uid: str) -> None:
    ds = output()
    ds.SynchronizationFrameOfReferenceUID = uid
    assert find(ds) == ["(0020,0200)"]
    assert find(ds, codes=frozenset({"113110"})) == []


@pytest.mark.parametrize("uid", ["2.25.1202403101", "2.25.20240311", "2.25.202403109999"])
def test_other_digits_in_a_uid_are_none(uid: str) -> None:
    ds = output()
    ds.SynchronizationFrameOfReferenceUID = uid
    assert find(ds) == []


def test_an_original_date_in_a_tag_is_a_leak() -> None:
    ds = output()
    ds.private_block(0x0019, "ACME TEST").add_new(0x05, "AT", [0x00181063, 0x19510704])
    assert find(ds) == [LOCATION]


def test_an_original_date_in_seconds_is_a_leak_in_any_number() -> None:
    ds = output()
    ds.AcquisitionNumber = "1710065472"
    assert find(ds) == ["(0020,0012)"]


def keep_other_seconds(ds: Dataset) -> None:
    ds.AcquisitionNumber = "1715000000"


def shift_to_another_original_date(ds: Dataset) -> None:
    """Write the date that the shift makes of Series Date into a text."""
    ds.StudyDescription = "CHEST 20231203"


@pytest.mark.parametrize("change", [keep_other_seconds, shift_to_another_original_date])
def test_numbers_and_shifted_dates_are_none(change: Callable[[Dataset], None]) -> None:
    ds = output()
    change(ds)
    assert find(ds) == []


def test_years_of_two_digits_are_of_both_centuries() -> None:
    found = set(find_written_dates("1/2/03"))
    assert found == {date(1903, 1, 2), date(2003, 1, 2), date(1903, 2, 1), date(2003, 2, 1)}


def test_days_that_do_not_exist_are_no_dates() -> None:
    assert list(find_written_dates("32.13.2024 and 2024-02-31 and 31 FEB 2024")) == []
