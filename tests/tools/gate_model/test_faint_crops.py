"""Training crops of the network for faint text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from safelight.pixels.gate.faint_cnn import FAINT_PLACE
from tools.gate_model.faint_crops import make_faint_crop
from tools.gate_model.training_crops import CROP_PIXELS, NO_TEXT, TEXT, Fonts

Crop = tuple[npt.NDArray[np.float32], npt.NDArray[np.uint8]]


@pytest.fixture(scope="module")
def crops() -> list[Crop]:
    random = np.random.default_rng(3)
    return [make_faint_crop(random, [], Fonts([], [])) for _ in range(40)]


def test_a_crop_has_a_label_for_each_place(crops: list[Crop]) -> None:
    for values, labels in crops:
        assert values.shape == (CROP_PIXELS, CROP_PIXELS)
        assert labels.shape == (CROP_PIXELS // FAINT_PLACE,) * 2
        assert 0 <= values.min() and values.max() <= 255


def test_some_crops_have_text_and_some_have_none(crops: list[Crop]) -> None:
    assert sum(bool((labels == TEXT).any()) for _, labels in crops) > 8
    assert sum(bool((labels == NO_TEXT).all()) for _, labels in crops) > 8


def test_a_crop_depends_on_the_seed_only() -> None:
    first, second = (make_faint_crop(np.random.default_rng(9), [], Fonts([], [])) for _ in range(2))
    assert (first[0] == second[0]).all() and (first[1] == second[1]).all()
