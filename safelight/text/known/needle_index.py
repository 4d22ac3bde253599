"""Find which of many short strings a text contains.

A record of a hostile or very large source names thousands of people, and has thousands of texts.
The time of a search for each string in each text would grow with the product of both.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")

#: A longer needle is looked up by its beginning, and then compared as a whole.
_MAX_KEY_CHARACTERS = 24
#: Needles that are searched one by one, whatever the length of the text is.
_FEW_NEEDLES = 100
#: Cost of a search for one needle, and of the look-up of one position, in characters searched.
_SEARCH_COST, _LOOK_UP_COST = 400, 400


class NeedleIndex(Generic[T]):
    """Values by needle: a string that a text must contain.

    Parameters
    ----------
    pairs : iterable of (str, T)
        Needles, which are not empty, and their values.
    """

    def __init__(self, pairs: Iterable[tuple[str, T]]):
        self._pairs = list(pairs)

    @cached_property
    def _by_length(self) -> dict[int, dict[str, list[int]]]:
        """Numbers of the pairs by the beginnings of their needles, and by their length."""
        by_length: dict[int, dict[str, list[int]]] = {}
        for number, (needle, _) in enumerate(self._pairs):
            key = needle[:_MAX_KEY_CHARACTERS]
            by_length.setdefault(len(key), {}).setdefault(key, []).append(number)
        return by_length

    def find(self, text: str) -> list[T]:
        """Return the values whose needles a text contains, in the order of the needles."""
        if len(self._pairs) <= _FEW_NEEDLES or self._is_search_cheaper(len(text)):
            return [value for needle, value in self._pairs if needle in text]
        found: set[int] = set()
        for length, numbers in self._by_length.items():
            for begin in range(len(text) - length + 1):
                found.update(numbers.get(text[begin : begin + length], ()))
        candidates = (self._pairs[number] for number in sorted(found))
        return [value for needle, value in candidates if needle in text]

    def _is_search_cheaper(self, length: int) -> bool:
        search_cost = len(self._pairs) * (_SEARCH_COST + length)
        return search_cost <= len(self._by_length) * length * _LOOK_UP_COST
