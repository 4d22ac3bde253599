from __future__ import annotations

import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.pixels.phi.scans import (
    KNOWN,
    make_line,
    make_scan,
    masked_text,
    scan_of_pieces,
    scan_of_rows,
)
from tests.rule_decisions import deciding_rules

NAME = ("SEXTON CARMEN", 10, 10)


@pytest.mark.parametrize(
    ("pieces", "rule"),
    [
        ((NAME, ("F", 130, 10)), "sex"),
        ((("14.07.2023", 10, 10), ("17:45", 10, 26)), "time"),
        ((("14.07.2023", 10, 10), ("17:45:3", 10, 26)), "time"),
        ((NAME, ("48213", 10, 26)), "lone_number"),
        ((("12.03.1961 45/2231", 10, 10),), "register_number"),
        ((NAME, ("67", 130, 10)), "age"),
    ],
)
def test_each_rule_of_words_next_to_phi_decides(pieces, rule):
    scan = scan_of_pieces(*pieces)
    decided = deciding_rules("pixels.context_rules.word", lambda: masked_text(scan, KNOWN))
    assert rule in decided


def test_an_unread_row_is_masked_near_phi():
    scan = scan_of_rows("Name: SEXTON CARMEN", "", "5.0 mm")
    top = scan.lines[1].box.top
    assert any(mask.box.top == top - 1 for mask in find_phi_masks(scan, KNOWN, {}))


def test_an_unread_row_without_phi_stays():
    assert find_phi_masks(scan_of_rows("T2 TSE SAG", "", "5.0 mm"), KNOWN, {}) == ()


def test_an_unread_line_of_another_size_is_not_part_of_a_block():
    scan = scan_of_rows("Name: SEXTON CARMEN", "5.0 mm")
    big = TextLine(None, Box(20, 44, 90, 80), "", 0.0, "test")
    masks = find_phi_masks(make_scan((*scan.lines, big)), KNOWN, {})
    assert all(mask.box.height < 40 for mask in masks)


def test_a_ratio_without_phi_is_not_a_register_number():
    assert masked_text(scan_of_rows("127/1280")) == ""


def test_a_time_is_masked_in_a_block_with_a_date():
    assert masked_text(scan_of_rows("17:45", "14.07.2023")) == "17:45 | 14.07.2023"


def test_a_ratio_in_a_block_without_a_date_is_not_a_time():
    assert masked_text(scan_of_rows("2:45", "5.0 mm")) == ""


def test_a_number_is_an_age_next_to_a_person():
    assert "67" in masked_text(scan_of_pieces(NAME, ("67", 130, 10), ("F", 150, 10)), KNOWN)


def test_a_number_far_from_a_person_is_not_an_age():
    scan = scan_of_pieces(NAME, ("Vent. rate 72 BPM", 300, 10))
    assert "72" not in masked_text(scan, KNOWN)


def test_sex_and_age_in_one_row_are_masked_near_phi():
    pieces = (("9261", 10, 10), ("M", 10, 26), ("63", 60, 26), ("11/18/94", 10, 42))
    found = masked_text(scan_of_pieces(*pieces))
    assert "M" in found and "63" in found


def test_a_row_that_is_a_part_of_a_known_value_is_masked():
    known = KnownPHI([KnownValue("LOCATION", "Chest and Heart Center North")])
    rows = ("Chest and Heart Center North", "Heart Center")
    assert "Heart Center" in masked_text(scan_of_rows(*rows), known).split(" | ")


@pytest.mark.parametrize(
    "name", ["Sunrise Wellness Partners", "The Open Door", "Blue River Imaging"]
)
@pytest.mark.parametrize("below", ["14 Harbour Street, Fernhill", "+44 20 7946 0123"])
def test_words_above_an_address_or_telephone_number_are_an_institution(name, below):
    assert name in masked_text(scan_of_rows(name, below))


@pytest.mark.parametrize("row", ["CHEST PA", "Thickness 5.0 mm", "Tel:", "H&E"])
def test_technical_text_above_an_address_is_kept(row):
    assert row not in masked_text(scan_of_rows(row, "14 Harbour Street, Fernhill"))


def test_the_value_of_a_misread_label_of_a_date_of_birth_is_masked():
    name = make_line("SEXTON CARMEN", 10, 10)
    birth = make_line("DOR 00/  205", 10, 26, confidence=0.66)
    assert "00/  205" in masked_text(make_scan([name, birth]), KNOWN)
    reliable = make_line("DOR 4.5", 10, 26, confidence=0.99)
    assert "4.5" not in masked_text(make_scan([name, reliable]), KNOWN)


def test_a_sex_alone_in_a_row_next_to_phi_is_masked():
    assert "F" in masked_text(scan_of_rows("1951-09-06", "F", "Slice 14")).split(" | ")
    assert masked_text(scan_of_rows("Brain", "F", "Slice 14")) == ""


def test_a_window_next_to_phi_is_no_sex():
    assert masked_text(scan_of_rows("1951-09-06", "W= 4095 L= 2048")) == "1951-09-06"


def test_a_time_without_a_date_is_masked_below_a_name_and_kept_in_a_screen() -> None:
    assert "12:13" in masked_text(scan_of_rows("WORTHINGTON, AGNES", "12:13"))
    assert masked_text(scan_of_rows("Thickness 5.0 mm", "12:13")) == ""
    assert "0:45" not in masked_text(scan_of_rows("WORTHINGTON, AGNES", "0:45"))
