from __future__ import annotations

import re

import pytest

from safelight.text.recognizers.foreign_lists import any_of, load_lists


def test_the_longest_alternative_matches() -> None:
    found = re.match(any_of(["mar", "marzo", "mar", "mars"]), "marzo 2020")
    assert found is not None and found[0] == "marzo"


def test_equally_long_alternatives_keep_their_order() -> None:
    assert any_of(["b", "a", "b", "cd"]) == "(?:cd|b|a)"


@pytest.mark.parametrize("name", ["foreign_dates", "foreign_terms", "foreign_text"])
def test_each_file_has_lists(name: str) -> None:
    assert all(load_lists(f"{name}.yaml").values())
