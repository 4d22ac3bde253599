from __future__ import annotations

import pytest

from safelight.text.known.known_phi import KnownValue
from tests.text.known.finding import find_texts

NAME, NUMBER = KnownValue("NAME", "HARGREAVE^TOMAS"), KnownValue("ID", "PX440172")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("scan of evaergraH today", ["evaergraH"]),
        ("EVAERGRAH^SAMOT", ["EVAERGRAH"]),
        ("no. 271044XP, 2710-44XP", ["271044XP", "2710-44XP"]),
        ("samot", []),
        ("xevaergrah 1271044XP", []),
    ],
)
def test_names_and_identifiers_in_reverse_order_are_found(text: str, expected: list[str]) -> None:
    assert find_texts([NAME, NUMBER], text) == expected


def test_words_and_palindromes_are_not_searched_in_reverse_order() -> None:
    known = [KnownValue("NAME", "RETSAM^OTTO"), KnownValue("ID", "1234321")]
    assert find_texts(known, "master tape 5") == []
