"""Recall of names is measured by their origin, in the same sentences."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.records import Span
from tools.evaluate_text_model.fairness import format_table, measure


def _find_all(texts: Sequence[str]) -> list[list[Span]]:
    return [[Span(0, len(text), "NAME", "ner")] for text in texts]


def _find_nothing(texts: Sequence[str]) -> list[list[Span]]:
    return [[] for _ in texts]


def test_all_origins_have_the_same_number_of_names() -> None:
    results = measure(_find_all)
    assert len(results) == 22
    assert {found for found, _ in results.values()} == {420}
    assert {total for _, total in results.values()} == {420}


def test_the_table_has_the_lowest_recall_first() -> None:
    results = {"A": (9, 10), "B": (1, 10)}
    rows = format_table(results).splitlines()
    assert rows[2] == "| B | 10 | 0.100 |"
    assert rows[-1] == "| mean | 20 | 0.500 |"


def test_names_that_are_not_covered_are_missed() -> None:
    assert sum(found for found, _ in measure(_find_nothing).values()) == 0
