from __future__ import annotations

import pytest

from safelight.pixels.phi.persons import find_initials, find_person
from tests.rule_decisions import deciding_rules


@pytest.mark.parametrize(
    ("piece", "rule"),
    [
        ("MILLER", "lone_surname"),
        ("WORTHINGTON", "other_text"),
        ("Park Min-ho", "hyphenated_name"),
        ("SMITH JOHN", "all_names"),
        ("Carmen Maria Xqzzt Bvrrk", "given_name_with_unknown_word"),
        ("Chest Thyroid", "default"),
    ],
)
def test_each_rule_of_persons_decides(piece, rule):
    assert deciding_rules("pixels.find_person", lambda: find_person(piece)) == [rule]
    assert (find_person(piece) is not None) == (rule not in ("other_text", "default"))


@pytest.mark.parametrize(("piece", "initials"), [("L  BKT", "BKT"), ("QW R", "QW")])
def test_initials_next_to_a_side_marker_are_found(piece, initials):
    span = find_initials(piece)
    assert span is not None and piece[span.begin : span.end] == initials


@pytest.mark.parametrize(
    "view", ["L CC", "R MLO", "L XCC", "RT LAT", "AP L", "KUB R", "L 1.5", "LT OBL", "R DX"]
)
def test_views_next_to_a_side_marker_are_not_initials(view):
    assert find_initials(view) is None


def test_two_terms_of_a_screen_that_are_also_names_are_no_person():
    assert find_person("Gen THI") is None
