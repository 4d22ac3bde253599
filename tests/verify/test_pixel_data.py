"""Checks of pixel data without OCR."""

from __future__ import annotations

from io import BytesIO

from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless

from safelight.verify.defects import Check
from safelight.verify.dicom_object import DicomObject
from safelight.verify.pixel_data import check_pixel_data, compare_pixel_data
from tests.verify.objects import output, to_bytes


def parse(ds: Dataset) -> DicomObject:
    return DicomObject.parse(to_bytes(ds))


def test_native_pixel_data_of_the_right_length_have_no_defect() -> None:
    assert list(check_pixel_data(parse(output()))) == []


def test_native_pixel_data_that_are_too_short_are_a_defect() -> None:
    ds = output()
    ds.PixelData = bytes(10)
    (defect,) = check_pixel_data(parse(ds))
    assert defect.detail == "is 6 bytes too short"


def test_an_object_without_pixel_data_has_no_defect() -> None:
    ds = output()
    del ds.PixelData
    assert list(check_pixel_data(parse(ds))) == []


def test_pixel_data_that_cannot_be_decoded_are_not_checked() -> None:
    ds = output()
    to_bytes(ds)  # adds File Meta Information
    ds.file_meta.TransferSyntaxUID = RLELossless
    ds.PixelData = encapsulate([b"\0" * 8])
    ds["PixelData"].VR, ds["PixelData"].is_undefined_length = "OB", True
    buffer = BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    (defect,) = check_pixel_data(DicomObject.parse(buffer.getvalue()))
    assert defect.check is Check.UNCHECKED and defect.detail.startswith("cannot be decoded")


def test_encapsulated_pixel_data_must_have_a_frame() -> None:
    parsed = parse(output())
    parsed.dataset.file_meta.TransferSyntaxUID = RLELossless
    (defect,) = check_pixel_data(parsed)
    assert defect.check is Check.PIXELS and defect.detail.startswith("cannot be decoded")


def test_pixel_data_may_change_only_with_a_mask() -> None:
    ds = output()
    ds.PixelData = bytes(16)
    before, after = parse(output()), parse(ds)
    assert [d.location for d in compare_pixel_data(before, after, False)] == ["(7FE0,0010)"]
    assert list(compare_pixel_data(before, after, True)) == []
