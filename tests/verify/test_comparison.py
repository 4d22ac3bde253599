"""Verification of an output against its original."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from safelight.verify import Check, MaskRegion, Verifier, find_contradictions
from tests.verify.objects import NEW, original, output, to_bytes


def compare(ds: Dataset, masked: bool = False) -> set[tuple[Check, str]]:
    found = Verifier().compare(to_bytes(ds), to_bytes(original()), masked)
    return {(defect.check, defect.location) for defect in found}


def test_a_clean_output_leaks_nothing() -> None:
    assert compare(output()) == set()


def surname_in_text(ds: Dataset) -> None:
    ds.StudyDescription = "CHEST of QUILLFEATHER"


def both_names_reversed(ds: Dataset) -> None:
    ds.SeriesDescription = "for Ottoline, Quillfeather"


def identifier_in_nested_private(ds: Dataset) -> None:
    item = Dataset()
    item.private_block(0x0019, "ACME TEST", create=True).add_new(0x03, "LO", "no mr-4471902.")
    ds.private_block(0x0019, "ACME TEST").add_new(0x04, "SQ", [item])


def identifier_with_underscore(ds: Dataset) -> None:
    ds.StudyDescription = "CHEST VISIT_0042"


def identifier_in_unknown_bytes(ds: Dataset) -> None:
    ds.private_block(0x0019, "ACME TEST").add_new(0x02, "UN", b"\1\2acc-558812\0\3")


def name_in_pixel_comment(ds: Dataset) -> None:
    ds.PixelData = b"QUILLFEATHER\0\0\0\0"


def nested_uid_kept(ds: Dataset) -> None:
    ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "1.2.3.4.5.1000"


def short_id_kept(ds: Dataset) -> None:
    ds.StudyID = "7"


def birth_date_in_text(ds: Dataset) -> None:
    ds.StudyDescription = "b. 1951-07-04"


@pytest.mark.parametrize(
    ("modify", "location"),
    [
        (surname_in_text, "(0008,1030)"),
        (both_names_reversed, "(0008,103E)"),
        (identifier_in_nested_private, "(0019,1004)[0].(0019,1003)"),
        (identifier_with_underscore, "(0008,1030)"),
        (identifier_in_unknown_bytes, "(0019,1002)"),
        (name_in_pixel_comment, "pixels"),
        (nested_uid_kept, "(0008,1140)[0].(0008,1155)"),
        (short_id_kept, "(0020,0010)"),
        (birth_date_in_text, "(0008,1030)"),
    ],
)
def test_a_leak_is_found(modify: Callable[[Dataset], None], location: str) -> None:
    ds = output()
    modify(ds)
    assert compare(ds, masked=True) == {(Check.LEAK, location)}


def test_bytes_behind_the_last_element_are_searched() -> None:
    data = to_bytes(output()) + b"\0\0\0\0Quillfeather\0\0\0\0"
    found = Verifier().compare(data, to_bytes(original()))
    assert (Check.LEAK, "bytes of the file") in {(d.check, d.location) for d in found}


def test_an_institution_may_have_the_name_of_a_manufacturer() -> None:
    source, ds = original(), output()
    source.InstitutionName = "Radiola"
    source.Manufacturer = ds.Manufacturer = "RADIOLA_MEC"
    assert Verifier().compare(to_bytes(ds), to_bytes(source)) == ()
    data = to_bytes(ds) + b"\0\0\0\0Radiola\0"
    found = Verifier().compare(data, to_bytes(source))
    assert (Check.LEAK, "bytes of the file") in {(d.check, d.location) for d in found}


def test_short_and_common_words_are_not_leaks() -> None:
    source, ds = original(), output()
    source.PatientName = "CHEST^MR"
    source.PatientID = "7"
    ds.StudyDescription = "CHEST MR 7"
    found = Verifier().compare(to_bytes(ds), to_bytes(source))
    assert found == ()


def test_the_numeral_of_a_generation_is_not_a_name() -> None:
    before, after = original(), output()
    before.PatientName = "QUILLFEATHER^OTTOLINE^^^III"
    after.StudyDescription = "Lead III"
    assert not Verifier().compare(to_bytes(after), to_bytes(before), False)


def test_a_shifted_date_may_equal_another_original_date() -> None:
    source, ds = original(), output()
    source.SeriesDate = (
        "20240618"  # 100 days after the study; the shifted date is the date of the study
    )
    ds.SeriesDate = "20240310"
    ds.StudyDescription = "CHEST 20240310"
    assert Verifier().compare(to_bytes(ds), to_bytes(source)) == ()


def test_dates_of_a_patient_are_shifted_together() -> None:
    ds = output()
    ds.SeriesDate = "20231204"
    assert compare(ds) == {(Check.DATE_INTERVAL, "(0008,0021)")}
    ds = output()
    ds.PatientBirthDate = original().PatientBirthDate
    assert (Check.DATE_INTERVAL, "(0010,0030)") in compare(ds)


def find_contradicting_checks(*pairs: tuple[Dataset, Dataset]) -> list[Check]:
    """Return the checks that fail for the objects of one run, each with its original."""
    verifier = Verifier()
    links = [
        link for new, old in pairs for link in verifier.collect_links(to_bytes(new), to_bytes(old))
    ]
    return [defect.check for defect in find_contradictions(links)]


def test_dates_of_a_patient_are_shifted_together_in_all_objects() -> None:
    second = output()
    second.StudyDate, second.SeriesDate, second.PatientBirthDate = (
        "20231130", "20231202", "19510325",
    )  # fmt: skip
    assert find_contradicting_checks((output(), original()), (output(), original())) == []
    assert set(find_contradicting_checks((output(), original()), (second, original()))) == {
        Check.DATE_INTERVAL
    }


def named(ds: Dataset, uid: str) -> Dataset:
    ds.SOPInstanceUID = uid
    return ds


@pytest.mark.parametrize(
    ("old", "new", "disagree"),
    [
        ("1.2.3.4.5.1001", NEW.format(1001), 0),
        ("1.2.3.4.5.1002", NEW.format(1002), 0),
        ("1.2.3.4.5.1001", NEW.format(1002), 1),
        ("1.2.3.4.5.1002", NEW.format(1001), 1),
    ],
)
def test_uids_map_one_to_one_in_all_objects(old: str, new: str, disagree: int) -> None:
    found = find_contradicting_checks(
        (output(), original()), (named(output(), new), named(original(), old))
    )
    assert found == [Check.UID_LINK] * disagree


def test_pixels_keep_every_byte_unless_a_mask_is_recorded() -> None:
    ds = output()
    ds.PixelData = bytes(16)
    assert compare(ds) == {(Check.PIXELS, "(7FE0,0010)")}
    assert compare(ds, masked=True) == set()


def test_pixels_outside_masks_must_not_change() -> None:
    ds, source = output(), original()
    columns = ds.Columns
    before = bytearray(ds.PixelData)
    before[0] ^= 0xFF
    ds.PixelData = bytes(before)

    def found(regions: tuple[MaskRegion, ...]) -> set[str]:
        defects = Verifier().compare(to_bytes(ds), to_bytes(source), True, regions)
        return {d.location for d in defects}

    assert found(((0, (0, 0, 1, 1)),)) == found(((None, (-3, 0, 4, 1)),)) == set()
    assert found(((0, (1, 0, columns, 1)),)) == {"pixels[0]"}
    assert found(((1, (0, 0, 1, 1)),)) == {"pixels[0]"}


def test_sequences_of_vr_un_are_read() -> None:
    inner = Dataset()
    inner.PatientName = "Quillfeather^Ottoline"
    from pydicom.dataelem import DataElement
    from pydicom.filebase import DicomBytesIO
    from pydicom.filewriter import write_sequence

    buffer = DicomBytesIO()
    buffer.is_little_endian, buffer.is_implicit_VR = True, True
    write_sequence(buffer, DataElement(0x00191005, "SQ", Sequence([inner])), ["iso8859"])
    ds = output()
    ds.private_block(0x0019, "ACME TEST").add_new(0x05, "UN", buffer.getvalue())
    assert (Check.LEAK, "(0019,1005)[0].(0010,0010)") in compare(ds)
