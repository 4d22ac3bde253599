"""Ink that the plain pictures hide: of one level in texture, and of next to no contrast."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.low_contrast import render_chroma, render_inks, render_local_contrast


def letters(size: int = 14, width: int = 240, height: int = 80) -> np.ndarray:
    canvas = Image.new("1", (width, height))
    draw = ImageDraw.Draw(canvas)
    draw.text((20, 30), "SEXTON 48213", 1, ImageFont.load_default(size))
    return np.array(canvas)


def test_ink_of_one_level_is_found_in_texture() -> None:
    random = np.random.default_rng(3)
    ink = letters()
    values = random.integers(300, 4000, ink.shape).astype(np.uint16)
    values[ink] = 3500
    (found, *_) = render_inks(values, np.zeros(ink.shape, np.uint8))
    assert (found > 0)[ink].all()
    assert (found > 0)[~ink].mean() < 0.01


def test_noise_and_smooth_ground_have_no_ink() -> None:
    random = np.random.default_rng(3)
    assert render_inks(random.integers(0, 4096, (200, 200)), np.zeros((200, 200), np.uint8)) == ()
    ramp = np.tile(np.arange(200), (200, 1))
    assert render_inks(ramp, ramp.astype(np.uint8)) == ()


def test_local_contrast_is_the_same_whatever_the_range_of_the_values() -> None:
    random = np.random.default_rng(3)
    values = random.integers(0, 200, (40, 60)).astype(np.uint16)
    unused = np.zeros(values.shape, np.uint8)
    (one,) = render_local_contrast(values, unused)
    (other,) = render_local_contrast(values * 100 + 7, unused)
    assert np.abs(one.astype(int) - other).max() <= 1


def test_equal_values_have_no_picture_of_local_contrast() -> None:
    values = np.full((40, 60), 7, np.uint16)
    assert render_local_contrast(values, values.astype(np.uint8)) == ()


def test_colored_ink_is_found_in_gray_speckle_of_the_same_lightness() -> None:
    random = np.random.default_rng(3)
    ink = letters()
    shown = np.dstack([random.integers(0, 255, ink.shape).astype(np.uint8)] * 3)
    assert render_chroma(shown) == ()
    shown[ink] = (0, 180, 0)
    (found,) = render_chroma(shown)
    assert (found[ink] == 180).all() and not found[~ink].any()
