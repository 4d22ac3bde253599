"""Comparison of pixels outside the recorded masks."""

from __future__ import annotations

import pytest

from safelight.verify.dicom_object import DicomObject
from safelight.verify.unmasked_pixels import MaskRegion, compare_unmasked_pixels
from tests.verify.objects import original, output, to_bytes

ORIGINAL = DicomObject.parse(to_bytes(original()))


def change_first_pixel() -> DicomObject:
    ds = output()
    pixels = bytearray(ds.PixelData)
    pixels[0] ^= 0xFF
    ds.PixelData = bytes(pixels)
    return DicomObject.parse(to_bytes(ds))


@pytest.mark.parametrize(
    ("region", "changed"),
    [
        ((0, (0, 0, 1, 1)), 0),
        ((None, (-3, 0, 4, 1)), 0),
        ((0, (1, 0, 4, 1)), 1),
        ((1, (0, 0, 1, 1)), 1),
    ],
)
def test_changes_outside_the_masks_are_counted(region: MaskRegion, changed: int) -> None:
    found = compare_unmasked_pixels(ORIGINAL, change_first_pixel(), [region])
    assert sum(defect.length for defect in found) == changed


def test_another_shape_is_a_defect() -> None:
    ds = output()
    ds.Rows, ds.Columns = 2, 8
    found = compare_unmasked_pixels(ORIGINAL, DicomObject.parse(to_bytes(ds)), [])
    assert [defect.detail for defect in found] == ["have another shape than the original"]
