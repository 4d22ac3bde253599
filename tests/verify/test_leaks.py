"""Search for the values of an original."""

from __future__ import annotations

from pydicom.encaps import encapsulate

from safelight.verify.defects import ValueHasher
from safelight.verify.dicom_object import DicomObject
from safelight.verify.leaks import check_leaks, check_unchanged_values
from tests.verify.objects import RESEARCH_CODES, original, output, to_bytes
from tests.verify.test_codestream_comments import make_jpeg_with_comment

CODES = frozenset(RESEARCH_CODES)
ORIGINAL = DicomObject.parse(to_bytes(original()))


def test_a_clean_output_has_no_leaks() -> None:
    cleaned = DicomObject.parse(to_bytes(output()))
    assert list(check_leaks(ORIGINAL, cleaned, CODES, ValueHasher())) == []


def test_a_leak_names_kind_and_source_without_the_value() -> None:
    ds = output()
    ds.StudyDescription = "for Quillfeather"
    leaking = DicomObject.parse(to_bytes(ds))
    (defect,) = check_leaks(ORIGINAL, leaking, CODES, ValueHasher())
    assert defect.location == "(0008,1030)" and defect.length == len("Quillfeather")
    assert defect.detail == "has the name of (0010,0010) of the original"


def test_a_uid_with_other_separators_is_found() -> None:
    ds = output()
    ds.StudyDescription = str(original().StudyInstanceUID).replace(".", "_")
    leaking = DicomObject.parse(to_bytes(ds))
    (defect,) = check_leaks(ORIGINAL, leaking, CODES, ValueHasher())
    assert (defect.location, defect.detail) == (
        "(0008,1030)", "has the uid of (0020,000D) of the original"
    )  # fmt: skip


def test_an_invalid_uid_with_hyphens_is_found() -> None:
    ds, copied = original(), output()
    ds.StudyInstanceUID = copied.StudyDescription = "1.2.826-0.1_3680043.8.498.77"
    leaking = DicomObject.parse(to_bytes(copied))
    found = check_leaks(DicomObject.parse(to_bytes(ds)), leaking, CODES, ValueHasher())
    assert "(0008,1030)" in {defect.location for defect in found}


def test_a_short_unchanged_identifier_is_found() -> None:
    ds = output()
    ds.StudyID = "7"
    unchanged = DicomObject.parse(to_bytes(ds))
    (defect,) = check_unchanged_values(ORIGINAL, unchanged, CODES, ValueHasher())
    assert defect.location == "(0020,0010)"


def test_a_value_in_a_comment_of_a_compressed_frame_is_found() -> None:
    ds = output()
    ds.add_new(0x7FE00010, "OB", encapsulate([make_jpeg_with_comment(b"for Quillfeather")]))
    leaking = DicomObject.parse(to_bytes(ds))
    found = check_leaks(ORIGINAL, leaking, CODES, ValueHasher())
    assert "(7FE0,0010) comment" in {defect.location for defect in found}


def test_a_word_of_an_institution_is_found_except_in_names_of_products() -> None:
    ds, changed = original(), output()
    ds.Manufacturer = changed.Manufacturer = "Quarterdeck"
    ds.InstitutionName = "Quarterdeck Lakeside Clinic"
    source = DicomObject.parse(to_bytes(ds))
    changed.StudyDescription = "QUARTERDECK CLINIC"
    clean = DicomObject.parse(to_bytes(changed))
    assert list(check_leaks(source, clean, CODES, ValueHasher())) == []
    changed.StudyDescription = "seen at lakeside"
    leaking = DicomObject.parse(to_bytes(changed))
    (defect,) = check_leaks(source, leaking, CODES, ValueHasher())
    assert defect.detail == "has the word of (0008,0080) of the original"
