from __future__ import annotations

import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.pixels.phi.partial_matches import (
    PartialMatch,
    count_missing_begin,
    count_missing_end,
    find_partial_matches,
    find_short_number,
    get_box_after_line,
    get_box_before_line,
)
from safelight.records import Span
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.pixels.phi.scans import KNOWN, masked_text, scan_of_pieces, scan_of_rows
from tests.rule_decisions import deciding_rules


@pytest.mark.parametrize(
    ("text", "rule", "missing"),
    [
        ("9648408", "end", (3, 0)),
        ("3209648", "begin", (0, 3)),
        ("0964840", "middle", (2, 1)),
        ("7648408", "misread_cut", (3, 0)),
        ("3209648A08", "misread", (0, 0)),
    ],
)
def test_each_rule_of_partial_matches_decides(text, rule, missing):
    (match,) = find_partial_matches(text, KNOWN)
    assert (match.before, match.after) == missing
    rules = deciding_rules("pixels.partial_match", lambda: find_partial_matches(text, KNOWN))
    assert rule in rules


def test_an_allowed_word_is_not_a_partial_match():
    assert find_partial_matches("thyroid", KnownPHI([KnownValue("NAME", "THYROIDEA")])) == []


def test_a_misread_known_name_is_masked():
    assert "5EXT0N" in masked_text(scan_of_rows("5EXT0N CARMEN"), KNOWN)


def test_the_mask_of_a_partial_match_covers_the_missing_characters():
    scan = scan_of_rows("648408", left=100)
    boxes = [mask.box for mask in find_phi_masks(scan, KNOWN, {})]
    assert min(box.left for box in boxes) <= scan.lines[0].box.left - 4 * 8


def test_the_missing_end_of_a_known_value_is_counted():
    assert count_missing_end("SEXTON CAR", "NAME", KNOWN) == 3
    assert count_missing_end("1932 Aug", "DATE", KNOWN) > 0
    assert count_missing_end("Whitfield", "NAME", KNOWN) == 0


def test_the_missing_begin_of_a_known_value_is_counted():
    assert count_missing_begin("TON CARMEN", KNOWN) == (3, "NAME")
    assert count_missing_begin("04 Aug 32", KNOWN)[1] == "DATE"
    assert count_missing_begin("Whitfield", KNOWN) == (0, "")


@pytest.mark.parametrize("value", ["E-5", "VL-2", "K7", "PX-12"])
def test_a_short_number_of_the_patient_is_masked_alone_in_its_piece(value):
    known = KnownPHI([KnownValue("ID", value)])
    assert masked_text(scan_of_rows("5.0 mm", value), known) == value
    assert masked_text(scan_of_pieces((value, 10, 10), ("120 kV", 300, 10)), known) == value


@pytest.mark.parametrize(("text", "value"), [("L4", "L4"), ("AX T2 E5 FS", "E5"), ("12", "12")])
def test_a_vertebra_a_part_and_two_digits_are_not_short_numbers(text, value):
    assert find_short_number(text, KnownPHI([KnownValue("ID", value)])) is None


@pytest.mark.parametrize(
    ("rotation", "before", "after"),
    [
        (0, Box(80, 50, 20, 10), Box(140, 50, 20, 10)),
        (180, Box(140, 50, 20, 10), Box(80, 50, 20, 10)),
    ],
)
def test_room_around_a_line_follows_its_reading_direction(rotation, before, after):
    line = TextLine(None, Box(100, 50, 40, 10), "ABCD", 1.0, "", rotation)
    assert get_box_before_line(line, 2) == before
    assert get_box_after_line(line, 2) == after


def test_a_box_is_extended_by_the_missing_characters():
    line = TextLine(None, Box(100, 50, 40, 10), "ABCD", 1.0, "")
    match = PartialMatch(Span(0, 4, "NAME", "known", 0.8), 1, 2)
    assert match.extend(line.box, line) == Box(90, 50, 70, 10)
