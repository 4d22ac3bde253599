"""The squares that the gate's second look is trained on."""

from __future__ import annotations

import numpy as np

from tools.gate_model.crops import NONE, PLACE, SIDE, TEXT, Fonts, crop
from tools.gate_model.grounds import ground


def test_squares_say_where_their_text_stands() -> None:
    random = np.random.default_rng(3)
    with_text = without = 0
    for _ in range(40):
        shown, truth = crop(random, [], Fonts([], []))
        assert shown.shape == (SIDE, SIDE)
        assert truth.shape == (SIDE // PLACE, SIDE // PLACE)
        with_text += bool((truth == TEXT).any())
        without += bool((truth == NONE).all())
    assert with_text > 8
    assert without > 8


def test_grounds_are_drawn_from_the_seed() -> None:
    one, other = (ground(np.random.default_rng(7), [], 64) for _ in range(2))
    assert (one == other).all()
    assert one.min() >= 0
    assert one.max() <= 255
