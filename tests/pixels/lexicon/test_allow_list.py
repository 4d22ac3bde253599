from __future__ import annotations

import pytest

from safelight.pixels.lexicon.allow_list import (
    allow_list,
    device_terms,
    is_allowed,
    is_misread_curve,
    is_misread_marker,
    is_screen_term,
    is_sequence_name,
    is_setting,
    is_technical_term,
    tokenize_row,
)
from tests.rule_decisions import deciding_rules


def test_words_come_without_the_punctuation_around_them():
    assert list(tokenize_row("(Chest) PA, -")) == [(1, 6, "Chest"), (8, 10, "PA")]


@pytest.mark.parametrize(
    ("word", "rule"),
    [
        ("x", "single_character"),
        ("Thyroid", "listed_word"),
        ("BARRETT'S", "possessive"),
        ("depth16cm", "term_with_number"),
        ("CHESTAP", "term_with_view"),
        ("APUPRIGHT", "term_with_view"),
        ("PORTABLESUPINE", "two_terms"),
        ("Pre-contrast", "compound"),
        ("12mm", "setting"),
        ("thyroyd", "misread_term"),
        ("WORTHINGTON", "default"),
    ],
)
def test_each_rule_of_allowed_words_decides(word, rule):
    assert deciding_rules("pixels.is_allowed", lambda: is_allowed.__wrapped__(word)) == [rule]
    assert is_allowed(word) == (rule != "default")


@pytest.mark.parametrize("word", ["WORTHINGTON", "Kowalczyk", "8732322741", "MRN-Kowalczyk"])
def test_names_and_long_numbers_are_not_allowed(word):
    assert not is_allowed(word)


@pytest.mark.parametrize("word", ["3.3", "-12", "1/25", "6.0MHz", "64%", "T1", "C5-1", "22w5d"])
def test_settings_are_short_numbers_with_units(word):
    assert is_setting(word)


def test_a_long_number_is_no_setting():
    assert not is_setting("8732322741")


def test_a_letter_three_times_in_a_row_is_a_misread_curve():
    assert is_misread_curve("AAAVsAA")
    assert not is_misread_curve("Hann 11")


def test_screen_terms_are_of_devices_anatomy_or_imaging():
    assert is_screen_term("gain") and is_screen_term("thyroid") and not is_screen_term("kowalczyk")


def test_technical_terms_are_anatomy_devices_and_numbers_with_units():
    assert is_technical_term("Thyroid") and is_technical_term("5mm")
    assert not is_technical_term("Kowalczyk")


@pytest.mark.parametrize("code", ["ep2d_diff_b1000", "t2_tse_sag"])
def test_a_code_of_terms_and_short_numbers_is_a_sequence_name(code):
    assert is_sequence_name(code)


@pytest.mark.parametrize("code", ["Kowalczyk_3", "sag", "4711_12345"])
def test_other_codes_are_no_sequence_names(code):
    assert not is_sequence_name(code)


def test_the_allow_list_holds_the_device_terms_in_lower_case():
    assert device_terms() <= allow_list()
    assert all(word == word.lower() for word in device_terms())


@pytest.mark.parametrize("word", ["POKMBLE", "PORTBLE", "DECUBTUS"])
def test_a_badly_read_lead_marker_is_recognized(word):
    assert is_misread_marker(word)


@pytest.mark.parametrize("word", ["PORTER", "HARTWELL", "DECKER"])
def test_other_words_are_no_misread_lead_markers(word):
    assert not is_misread_marker(word)


def test_a_number_with_a_unit_that_was_read_twice_is_allowed():
    assert is_allowed("3cm3cm") and not is_allowed("3cm4711")
