"""A scan that is coded with new tables is decoded to the same pixels."""

from __future__ import annotations

from collections import Counter

import numpy as np

from safelight.pixels.codecs.jpeg.recoding import recode_scan
from tests.pixels.codecs.jpeg.gray_jpeg import SIDE, decode, make_gray_jpeg

BLOCKS = [(0, y, x) for y in range(SIDE // 8) for x in range(SIDE // 8)]


def test_new_tables_give_the_same_pixels() -> None:
    jpeg = make_gray_jpeg()
    (data,), tables = recode_scan([jpeg.scan_data], [BLOCKS], [(0, 0)], jpeg.huffman, {})
    assert np.array_equal(decode(jpeg.with_scan(tables, data)), jpeg.decode())


def test_new_tables_have_the_needed_symbols() -> None:
    jpeg = make_gray_jpeg()
    needed = {(1, 0): Counter({0xEA: 1})}
    _, tables = recode_scan([jpeg.scan_data], [BLOCKS], [(0, 0)], jpeg.huffman, needed)
    assert 0xEA in tables[1, 0].codes
