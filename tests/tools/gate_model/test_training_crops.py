"""Training crops of the gate CNN."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from tools.gate_model.training_crops import (
    CELL_PIXELS,
    CROP_PIXELS,
    NO_TEXT,
    TEXT,
    Fonts,
    make_crop,
)

Crop = tuple[npt.NDArray[np.uint8], npt.NDArray[np.uint8]]


@pytest.fixture(scope="module")
def crops() -> list[Crop]:
    random = np.random.default_rng(3)
    return [make_crop(random, [], Fonts([], [])) for _ in range(40)]


def test_a_crop_has_a_label_for_each_cell(crops: list[Crop]) -> None:
    for crop, labels in crops:
        assert crop.shape == (CROP_PIXELS, CROP_PIXELS)
        assert labels.shape == (CROP_PIXELS // CELL_PIXELS, CROP_PIXELS // CELL_PIXELS)


def test_some_crops_have_text(crops: list[Crop]) -> None:
    assert sum(bool((labels == TEXT).any()) for _, labels in crops) > 8


def test_some_crops_have_no_text(crops: list[Crop]) -> None:
    assert sum(bool((labels == NO_TEXT).all()) for _, labels in crops) > 8
