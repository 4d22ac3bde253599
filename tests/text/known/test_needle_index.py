"""Test that many needles are found like few ones."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.text.known import needle_index
from safelight.text.known.needle_index import NeedleIndex
from tests.notes.helpers import count_calls

_needles = st.lists(st.text("abc1", min_size=1, max_size=40), max_size=12)


@settings(max_examples=200, deadline=None)
@given(_needles, st.text("abc1", max_size=60))
def test_all_needles_of_a_text_are_found_in_order(needles: list[str], text: str) -> None:
    index = NeedleIndex(zip(needles, range(len(needles))))
    expected = [number for number, needle in enumerate(needles) if needle in text]
    assert index.find(text) == expected
    few, needle_index._FEW_NEEDLES = needle_index._FEW_NEEDLES, 0
    cost, needle_index._SEARCH_COST = needle_index._SEARCH_COST, 10**9
    try:
        assert NeedleIndex(zip(needles, range(len(needles)))).find(text) == expected
    finally:
        needle_index._FEW_NEEDLES, needle_index._SEARCH_COST = few, cost


def test_the_time_of_a_short_text_does_not_grow_with_the_needles() -> None:
    calls = []
    for count in (1_000, 10_000):
        index = NeedleIndex((f"needle{n:06d}", n) for n in range(count))
        index.find("hello")
        calls.append(count_calls(lambda index=index: index.find("a text of thirty characters...")))  # type: ignore[misc]
    assert calls[0] == calls[1]
