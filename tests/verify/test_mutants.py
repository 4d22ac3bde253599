"""Mutants of a correct output, as faults of the engine would make them: each is found."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset

from safelight.verify import Verifier, find_contradictions
from tests.verify.objects import NEW, RESEARCH_CODES, original, output, to_bytes


def make_clean() -> Dataset:
    """Return a clean output; its codes are supported by its elements."""
    return output()


def find_defects(ds: Dataset) -> set[str]:
    data, source, verifier = to_bytes(ds), to_bytes(original()), Verifier()
    found = (*verifier.check(data), *verifier.compare(data, source))
    return {defect.check.value for defect in found}


def test_the_output_without_a_fault_is_clean() -> None:
    assert find_defects(make_clean()) == set()


def skip_name(ds: Dataset) -> None:
    ds.PatientName = original().PatientName


def skip_identifier(ds: Dataset) -> None:
    ds.PatientID = original().PatientID


def skip_nested_name(ds: Dataset) -> None:
    ds.ReferencedImageSequence[0].PersonName = "Marchbanks^Ivo"


def skip_nested_uid(ds: Dataset) -> None:
    ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID = "1.2.3.4.5.1000"


def give_two_uids_to_one_original(ds: Dataset) -> None:
    ds.ReferencedImageSequence[0].ReferencedSOPInstanceUID = NEW.format(1001)


def skip_telephone_number(ds: Dataset) -> None:
    ds.PatientTelephoneNumbers = original().PatientTelephoneNumbers


def skip_position(ds: Dataset) -> None:
    ds.GPSLatitude = ["48", "8", "13"]


def skip_time(ds: Dataset) -> None:
    ds.LongitudinalTemporalInformationModified = "REMOVED"
    ds.DeidentificationMethodCodeSequence = [
        item for item in ds.DeidentificationMethodCodeSequence if item.CodeValue != "113107"
    ]
    ds.StudyDate = ds.SeriesDate = ds.PatientBirthDate = ""
    ds.StudyTime = "101112"


def keep_one_date(ds: Dataset) -> None:
    ds.SeriesDate = original().SeriesDate


def shift_each_date_by_itself(ds: Dataset) -> None:
    ds.SeriesDate = "20231204"


def shift_by_a_year(ds: Dataset) -> None:
    ds.StudyDate, ds.SeriesDate, ds.PatientBirthDate = "20230310", "20230312", "19500704"


def keep_private_without_code(ds: Dataset) -> None:
    ds.DeidentificationMethodCodeSequence = [
        item for item in ds.DeidentificationMethodCodeSequence if item.CodeValue != "113111"
    ]


def remove_modality(ds: Dataset) -> None:
    del ds.Modality


def remove_rows(ds: Dataset) -> None:
    del ds.Rows


def remove_pixels(ds: Dataset) -> None:
    del ds.PixelData


def describe_pixels_in_another_way(ds: Dataset) -> None:
    ds.BitsStored = 7


def change_a_pixel(ds: Dataset) -> None:
    ds.PixelData = b"\xff" + ds.PixelData[1:]


def write_text_as_number(ds: Dataset) -> None:
    ds.add_new(0x00180060, "LO", "abc")
    ds["KVP"].VR = "DS"
    ds["KVP"]._value = "abc"


def write_text_as_date(ds: Dataset) -> None:
    ds.SeriesDate = "today"


def claim_institution(ds: Dataset) -> None:
    item = Dataset()
    item.CodeValue = "113112"
    ds.DeidentificationMethodCodeSequence.append(item)


def claim_clean_pixels(ds: Dataset) -> None:
    item = Dataset()
    item.CodeValue = "113101"
    ds.DeidentificationMethodCodeSequence.append(item)


def claim_nothing(ds: Dataset) -> None:
    ds.PatientIdentityRemoved = "NO"


def leave_original_attributes(ds: Dataset) -> None:
    ds.add_new(0x04000561, "SQ", [Dataset()])
    ds[0x04000561].value[0].Modality = "CT"


def leave_overlay(ds: Dataset) -> None:
    ds.add_new(0x60003000, "OW", b"\1\0")


def leave_name_in_description(ds: Dataset) -> None:
    ds.StudyDescription = "CHEST Quillfeather"


def misspell_name_in_description(ds: Dataset) -> None:
    ds.StudyDescription = "CHEST Quilfeather"


def reverse_name_in_description(ds: Dataset) -> None:
    ds.StudyDescription = "CHEST rehtaeflliuQ"


def separate_record_number(ds: Dataset) -> None:
    ds.StudyDescription = "CHEST MR 447-1902"


def leave_telephone_number_in_comments(ds: Dataset) -> None:
    ds.ImageComments = "call 555-123-4567"


def leave_icon(ds: Dataset) -> None:
    icon = Dataset()
    icon.Rows = icon.Columns = 2
    icon.BitsAllocated = 8
    icon.PixelData = bytes(4)
    ds.IconImageSequence = [icon]


def leave_physician(ds: Dataset) -> None:
    item = Dataset()
    item.CodeValue = "4711"
    ds.ReferringPhysicianIdentificationSequence = [item]


def claim_clean_graphics(ds: Dataset) -> None:
    add_code(ds, "113103")


def claim_clean_content(ds: Dataset) -> None:
    add_code(ds, "113104")


def claim_retained_uids(ds: Dataset) -> None:
    add_code(ds, "113110")


def add_code(ds: Dataset, code: str) -> None:
    item = Dataset()
    item.CodeValue = code
    ds.DeidentificationMethodCodeSequence.append(item)


def leave_name_in_pdf(ds: Dataset) -> None:
    ds.private_block(0x0019, "ACME TEST").add_new(0x07, "OB", make_pdf("Quillfeather"))


def make_pdf(text: str) -> bytes:
    """Return a PDF of one page with a compressed text."""
    import zlib

    stream = zlib.compress(f"BT /F1 12 Tf 20 50 Td ({text}) Tj ET".encode())
    font = b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 100]/Contents 4 0 R/Resources<</Font<</F1 "
        + font
        + b">>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(stream), stream),
    ]
    body = b"%PDF-1.4\n"
    for number, part in enumerate(parts, 1):
        body += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    body += b"trailer<</Root 1 0 R/Size 5>>\n%%EOF\n"
    return body + b" " * (len(body) % 2)


@pytest.mark.parametrize(
    ("mutate", "check"),
    [
        (skip_name, "identifier"),
        (skip_identifier, "identifier"),
        (skip_nested_name, "identifier"),
        (skip_nested_uid, "uid"),
        (give_two_uids_to_one_original, "uid_link"),
        (skip_telephone_number, "identifier"),
        (skip_position, "profile"),
        (skip_time, "profile"),
        (keep_one_date, "date_interval"),
        (shift_each_date_by_itself, "date_interval"),
        (shift_by_a_year, "date_interval"),
        (keep_private_without_code, "private"),
        (remove_modality, "required"),
        (remove_rows, "required"),
        (remove_pixels, "required"),
        (describe_pixels_in_another_way, "required"),
        (change_a_pixel, "pixels"),
        (write_text_as_number, "required"),
        (write_text_as_date, "date"),
        (claim_institution, "marks"),
        (claim_clean_pixels, "marks"),
        (claim_nothing, "marks"),
        (leave_original_attributes, "forbidden"),
        (leave_overlay, "forbidden"),
        (leave_name_in_description, "leak"),
        (misspell_name_in_description, "leak"),
        (reverse_name_in_description, "leak"),
        (separate_record_number, "leak"),
        (leave_telephone_number_in_comments, "text"),
        (leave_icon, "profile"),
        (leave_physician, "profile"),
        (claim_clean_graphics, "marks"),
        (claim_clean_content, "marks"),
        (claim_retained_uids, "marks"),
        (leave_name_in_pdf, "leak"),
    ],
)
def test_a_fault_is_found(mutate: Callable[[Dataset], None], check: str) -> None:
    ds = make_clean()
    mutate(ds)
    assert check in find_defects(ds)


def test_another_shift_in_another_object_of_the_patient_is_found() -> None:
    other = output()
    other.StudyDate, other.SeriesDate, other.PatientBirthDate = "20231130", "20231202", "19510325"
    verifier = Verifier()
    links = [
        link
        for ds in (output(RESEARCH_CODES), other)
        for link in verifier.collect_links(to_bytes(ds), to_bytes(original()))
    ]
    assert {defect.check.value for defect in find_contradictions(links)} == {"date_interval"}


def test_an_empty_original_attributes_sequence_holds_nothing() -> None:
    ds = make_clean()
    ds.add_new(0x04000561, "SQ", [])
    assert find_defects(ds) == set()


def test_an_object_without_descriptions_may_claim_that_they_are_clean() -> None:
    ds = make_clean()
    del ds.StudyDescription
    assert find_defects(ds) == set()
