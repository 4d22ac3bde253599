"""Pixel attributes are read from the data set or its functional groups, also invalid ones."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from safelight.pixels.dicom.image_module import read_pixel_info
from safelight.pixels.dicom.safe_values import read_text
from safelight.pixels.frames.frame_source import FrameSource
from tests.pixels.frames.test_frame_source import path_of

NATIVE = "1.2.840.10008.1.2.1"


def described(**values: object) -> Dataset:
    dataset = Dataset()
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    return dataset


def test_windows_of_an_enhanced_object_come_from_its_functional_groups() -> None:
    groups = [
        described(FrameVOILUTSequence=Sequence([described(WindowCenter=c, WindowWidth=w)]))
        for c, w in ((40, 400), (40, 400), (-600, 1500))
    ]
    shared = described(
        PixelValueTransformationSequence=Sequence(
            [described(RescaleSlope="2", RescaleIntercept="-1024")]
        )
    )
    dataset = described(
        SharedFunctionalGroupsSequence=Sequence([shared]),
        PerFrameFunctionalGroupsSequence=Sequence(groups),
    )
    info = read_pixel_info(dataset, NATIVE, "integer")
    assert info.windows == ((40.0, 400.0), (-600.0, 1500.0))
    assert (info.slope, info.intercept) == (2.0, -1024.0)


def test_invalid_windows_are_skipped() -> None:
    dataset = described(WindowCenter=["40", "50"], WindowWidth=["0", "300"])
    assert read_pixel_info(dataset, NATIVE, "integer").windows == ((50.0, 300.0),)


@pytest.mark.parametrize(
    ("value", "frames"), [("12", 12), ("0", 1), ("", 1), ("1A", 1), ("many", 1)]
)
def test_number_of_frames(value: str, frames: int) -> None:
    dataset = described(Rows=2, Columns=2)
    dataset.add_new(0x00280008, "LO", value)
    assert read_pixel_info(dataset, NATIVE, "integer").frames == frames


@pytest.mark.parametrize(
    ("stored", "high", "shift", "kept"), [(12, 11, 0, 12), (12, 15, 4, 12), (99, 3, 0, 16)]
)
def test_bits(stored: int, high: int, shift: int, kept: int) -> None:
    dataset = described(BitsAllocated=16, BitsStored=stored, HighBit=high)
    info = read_pixel_info(dataset, NATIVE, "integer")
    assert (info.shift, info.bits_stored) == (shift, kept)
    assert (info.lowest, info.highest) == (0, (1 << kept) - 1)


def test_signed_range() -> None:
    dataset = described(BitsAllocated=16, BitsStored=12, HighBit=11, PixelRepresentation=1)
    info = read_pixel_info(dataset, NATIVE, "integer")
    assert (info.lowest, info.highest) == (-2048, 2047)


def test_a_palette_has_one_table_per_color() -> None:
    info = FrameSource.from_bytes(path_of("examples_palette.dcm").read_bytes()).info
    assert info.palette is not None
    assert [lut.data.size for lut in info.palette] == [256, 256, 256]


def test_a_segmented_palette_is_expanded() -> None:
    # Two entries as they are, a ramp of three to 100, then the first segment again.
    segments = np.array([0, 2, 7, 9, 1, 3, 99, 2, 1, 0, 0], "<u2").tobytes()
    dataset = described()
    for tag in (0x1101, 0x1102, 0x1103):
        dataset.add_new(0x00280000 | tag, "US", [8, 0, 16])
    for tag in (0x1221, 0x1222, 0x1223):
        dataset.add_new(0x00280000 | tag, "OW", segments)
    palette = read_pixel_info(dataset, NATIVE, "integer").palette
    assert palette is not None
    assert palette[0].data.tolist() == [7, 9, 39, 69, 99, 7, 9]


def test_ultrasound_regions_are_boxes_of_pixels() -> None:
    region = described(
        RegionLocationMinX0=10,
        RegionLocationMinY0=20,
        RegionLocationMaxX1=109,
        RegionLocationMaxY1=69,
        RegionSpatialFormat=1,
        RegionDataType=1,
    )
    empty = described(RegionLocationMinX0=10, RegionLocationMinY0=20)
    dataset = described(SequenceOfUltrasoundRegions=Sequence([region, empty]))
    info = read_pixel_info(dataset, NATIVE, "integer")
    assert [r.box for r in info.regions] == [(10, 20, 100, 50)]
    assert read_text(dataset, "SequenceOfUltrasoundRegions") == "present"


def test_several_values_are_joined_and_missing_ones_empty() -> None:
    dataset = described(ImageType=["ORIGINAL", "PRIMARY"], Rows=7)
    assert read_text(dataset, "ImageType") == "ORIGINAL\\PRIMARY"
    assert (read_text(dataset, "Rows"), read_text(dataset, "Columns")) == ("7", "")
