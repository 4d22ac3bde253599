"""Comparison of pixels outside the recorded masks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

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


#: Rows and columns of a frame with a row of text, and the box of its mask.
ROWS, COLUMNS = 24, 64
BOX = (8, 4, 48, 16)
FILL = 3


def make_frames(samples: int) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Return a frame with vertical strokes in the box, and the frame with its mask."""
    frame = np.full((ROWS, COLUMNS, samples), 40, np.uint8)
    frame[4:20, 10:54:3] = 230
    masked = frame.copy()
    masked[4:20, 8:56] = FILL
    return frame, masked


def make_object(frame: NDArray[np.uint8]) -> DicomObject:
    ds = output()
    ds.Rows, ds.Columns, ds.SamplesPerPixel = frame.shape
    if ds.SamplesPerPixel == 3:
        ds.PhotometricInterpretation, ds.PlanarConfiguration = "RGB", 0
    ds.PixelData = frame.tobytes()
    return DicomObject.parse(to_bytes(ds))


def find_details(frame: NDArray[np.uint8], masked: NDArray[np.uint8]) -> list[str]:
    found = compare_unmasked_pixels(make_object(frame), make_object(masked), [(0, BOX)])
    return [defect.detail for defect in found]


SHOWN = ["are those of the original inside the recorded masks"]


@pytest.mark.parametrize("samples", [1, 3])
def test_a_mask_without_or_with_letters_shows_nothing(samples: int) -> None:
    frame, masked = make_frames(samples)
    assert find_details(frame, masked) == []
    masked[8:16, 12:50:5] = 230
    assert find_details(frame, masked) == []


@pytest.mark.parametrize(
    "window",
    [
        (slice(4, 20), slice(8, 56)), (slice(12, 20), slice(8, 56)), (slice(4, 20), slice(36, 56)),
    ],
    ids=["not drawn", "upper half only", "left part only"],
)  # fmt: skip
def test_a_part_of_a_mask_that_was_not_drawn_is_found(window: tuple[slice, slice]) -> None:
    frame, masked = make_frames(1)
    masked[window] = frame[window]
    assert find_details(frame, masked) == SHOWN


def test_a_mask_in_one_colour_plane_only_is_found() -> None:
    frame, masked = make_frames(3)
    masked[..., 1:] = frame[..., 1:]
    assert find_details(frame, masked) == SHOWN


def test_a_mask_outside_the_frame_shows_nothing() -> None:
    frame, masked = make_frames(1)
    found = compare_unmasked_pixels(
        make_object(frame), make_object(masked), [(0, BOX), (0, (90, 90, 5, 5))]
    )
    assert list(found) == []
