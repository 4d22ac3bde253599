"""Frames that the verifier reads."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.verify.phi_shapes import find_phi_shapes
from safelight.verify.pixel_ocr import join_words, read_frame_texts, sample_frames


def test_words_of_different_lines_are_no_titled_name() -> None:
    words = [("Ms", 65.0, 1), ("Name", 96.0, 2), ("x", 99.0, 2), ("Orb", 20.0, 2)]
    text = join_words(words)
    assert text == "Ms\nName"
    assert not list(find_phi_shapes(text, with_dates=True))
    on_one_line = join_words([(word, confidence, 1) for word, confidence, _ in words])
    assert [shape for shape, _ in find_phi_shapes(on_one_line, True)] == ["titled name"]


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
