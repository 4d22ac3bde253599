"""Checks of File Meta Information, forbidden elements and UIDs."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.verify.defects import ValueHasher
from safelight.verify.dicom_object import DicomObject
from safelight.verify.expectation import Expectation
from safelight.verify.object_structure import (
    check_file_head,
    check_forbidden,
    check_removed_sequences,
    check_uids,
)
from tests.verify.objects import output, to_bytes

NO_CODES = frozenset[str]()


def test_a_preamble_must_be_zero() -> None:
    data = b"II*\0" + to_bytes(output())[4:]
    assert [d.location for d in check_file_head(DicomObject.parse(data))] == ["preamble"]


def test_file_meta_must_agree_with_the_data_set() -> None:
    ds = output()
    data = to_bytes(ds).replace(b"0001001", b"0001999", 1)
    assert [d.location for d in check_file_head(DicomObject.parse(data))] == ["(0002,0003)"]


@pytest.mark.parametrize(
    ("tag", "location"),
    [(0x50003000, "(5000,3000)"), (0x60003000, "(6000,3000)"), (0xFFFCFFFC, "(FFFC,FFFC)")],
)
def test_a_forbidden_element_is_a_defect(tag: int, location: str) -> None:
    ds = output()
    ds.add_new(tag, "OW", b"\0\0")
    found = check_forbidden(DicomObject.parse(to_bytes(ds)), NO_CODES)
    assert [defect.location for defect in found] == [location]


def test_a_forbidden_sequence_is_reported_once() -> None:
    item = Dataset()
    item.PatientID, item.PatientName = "a", "b"
    ds = output()
    ds.add_new(0x04000561, "SQ", [item])
    found = check_forbidden(DicomObject.parse(to_bytes(ds)), NO_CODES)
    assert [defect.location for defect in found] == ["(0400,0561)"]


def test_overlays_are_allowed_with_clean_graphics() -> None:
    ds = output()
    ds.add_new(0x60003000, "OW", b"\0\0")
    parsed = DicomObject.parse(to_bytes(ds))
    assert list(check_forbidden(parsed, frozenset({"113103"}))) == []


def test_a_document_must_be_cleaned() -> None:
    ds = output()
    ds.EncapsulatedDocument = b"%PDF-1.4"
    parsed = DicomObject.parse(to_bytes(ds))
    assert [d.location for d in check_forbidden(parsed, NO_CODES)] == ["(0042,0011)"]
    assert list(check_forbidden(parsed, frozenset({"113105"}))) == []


def test_an_original_uid_is_a_defect_unless_uids_are_retained() -> None:
    ds = output()
    ds.StudyInstanceUID = "1.2.3.4.5.1"
    parsed = DicomObject.parse(to_bytes(ds))
    found = check_uids(parsed, NO_CODES, ValueHasher())
    assert [defect.location for defect in found] == ["(0020,000D)"]
    assert list(check_uids(parsed, frozenset({"113110"}), ValueHasher())) == []


ROOT = "1.2.826.0.1.3680043.10.1234.7"


@pytest.mark.parametrize(
    ("uid", "is_new"),
    [
        (f"{ROOT}.471935920.116378459162055328053504", True),
        (f"{ROOT}.471935920.5", False),
        (f"{ROOT}.20260101.116378459162055328053504", False),
        (f"{ROOT}.116378459162055328053504", False),
        ("1x2.826.0.1.3680043.10.1234.7.471935920.116378459162055328053504", False),
        ("2.25.144575834717217807352190711341341690574", False),
    ],
)
def test_with_a_root_only_uids_of_a_namespace_below_it_are_new(uid: str, is_new: bool) -> None:
    ds = output()
    ds.StudyInstanceUID = uid
    found = check_uids(
        DicomObject.parse(to_bytes(ds)), NO_CODES, ValueHasher(), Expectation(uid_root=ROOT)
    )
    assert ("(0020,000D)" not in {defect.location for defect in found}) == is_new


def test_private_elements_of_a_removed_sequence_are_left_to_their_own_check() -> None:
    item = Dataset()
    item.add_new(0x00190010, "LO", "GEMS_ACQU_01")
    item.add_new(0x00191002, "SL", 912)
    ds = output()
    ds.PatientInsurancePlanCodeSequence = [item]
    assert list(check_removed_sequences(DicomObject.parse(to_bytes(ds)), NO_CODES)) == []
    item.CodeMeaning = "plan of Grimmelwick"
    found = check_removed_sequences(DicomObject.parse(to_bytes(ds)), NO_CODES)
    assert [defect.location for defect in found] == ["(0010,0050)"]


def test_descriptions_in_a_sequence_need_the_option_that_cleans_them() -> None:
    item = Dataset()
    item.ScheduledProcedureStepDescription = "knee of Grimmelwick"
    ds = output()
    ds.RequestAttributesSequence = [item]
    parsed = DicomObject.parse(to_bytes(ds))
    basic = frozenset({"113100"})
    found = check_removed_sequences(parsed, basic)
    assert [defect.location for defect in found] == ["(0040,0275)"]
    assert not list(check_removed_sequences(parsed, basic | {"113105"}))
    assert not list(check_removed_sequences(parsed, NO_CODES))
