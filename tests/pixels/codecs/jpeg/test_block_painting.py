"""Painted blocks have the coefficients of their painted samples."""

from __future__ import annotations

import numpy as np

from safelight.pixels.codecs.jpeg.block_painting import CodedBlock, ColorComponent, paint_blocks

QUANTIZERS = {0: np.ones(64)}


def painted(inside: np.ndarray) -> CodedBlock:
    component = ColorComponent(1, 1, 1, 0, 8, 8, inside, np.zeros((8, 8)), np.ones((1, 1), bool))
    block = CodedBlock(component, (0, 0), (0, 0), 0, 0, 0, 0, 0, [400] + [0] * 63)
    paint_blocks([block], QUANTIZERS, 128)
    return block


def test_a_block_that_is_painted_black_has_only_a_dc_coefficient() -> None:
    new = painted(np.ones((8, 8), bool)).new
    assert new is not None and new[0] == -1023 and not new[1:].any()


def test_a_block_without_samples_to_paint_keeps_its_coefficients() -> None:
    new = painted(np.zeros((8, 8), bool)).new
    assert new is not None and new.tolist() == [400] + [0] * 63


def test_a_half_painted_block_has_ac_coefficients() -> None:
    inside = np.zeros((8, 8), bool)
    inside[:4] = True
    new = painted(inside).new
    assert new is not None and new[1:].any()
