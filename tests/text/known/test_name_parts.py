from __future__ import annotations

import pytest

from safelight.text.known.known_phi import KnownValue
from safelight.text.known.name_parts import (
    INITIAL_PART,
    STRONG_PART,
    WEAK_PART,
    WORD_PART,
    drop_particles,
    name_tokens,
    rank_part,
    umlaut_spellings,
)
from tests.text.known.finding import find_texts


@pytest.mark.parametrize(
    ("token", "rank"),
    [("kowalczyk", STRONG_PART), ("perfusion", WEAK_PART), ("li", WEAK_PART), ("a", INITIAL_PART)],
)
def test_rank_depends_on_length_and_word_lists(token: str, rank: int) -> None:
    assert rank_part(token) == rank


def test_a_word_that_is_not_frequent_has_a_rank_of_its_own() -> None:
    assert rank_part("walnut") == WORD_PART


def test_titles_and_degrees_are_not_tokens() -> None:
    assert name_tokens("john smithson, md") == ["john", "smithson"]


def test_particles_are_dropped_next_to_other_tokens() -> None:
    assert drop_particles("van der berg^anna", ["van", "der", "berg", "anna"]) == ["berg", "anna"]


def test_umlauts_have_two_spellings() -> None:
    assert list(umlaut_spellings("Müller")) == [("mueller", "muller")]


@pytest.mark.parametrize("name", ["Van^Anna", "Do^Anna", "Le, Anna", "Ben^Anna"])
def test_a_particle_or_title_alone_in_its_component_is_a_name(name: str) -> None:
    family = name.split("^", maxsplit=1)[0].split(",", maxsplit=1)[0]
    values = [KnownValue("NAME", name)]
    assert find_texts(values, f"{family.upper()}^ANNA") == [f"{family.upper()}^ANNA"]
    assert find_texts(values, f"seen with Mr. {family} here") == [family]


def test_a_degree_after_a_name_is_not_found_alone() -> None:
    assert find_texts([KnownValue("NAME", "John Smithson, MD")], "signed by an MD") == []
