"""Test the screens of the benchmark of harmless text, and their figures."""

from __future__ import annotations

from collections import Counter

import pytest

from benchmarks.burned_in.layouts import make_screen
from benchmarks.burned_in.screens import (
    HALVES,
    Figures,
    find_half,
    format_report,
    make_layout,
    screens,
)


@pytest.mark.parametrize("screen", screens(), ids=lambda screen: screen["name"])
def test_each_screen_has_words_to_keep_and_values_to_mask(screen: dict[str, str]) -> None:
    one = make_screen(make_layout(screen), "empty", 0)
    assert one.values and one.kept
    boxes = [box for _, box in (*one.values, *one.kept)]
    assert all(box.clip(640, 640) == box for box in boxes), "text leaves the picture"


def test_rows_of_a_screen_do_not_overlap() -> None:
    for screen in screens():
        lines = make_layout(screen)["lines"]
        tops = Counter((left, top) for left, top, _ in lines)
        assert max(tops.values()) == 1, screen["name"]


def test_labels_of_values_are_not_counted() -> None:
    layout = make_layout({"name": "x", "tl": ["Exam no: {serial} Se: 3"]})
    assert layout["lines"] == [(8, 6, "Exam no: {serial} <Se:> <3>")]


def test_both_halves_have_screens_of_each_larger_modality() -> None:
    found = {(find_half(screen), screen["modality"]) for screen in screens()}
    assert {(half, modality) for half in HALVES for modality in ("US", "CT", "MR")} <= found


def test_the_report_has_shares_and_rows_by_maker() -> None:
    figures = Figures(10, Counter({"Frq": 1}), 4, Counter(), 0)
    report = format_report({"unseen": {"US GE": figures}})
    assert "9 of 10 harmless words kept (90.0%), 4 of 4 values masked (100.0%)" in report
    assert "| US GE | 9 of 10 | 4 of 4 |" in report
