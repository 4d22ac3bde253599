from __future__ import annotations

import pytest

from safelight.pixels.phi.classifier import find_phi_masks
from safelight.records import Span
from tests.pixels.phi.scans import (
    NO_KNOWN_VALUES,
    masked_text,
    scan_of_rows,
)
from tests.rule_decisions import deciding_rules


@pytest.mark.parametrize(
    ("scan", "rule"),
    [
        (scan_of_rows("Name: SEXTON"), "covered"),
        (scan_of_rows("AAAavLAAv AAAVsAA", confidence=0.81), "curve"),
        (scan_of_rows("QX"), "too_short"),
        (scan_of_rows(("SIMANJUNTAK", 0), ("iti", 0)), "rest_of_name"),
        (scan_of_rows("Thyroid"), "allowed"),
        (scan_of_rows("QXZT-12"), "setting"),
        (scan_of_rows("ep2d_diff_b1234_ADC"), "sequence_name"),
        (scan_of_rows("QXZ"), "capitals"),
        (scan_of_rows("18L6HD"), "device_code"),
        (scan_of_rows("WORTHINGTON"), "default"),
    ],
)
def test_each_rule_of_visible_words_decides(scan, rule):
    decided = deciding_rules("pixels.unknown_words.visible", lambda: masked_text(scan))
    assert rule in decided


def test_two_unknown_words_of_a_badly_read_line_are_another_script():
    assert "MBHa" in masked_text(scan_of_rows("Kyaa Ma MBHa Olerob", confidence=0.65))


def test_one_unknown_word_of_a_badly_read_line_is_noise():
    assert masked_text(scan_of_rows("SAZRQ", confidence=0.68)) == ""
    assert masked_text(scan_of_rows("Xq7Zkw", confidence=0.5)) == ""


def test_a_misread_curve_is_not_a_name():
    scan = scan_of_rows("AAAavLAAv AAAVsAA", confidence=0.81)
    spans = {scan.texts[0]: [Span(0, 17, "NAME", "ner", 0.9)]}
    assert find_phi_masks(scan, NO_KNOWN_VALUES, spans) == ()


def test_a_word_that_lost_the_stem_of_its_first_letter_is_not_a_term():
    assert masked_text(scan_of_rows("IHORNTON")) != ""


def test_a_short_piece_is_masked_completely_if_a_part_of_it_is_a_name():
    scan = scan_of_rows("UMC Oosterveld")
    spans = {scan.texts[0]: [Span(4, 14, "LOCATION", "key", 0.9)]}
    assert masked_text(scan, NO_KNOWN_VALUES, spans) == "UMC Oosterveld"


def test_technique_after_a_name_is_not_part_of_it():
    found = masked_text(scan_of_rows("Kowalczyk Gianluca | 12.08.1990 | AX LAVA +C"))
    assert "LAVA" not in found and "C" not in found.replace("Gianluca", "")


def test_a_number_after_an_unknown_word_is_masked():
    assert masked_text(scan_of_rows("Pkt-Nr 88213")) == "88213"
