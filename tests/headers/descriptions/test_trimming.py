from __future__ import annotations

import pytest

from safelight.headers.descriptions.trimming import (
    consists_of_terms,
    is_eponym_of_term,
    trim_finding,
    trim_joined_unit,
)
from safelight.records import Span


def trim(value: str, text: str, entity: str, engine: str = "ner", confidence: float = 0.8) -> str:
    """Return what is left of a finding of ``text`` in a description, empty for nothing."""
    begin = value.index(text)
    span = trim_finding(value, Span(begin, begin + len(text), entity, engine, confidence))
    return value[span.begin : span.end] if span else ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("BILAT - HUFFMAN^DOUGLAS", "HUFFMAN^DOUGLAS"),
        ("Whitcombe, contrast", "Whitcombe"),
        ("J. Whitcombe", "J. Whitcombe"),
        ("Whitcombe J", "Whitcombe J"),
        ("Post Whitcombe", "Post Whitcombe"),  # Post is a surname too
        ("O'Rourke-Whitcombe,", "O'Rourke-Whitcombe,"),
        ("diagnostic", ""),
        ("Harold Cisneros Thoracic X-ray", "Harold Cisneros"),
    ],
)
def test_terms_next_to_name_are_trimmed(text: str, name: str) -> None:
    assert trim(f"MAMMO {text}", text, "NAME") == name


@pytest.mark.parametrize("engine", ["known", "regex", "key"])
def test_finding_without_model_is_not_trimmed(engine: str) -> None:
    assert trim("MAMMO BILAT HUFFMAN", "BILAT HUFFMAN", "NAME", engine) == "BILAT HUFFMAN"


@pytest.mark.parametrize(
    ("text", "entity", "confidence", "left"),
    [
        ("POST", "CONTACT", 0.88, ""),
        ("PA", "LOCATION", 0.6, ""),
        ("PA", "LOCATION", 0.95, "PA"),
        ("Kalamazoo", "LOCATION", 0.6, "Kalamazoo"),
        ("POST 1091", "LOCATION", 0.6, "POST 1091"),
    ],
)
def test_uncertain_place_that_is_a_term_is_dropped(
    text: str, entity: str, confidence: float, left: str
) -> None:
    assert trim(f"AX T1 {text} x", text, entity, confidence=confidence) == left


@pytest.mark.parametrize(
    ("value", "name", "left"),
    [
        ("Coronary LCA RAO caudal", "RAO", ""),
        ("Chest for RAO, supine", "RAO", "RAO"),
        ("CHEST PA RAO", "RAO", "RAO"),
        ("RAO VIJAY, chest", "RAO VIJAY", "RAO VIJAY"),
    ],
)
def test_abbreviation_in_capitals_is_not_a_name(value: str, name: str, left: str) -> None:
    assert trim(value, name, "NAME") == left


@pytest.mark.parametrize(
    ("value", "text", "left"),
    [
        ("PET AC 3D - Margaret Delgado", "D - Margaret Delgado", "Margaret Delgado"),
        ("Boost 10Gy Lakeview Hospital", "Gy Lakeview Hospital", "Lakeview Hospital"),
        ("Room 3Delgado", "Delgado", "Delgado"),
        ("for D - Margaret", "D - Margaret", "D - Margaret"),
    ],
)
def test_unit_of_a_number_is_not_part_of_a_finding(value: str, text: str, left: str) -> None:
    begin = value.index(text)
    span = trim_joined_unit(value, Span(begin, begin + len(text), "NAME", "ner"))
    assert value[span.begin : span.end] == left


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ("Congo red stain", "Congo", True),
        ("Canavan spectroscopy", "Canavan", True),
        ("Leber sagittal - Jane Doe", "Leber", True),
        ("for Leber, sagittal", "Leber", False),
        ("Dr Leber sagittal", "Leber", False),
        ("Leber Anna", "Leber", False),
        ("CT CHEST Leber", "Leber", False),
        ("Baker knee", "Baker", False),  # a frequent surname
    ],
)
def test_an_eponym_belongs_to_the_term_after_it(value: str, name: str, expected: bool) -> None:
    begin = value.index(name)
    span = Span(begin, begin + len(name), "NAME", "gazetteer", 0.9)
    assert is_eponym_of_term(value, span) is expected
    assert not is_eponym_of_term(value, Span(begin, begin + len(name), "NAME", "known"))


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ("PAS Grocott", "PAS Grocott", True),
        ("Thorax p.a. stehend", "p.a. stehend", True),
        ("for PAS Grocott", "PAS Grocott", False),
        ("Chest Whitcombe", "Chest Whitcombe", False),
        ("J Chest", "J Chest", False),
    ],
)
def test_a_guess_of_terms_only_is_not_a_name(value: str, name: str, expected: bool) -> None:
    begin = value.index(name)
    assert consists_of_terms(value, Span(begin, begin + len(name), "NAME", "ner")) is expected


@pytest.mark.parametrize(
    ("value", "number", "left"),
    [("Chest PE Omnipaque 350", "350", ""), ("Room 350", "350", "350"), ("Bed 12", "12", "12")],
)
def test_the_concentration_of_a_drug_is_not_an_identifier(
    value: str, number: str, left: str
) -> None:
    assert trim(value, number, "ID", confidence=0.95) == left


@pytest.mark.parametrize(
    ("value", "name", "expected"),
    [
        ("Rippen links schräg", "schräg", True),
        ("für müller, Rippen", "müller", True),
        ("Chest müller", "müller", False),
        ("Rippen for müller", "müller", False),
    ],
)
def test_a_word_in_lower_case_among_foreign_terms_is_not_a_name(
    value: str, name: str, expected: bool
) -> None:
    begin = value.index(name)
    assert consists_of_terms(value, Span(begin, begin + len(name), "NAME", "ner")) is expected


def test_surname_that_is_a_word_stays_before_a_comma_and_a_given_name() -> None:
    value = "uptake Graves, Thomas"
    trimmed = trim_finding(value, Span(7, len(value), "NAME", "ner", 0.8))
    assert trimmed is not None and trimmed.begin == 7
