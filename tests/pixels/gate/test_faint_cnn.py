"""The network rates lines of faint text, whatever their level and the range of the values are."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.gate.faint_cnn import (
    FAINT_PLACE,
    faint_text_log_odds,
    make_contrast_channels,
)


def draw_letters(rows: int = 96, columns: int = 256) -> np.ndarray:
    canvas = Image.new("1", (columns, rows))
    ImageDraw.Draw(canvas).text((30, 36), "SEXTON CARMEN 48213", 1, ImageFont.load_default(16))
    return np.array(canvas)


def make_ground(rows: int = 96, columns: int = 256) -> np.ndarray:
    return np.random.default_rng(3).normal(1000, 1.5, (rows, columns))


@pytest.mark.parametrize("step", [-10, 4, 10, 200])
def test_a_line_is_seen_in_either_polarity(step: int) -> None:
    ink = draw_letters()
    values = make_ground()
    values[ink] = 1000 + step
    log_odds = faint_text_log_odds(np.rint(values).astype(np.uint16))
    assert np.median(log_odds[10:13, 10:40]) > 2
    assert log_odds[18:].max() < 0


def test_noise_is_no_text() -> None:
    assert faint_text_log_odds(np.rint(make_ground()).astype(np.uint16)).max() < 0


def test_equal_values_are_no_text() -> None:
    assert (faint_text_log_odds(np.full((40, 60), 7)) == -np.inf).all()


@given(st.integers(1, 90), st.integers(1, 90))
def test_each_place_has_a_value_for_any_size(rows: int, columns: int) -> None:
    values = np.arange(rows * columns).reshape(rows, columns) % 251
    shape = tuple(-(-side // FAINT_PLACE) for side in values.shape)
    assert faint_text_log_odds(values).shape == shape


def test_a_large_frame_is_rated_as_its_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    values = make_ground(160, 300)
    values[:96, :256][draw_letters()] = 1012
    whole = faint_text_log_odds(values)
    monkeypatch.setattr("safelight.pixels.gate.faint_cnn.FAINT_TILE_PIXELS", 128)
    parts = faint_text_log_odds(values)
    assert whole.shape == parts.shape
    assert ((whole > 1) == (parts > 1)).mean() > 0.99


def test_channels_do_not_depend_on_the_range_of_the_values() -> None:
    values = np.random.default_rng(5).integers(0, 200, (40, 60))
    one = make_contrast_channels(values, 200)
    other = make_contrast_channels(values * 100 + 7, 200 * 100)
    assert np.abs(one - other).max() < 0.01
