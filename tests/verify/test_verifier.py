"""Verification of an output alone: each kind of defect is found at its location."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from safelight.verify import Check, Defect, Expectation, Verifier
from safelight.verify.dicom_object import DicomObject
from tests.verify.objects import original, output, to_bytes


def defects(ds: Dataset, expectation: Expectation | None = None) -> tuple[Defect, ...]:
    return Verifier(expectation).check(to_bytes(ds))


def locations(found: tuple[Defect, ...]) -> set[tuple[Check, str]]:
    return {(defect.check, defect.location) for defect in found}


def test_a_clean_output_has_no_defects() -> None:
    assert defects(output()) == ()


def test_an_original_has_many_defects() -> None:
    found = locations(defects(original()))
    assert {
        (Check.IDENTIFIER, "(0010,0010)"),
        (Check.IDENTIFIER, "(0010,0020)"),
        (Check.IDENTIFIER, "(0008,0050)"),
        (Check.IDENTIFIER, "(0008,0080)"),
        (Check.IDENTIFIER, "(0008,1140)[0].(0040,A123)"),
        (Check.UID, "(0008,0018)"),
        (Check.UID, "(0008,1140)[0].(0008,1155)"),
        (Check.LABELS, "(0012,0062)"),
        (Check.PRIVATE, "(0019,1001)"),
        (Check.DATE, "(0010,0030)"),
    } <= found


def overlay(ds: Dataset) -> None:
    ds.add_new(0x60003000, "OW", b"\0\0")


def curve(ds: Dataset) -> None:
    ds.add_new(0x50003000, "OW", b"\0\0")


def original_attributes(ds: Dataset) -> None:
    ds.ReferencedImageSequence[0].add_new(0x04000561, "SQ", [Dataset()])
    ds.ReferencedImageSequence[0][0x04000561].value[0].PatientID = ""


def age_above_89(ds: Dataset) -> None:
    ds.PatientAge = "093Y"


def future_date(ds: Dataset) -> None:
    ds.StudyDate = "29991231"


def invalid_date(ds: Dataset) -> None:
    ds.StudyDate = "2024-3-1"


def phone_in_text(ds: Dataset) -> None:
    ds.StudyDescription = "CHEST call 617-555-0142"


def name_in_private(ds: Dataset) -> None:
    ds[0x00191001].value = "DOE^JANE"


def name_in_unknown_bytes(ds: Dataset) -> None:
    ds.private_block(0x0019, "ACME TEST").add_new(0x02, "UN", b"\0\0DOE^JANE\0\0")


def removed_claimed_with_dates(ds: Dataset) -> None:
    ds.LongitudinalTemporalInformationModified = "REMOVED"


def clean_pixels_claimed_only(ds: Dataset) -> None:
    item = Dataset()
    item.CodeValue = "113101"
    ds.DeidentificationMethodCodeSequence.append(item)


def encapsulated_document(ds: Dataset) -> None:
    ds.DeidentificationMethodCodeSequence = [
        item for item in ds.DeidentificationMethodCodeSequence if item.CodeValue != "113105"
    ]
    del ds.StudyDescription
    ds.EncapsulatedDocument = b"not a PDF document"


def short_pixels(ds: Dataset) -> None:
    ds.PixelData = bytes(10)


@pytest.mark.parametrize(
    ("modify", "check", "location"),
    [
        (overlay, Check.FORBIDDEN, "(6000,3000)"),
        (curve, Check.FORBIDDEN, "(5000,3000)"),
        (original_attributes, Check.FORBIDDEN, "(0008,1140)[0].(0400,0561)"),
        (age_above_89, Check.DATE, "(0010,1010)"),
        (future_date, Check.DATE, "(0008,0020)"),
        (invalid_date, Check.DATE, "(0008,0020)"),
        (phone_in_text, Check.TEXT, "(0008,1030)"),
        (name_in_private, Check.TEXT, "(0019,1001)"),
        (name_in_unknown_bytes, Check.TEXT, "(0019,1002)"),
        (removed_claimed_with_dates, Check.LABELS, "(0028,0303)"),
        (clean_pixels_claimed_only, Check.LABELS, "(0028,0301)"),
        (encapsulated_document, Check.FORBIDDEN, "(0042,0011)"),
        (short_pixels, Check.PIXELS, "(7FE0,0010)"),
    ],
)
def test_a_defect_is_found(modify: Callable[[Dataset], None], check: Check, location: str) -> None:
    ds = output()
    modify(ds)
    assert locations(defects(ds)) == {(check, location)}


def test_a_document_is_allowed_if_the_method_states_that_it_was_cleaned() -> None:
    ds = output()
    encapsulated_document(ds)
    ds.DeidentificationMethod = ["Safelight", "Encapsulated document cleaned"]
    assert locations(defects(ds)) == set()


def test_a_code_that_the_rules_do_not_provide_for_grants_nothing() -> None:
    basic = Expectation(granted_codes=frozenset({"113100"}))
    found = locations(defects(output(), basic))
    assert (Check.LABELS, "(0012,0064)") in found
    assert (Check.IDENTIFIER, "(0008,1010)") in found  # device identity is not retained
    assert (Check.DATE, "(0008,0020)") in found
    assert (Check.PRIVATE, "(0019,1001)") in found


def test_preamble_and_file_meta_are_checked() -> None:
    data = to_bytes(output())
    found = Verifier().check(b"II*\0" + data[4:])
    assert locations(found) == {(Check.FILE_HEAD, "preamble")}
    ds = output()
    data = to_bytes(ds).replace(b"0001001", b"0001999", 1)
    assert locations(Verifier().check(data)) == {(Check.FILE_HEAD, "(0002,0003)")}


def test_surrogate_names_are_allowed_only_if_expected() -> None:
    ds = output()
    ds.PatientName = "Walker^Anna"
    assert locations(defects(ds)) == {(Check.IDENTIFIER, "(0010,0010)")}
    assert defects(ds, Expectation(surrogate_names=True)) == ()


def test_a_file_that_is_not_dicom_is_one_defect() -> None:
    assert [defect.check for defect in Verifier().check(b"\x89PNG" * 100)] == [Check.UNREADABLE]


def test_defects_hold_no_values() -> None:
    key = b"k" * 32
    ds = original()
    found = Verifier(key=key).check(to_bytes(ds)) + Verifier(key=key).compare(
        to_bytes(ds), to_bytes(original())
    )
    text = repr(found).casefold()
    for value in ("quillfeather", "ottoline", "4471902", "19510704", "1.2.3.4.5", "lakeside"):
        assert value not in text
    assert all(defect.value_hmac for defect in found if defect.check is Check.IDENTIFIER)


def test_elements_after_an_empty_sequence_are_checked() -> None:
    ds = output()
    ds.ReferencedImageSequence = Sequence([])
    ds.OperatorsName = "Marchbanks^Ivo"
    assert locations(defects(ds)) == {(Check.IDENTIFIER, "(0008,1070)")}


def test_an_original_that_cannot_be_parsed_is_not_a_finding() -> None:
    (defect,) = Verifier().compare(to_bytes(output()), b"")
    assert (defect.check, defect.location) == (Check.UNCHECKED, "object")


def test_an_unknown_vr_that_ends_the_check_is_reported_beside_earlier_defects() -> None:
    data = to_bytes(original())
    element = data.index(b"\x28\x00\x02\x00US")
    damaged = data[: element + 4] + b"\x55\xd3" + data[element + 6 :]
    found = locations(Verifier().check(damaged))
    assert {(Check.UNCHECKED, "object"), (Check.IDENTIFIER, "(0010,0010)")} <= found


def test_each_file_is_parsed_once_for_all_checks(monkeypatch: pytest.MonkeyPatch) -> None:
    parse, parsed = DicomObject.parse, []

    def count(data: bytes, force: bool = False) -> DicomObject:
        parsed.append(force)
        return parse(data, force)

    monkeypatch.setattr(DicomObject, "parse", count)
    verifier, data, source = Verifier(), to_bytes(output()), to_bytes(original())
    assert verifier.check(data) == ()
    assert verifier.compare(data, source) == ()
    assert verifier.collect_links(data, source)
    verifier.list_texts(data)
    assert parsed == [False, True]
    verifier.check(to_bytes(output()))
    assert parsed == [False, True, False]
