from __future__ import annotations

import pytest

from safelight.pixels.lexicon.field_labels import (
    FieldLabel,
    find_field_labels,
    fold_lookalikes,
    is_field_label,
)
from tests.rule_decisions import deciding_rules


def test_labels_are_found_along_a_row():
    labels = find_field_labels("Name: A B  DOB: 1/2/33 Sex: M")
    assert [label.entity for label in labels] == ["NAME", "DATE", "AGE"]


def test_a_label_has_the_offset_of_its_value():
    assert find_field_labels("Patient ID: 77") == [FieldLabel(0, 11, "ID", True)]


def test_words_that_resemble_a_label_are_none():
    assert find_field_labels("IDEAL DATEI 5") == []


def test_the_longest_label_wins():
    (label,) = find_field_labels("Medical record number: 5")
    assert (label.begin, label.entity) == (0, "ID")


@pytest.mark.parametrize("text", ["Namc: SEXTON", "Paticnt IO: 873"])
def test_a_misread_strong_label_is_found_at_the_begin_of_a_row(text):
    assert find_field_labels(text)[0].begin == 0


def test_a_misread_label_is_not_found_within_a_row():
    assert find_field_labels("Chest lnstitution nane 5") == []


def test_a_strong_label_needs_no_separator_at_the_begin_of_a_row():
    assert find_field_labels("Surname Rao") == [FieldLabel(0, 7, "NAME", False)]


def test_a_weak_label_needs_a_separator():
    assert find_field_labels("Doctor Rao") == []
    assert find_field_labels("Doctor: Rao") != []


def test_a_weak_label_of_a_number_needs_no_separator_before_a_long_number():
    assert find_field_labels("ID 77120") == [FieldLabel(0, 2, "ID", False)]
    assert find_field_labels("ID 77") == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Pt.: ID", "inner_separator"),
        ("1234 5", "mostly_digits"),
        ("CTA CHEST", "short_lookalike"),
    ],
)
def test_each_rule_against_labels_decides(text, rule):
    assert rule in deciding_rules("pixels.not_a_field_label", lambda: find_field_labels(text))


@pytest.mark.parametrize(
    "text",
    ["CTA CHEST PE PROTOCOL", "Scan Range (mm)    CTDIvol  DLP", "Umbilical Artery PI 0.98"],
)
def test_a_term_is_not_the_short_label_that_it_resembles(text):
    assert find_field_labels(text) == []


@pytest.mark.parametrize("text", ["D0B: 1/2/33", "DO8: 1/2/33", "ETA 67", "MRN: 77", "lD: 77"])
def test_a_short_label_is_found_with_digits_for_letters(text):
    assert find_field_labels(text)


def test_a_text_is_a_field_label_only_as_a_whole():
    assert is_field_label("Patient Name:") and is_field_label("Surname")
    assert not is_field_label("Patient Name: Rao") and not is_field_label("Chest")


def test_characters_that_look_alike_are_folded_together():
    assert fold_lookalikes("5EXT0N") == fold_lookalikes("sexton")
    assert fold_lookalikes("corner") == fold_lookalikes("comer")
