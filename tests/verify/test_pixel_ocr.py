"""Frames that the verifier reads."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.verify.pixel_ocr import read_frame_texts, sample_frames


@pytest.mark.parametrize(
    ("count", "expected"),
    [(None, [0]), (1, [0]), (3, [0, 1, 2]), (5, [0, 1, 2, 3, 4]), (101, [0, 25, 50, 75, 100])],
)
def test_frames_are_sampled_evenly(count: int | None, expected: list[int]) -> None:
    ds = Dataset()
    if count is not None:
        ds.NumberOfFrames = count
    assert sample_frames(ds) == expected


def test_an_object_without_pixel_data_has_no_texts() -> None:
    assert list(read_frame_texts(Dataset())) == []
