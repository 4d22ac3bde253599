from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.missing_lines import find_missing_lines
from tests.rule_decisions import deciding_rules


def readings_of(*rows):
    return [Reading(Box(left, top, width, 12), text, 0.99) for text, left, top, width in rows]


def strokes_in(rows=120, *areas):
    picture = np.full((rows, 200), 128, np.uint8)
    for top, left, right in areas:
        picture[top : top + 8, left:right:2] = 255
    return picture


BANNER = readings_of(("Name: SMITH", 10, 10, 90), ("ID: 123456", 10, 26, 90))
MISSING_ROW = [*BANNER, *readings_of(("DOB: 1950", 10, 58, 90))]
CUT_ROW = readings_of(("Name: SMITH", 10, 12, 90), ("ID: 123456", 10, 28, 90))
LATE_ROW = readings_of(("Kernel B30f standard", 10, 10, 140), ("W 80 L 35", 100, 26, 40))
LABEL_ROW = readings_of(("Name: SMITH", 10, 30, 90), ("Sex:", 10, 46, 32))


@pytest.mark.parametrize(
    ("readings", "strokes", "rule"),
    [
        (MISSING_ROW, strokes_in(120, (44, 12, 90)), "missing_row"),
        (CUT_ROW, strokes_in(120, (0, 12, 90)), "cut_row"),
        (LATE_ROW, strokes_in(120, (28, 12, 100)), "late_begin"),
        (LABEL_ROW, strokes_in(120, (48, 46, 100)), "missing_value"),
    ],
)
def test_each_rule_of_missing_lines_decides(readings, strokes, rule):
    (found,) = find_missing_lines(readings, strokes)
    assert found.text == ""
    decided = deciding_rules("pixels.missing_line", lambda: find_missing_lines(readings, strokes))
    assert rule in decided


@pytest.mark.parametrize("readings", [MISSING_ROW, CUT_ROW, LATE_ROW, LABEL_ROW])
def test_a_gap_without_strokes_is_no_text(readings):
    assert find_missing_lines(readings, strokes_in()) == []


def test_a_missing_row_is_where_the_pitch_puts_it():
    (found,) = find_missing_lines(MISSING_ROW, strokes_in(120, (44, 12, 90)))
    assert found.box.top <= 46 and found.box.bottom >= 50


def test_a_missing_row_is_found_under_a_bright_edge():
    picture = strokes_in()
    picture[43:52] = 255
    (found,) = find_missing_lines(MISSING_ROW, picture)
    assert found.box.top <= 46 and found.box.left <= 12


def test_rows_that_end_together_do_not_begin_late():
    readings = readings_of(("Kernel B30f standard", 10, 10, 140), ("W 80 L 35", 100, 26, 50))
    assert find_missing_lines(readings, strokes_in(120, (28, 12, 100))) == []


def test_a_gap_that_a_reading_covers_is_not_missing():
    covered = [*MISSING_ROW, *readings_of(("QX", 10, 42, 90))]
    assert find_missing_lines(covered, strokes_in(120, (44, 12, 90))) == []


def test_doubtful_readings_define_no_layout():
    doubtful = [Reading(r.box, r.text, 0.7) for r in MISSING_ROW]
    assert find_missing_lines(doubtful, strokes_in(120, (44, 12, 90))) == []
