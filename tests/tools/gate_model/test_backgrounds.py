"""Backgrounds of training crops."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tools.gate_model.backgrounds import load_pictures, make_background

DATA = Path(__file__).parents[2] / "data" / "dicom"


def test_a_background_depends_on_the_seed_only() -> None:
    first, second = (make_background(np.random.default_rng(7), [], 64) for _ in range(2))
    assert (first == second).all()


def test_a_background_has_grey_values() -> None:
    background = make_background(np.random.default_rng(7), [], 64)
    assert background.min() >= 0 and background.max() <= 255


def test_pictures_are_loaded_once() -> None:
    path = DATA / "OBXXXX1A_rle.dcm"
    assert len(load_pictures([path])) == len(load_pictures([path, path])) > 0
