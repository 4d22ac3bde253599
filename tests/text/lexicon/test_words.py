from __future__ import annotations

import pytest

from safelight.text.lexicon.words import (
    given_names,
    is_frequent_name,
    is_imaging_term,
    is_known_name,
    is_name_rather_than_term,
    is_never_a_name,
    is_placeholder,
    is_rare_word_and_name,
    is_word,
    may_be_name,
    unambiguous_given_names,
    unambiguous_surnames,
)


@pytest.mark.parametrize("token", ["liver", "scans", "walking", "quickly"])
def test_word_and_its_inflections_are_words(token: str) -> None:
    assert is_word(token)


def test_surname_is_not_a_word() -> None:
    assert not is_word("kowalczyk")


def test_word_that_the_census_has_may_be_a_name() -> None:
    assert is_never_a_name("pancreas")
    assert not is_never_a_name("rose")


def test_known_names_are_given_names_and_frequent_surnames_that_are_words() -> None:
    assert is_known_name("susan") and is_known_name("hill")
    assert not is_known_name("liver")


def test_given_names_have_a_sex() -> None:
    assert set(given_names().values()) == {"F", "M", "U"}


def test_unambiguous_names_are_of_one_or_both_kinds() -> None:
    assert "yasmin" in unambiguous_given_names()
    assert "korhonen" in unambiguous_surnames()


def test_frequent_surname_is_a_frequent_name() -> None:
    assert is_frequent_name("alvarez")
    assert not is_frequent_name("korhonen")


def test_unknown_word_may_be_a_name() -> None:
    assert may_be_name("zyxwell")
    assert not may_be_name("pancreas")


def test_term_that_is_a_surname_is_a_term_in_a_description() -> None:
    assert is_imaging_term("head") and not is_name_rather_than_term("head")
    assert not is_imaging_term("young") and is_name_rather_than_term("young")


@pytest.mark.parametrize("value", ["ANONYMOUS", "N/A", "^^^^", "0000", "xxx"])
def test_placeholder_is_recognized(value: str) -> None:
    assert is_placeholder(value)


def test_name_is_not_a_placeholder() -> None:
    assert not is_placeholder("Kowalczyk")


@pytest.mark.parametrize(
    ("token", "is_rare"),
    [
        ("stokes", True),
        ("dome", True),
        ("shells", True),
        ("baseline", False),
        ("spine", False),
        ("spines", False),
        ("fistula", False),
        ("ockham", False),
    ],  # fmt: skip
)
def test_word_that_is_rather_a_name_is_rare(token: str, is_rare: bool) -> None:
    assert is_rare_word_and_name(token) is is_rare
