"""Allow lists of clinical terms."""

from __future__ import annotations

import bz2
import pickle
import re
from pathlib import Path

import pytest

from tools.word_lists import LISTS_FOLDER
from tools.word_lists.clinical_lists import (
    _collect_allowed,
    _collect_drugs,
    _collect_unambiguous_names,
    _is_unambiguous,
    _read_context_lists,
    _read_vendors,
)


@pytest.mark.parametrize(
    ("eponym", "expected"), [("Babinski", True), ("Foley", False), ("Foley's", False)]
)
def test_an_eponym_that_is_a_name_is_ambiguous(eponym: str, expected: bool) -> None:
    assert _is_unambiguous(eponym, {"foley"}) is expected


def test_names_that_are_words_are_left_out() -> None:
    rows = _collect_unambiguous_names({"ottoline", "rose"}, {"quillfeather", "ottoline"})
    assert rows == ["ottoline,B", "quillfeather,S"]


def test_drugs_need_a_source_and_must_not_be_words(tmp_path: Path) -> None:
    path = tmp_path / "drugs.pkl.bz2"
    content = {
        "drug_variant_to_canonical": {
            "Zorbutalol": ["zorbutalol"],
            "Unsourced": ["unsourced"],
            "water": ["water"],
        },
        "drug_canonical_to_data": {
            "zorbutalol": {"drugbank_id": "DB00264"},
            "water": {"drugbank_id": "DB09145"},
        },
    }
    with bz2.open(path, "wb") as file:
        pickle.dump(content, file)
    assert _collect_drugs(path, set()) == ["zorbutalol"]


def _read_generated(name: str) -> list[str]:
    """Return the lines of a list of the library that the generator writes."""
    return (LISTS_FOLDER / f"{name}.txt").read_text(encoding="utf-8").splitlines()


def test_lists_that_depend_on_the_context_are_as_generated() -> None:
    abbreviations, signs = _read_context_lists()
    assert _read_generated("abbreviations") == sorted(abbreviations)
    assert _read_generated("sign_eponyms") == sorted(signs)
    assert _read_generated("vendors") == sorted(_read_vendors() & set(_read_generated("phrases")))


def test_phrases_are_as_generated_but_for_words_that_sources_call_names() -> None:
    every_phrase = _collect_allowed(set(), set(), set(), [])
    words = {word for phrase in every_phrase for word in re.findall(r"[^\W\d_]+", phrase.lower())}
    phrases_of_no_name = _collect_allowed(words, words, words, sorted(words))
    generated = _read_generated("phrases")
    assert generated == sorted(generated)
    assert phrases_of_no_name <= set(generated) <= every_phrase
