"""Look-up tables are read from bytes and numbers, plain and segmented."""

from __future__ import annotations

import numpy as np
import pytest
from pydicom.dataset import Dataset

from safelight.pixels.dicom.luts import read_lut, read_palette

COLORS = ("Red", "Green", "Blue")


def palette_of(descriptor: list[int], data: bytes, segmented: bool = False) -> Dataset:
    dataset = Dataset()
    for color in COLORS:
        keyword = f"{color}PaletteColorLookupTable"
        setattr(dataset, f"{keyword}Descriptor", descriptor)
        setattr(dataset, f"{'Segmented' * segmented}{keyword}Data", data)
    return dataset


def test_entries_of_16_bits_are_words() -> None:
    palette = read_palette(palette_of([3, 0, 16], np.array([1, 256, 65535], "<u2").tobytes()))
    assert palette is not None and palette[2].data.tolist() == [1, 256, 65535]


def test_entries_of_8_bits_are_bytes() -> None:
    palette = read_palette(palette_of([4, 10, 8], bytes([1, 2, 3, 4])))
    assert palette is not None
    assert (palette[0].first, palette[0].data.tolist()) == (10, [1, 2, 3, 4])


def test_segments_are_expanded() -> None:
    segments = np.array([0, 2, 5, 7, 1, 3, 10], "<u2").tobytes()
    palette = read_palette(palette_of([5, 0, 16], segments, segmented=True))
    assert palette is not None and palette[0].data.tolist() == [5, 7, 8, 9, 10]


def test_an_incomplete_palette_is_none() -> None:
    dataset = palette_of([4, 0, 8], bytes(4))
    del dataset.BluePaletteColorLookupTableData
    assert read_palette(dataset) is None


def test_a_table_without_descriptor_is_none() -> None:
    assert read_lut(Dataset(), "LUTDescriptor", "LUTData") is None


@pytest.mark.parametrize(
    "segments",
    [
        [2, 65535, 0, 0] * 100,  # refers to itself
        [1, 65535, 9] * 10_000,  # 65,535 entries of three words
        [0, 0] * 50_000 + [2, 65535, 0, 0] * 50_000,
        [1, 5],
        [2, 1, 0],
        [0, 1],
    ],
)
def test_invalid_segments_give_no_more_than_the_largest_table(segments: list[int]) -> None:
    data = np.array(segments, "<u2").tobytes()
    palette = read_palette(palette_of([4, 0, 16], data, segmented=True))
    assert palette is None or palette[0].data.size <= 65536
