from __future__ import annotations

import pytest

from safelight.text.lexicon.phrases import (
    abbreviations,
    disease_eponyms,
    drugs,
    eponyms,
    is_known_phrase,
    is_prefix_of_any,
    is_truncated_drug,
    normalize_phrase,
    sign_eponyms,
    starts_with_vendor,
    tokenize,
)


def test_tokens_are_folded_runs_of_letters() -> None:
    assert tokenize("Hôpital St-Luc 12b") == ["hopital", "st", "luc", "b"]


def test_normalized_phrase_has_no_genitive() -> None:
    assert normalize_phrase("Parkinson's  Disease") == "parkinson disease"


def test_list_of_drugs_has_no_names_of_people() -> None:
    assert len(drugs()) > 5000
    assert not {"yasmin", "allegra", "camila", "ito", "smith"}.intersection(drugs())


def test_list_of_eponyms_has_no_frequent_surname() -> None:
    assert {"sertoli", "peutz jeghers"} <= eponyms()
    assert "johnson" not in eponyms()


def test_eponyms_of_signs_are_eponyms() -> None:
    assert sign_eponyms() <= eponyms()


def test_abbreviations_keep_their_case() -> None:
    assert "doxy" in abbreviations() and "DOXY" not in abbreviations()


def test_eponym_of_a_disease_is_the_first_word_of_a_phrase() -> None:
    assert "hodgkin" in disease_eponyms()


@pytest.mark.parametrize(
    ("part", "expected"), [("doxycyc", True), ("doxy", False), ("kowalczyk", False)]
)
def test_truncated_drug_has_five_letters_of_a_drug(part: str, expected: bool) -> None:
    assert is_truncated_drug(part) is expected


def test_prefix_is_found_in_sorted_words() -> None:
    assert is_prefix_of_any(("abc", "bcd"), "bc")
    assert not is_prefix_of_any(("abc", "bcd"), "c")


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("no Parkinson disease", "Parkinson", True),
        ("the Foley catheter", "Foley", True),
        ("Foley came", "Foley", False),
    ],
)
def test_phrase_may_include_neighbouring_words(text: str, value: str, expected: bool) -> None:
    begin = text.index(value)
    assert is_known_phrase(text, begin, begin + len(value)) is expected


def test_vendor_is_at_the_start_of_a_value() -> None:
    assert starts_with_vendor("Philips Healthcare X 64")
    assert not starts_with_vendor("Dr. Philips")
