from __future__ import annotations

import pytest

from safelight.headers.descriptions import (
    consists_of_terms,
    is_eponym_of_term,
    tokenize_span,
    trim_caret_name,
    trim_finding,
    trim_institution,
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
    ("value", "left"),
    [("Head^Routine", None), ("Knee^SMITH", "SMITH"), ("OCKHAM^JOHN", "OCKHAM^JOHN")],
)
def test_terms_are_trimmed_from_name_with_carets(value: str, left: str | None) -> None:
    span = trim_caret_name(value, Span(0, len(value), "NAME", "regex"))
    assert (value[span.begin : span.end] if span else None) == left


def test_words_of_a_finding_are_folded_without_initials() -> None:
    assert tokenize_span("for J. Müller", Span(4, 13, "NAME", "ner")) == ["muller"]


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


def test_a_joined_term_is_not_a_name_with_carets_but_a_listed_name_is() -> None:
    for value, left in (("THORAX^ROUTINECHEST", None), ("Fletcher^Kim", "Fletcher^Kim")):
        span = trim_caret_name(value, Span(0, len(value), "NAME", "regex"))
        assert (span and value[span.begin : span.end]) == left


@pytest.mark.parametrize(
    ("value", "left"),
    [
        ("CT CHEST W CONTRAST Hamamatsu Municipal Hospital", "Hamamatsu Municipal Hospital"),
        ("Dose Report St. Brendan Hospital", "St. Brendan Hospital"),
        ("TOF_3D_slab Hospital Universitario de Zaragoza", "Hospital Universitario de Zaragoza"),
        ("12 lead ECG Hamamatsu Hospital", "Hamamatsu Hospital"),
        ("TTE adult Hamamatsu Hospital", "Hamamatsu Hospital"),
        ("T20s Hospital Universitario de Zaragoza", "Hospital Universitario de Zaragoza"),
        ("Pilocytic Astrocytoma Hamamatsu Hospital", "Hamamatsu Hospital"),
        ("Mercy General Hospital", "Mercy General Hospital"),
        ("Hand Memorial Hospital", "Hand Memorial Hospital"),
        ("Good Samaritan Kettering Hospital", "Good Samaritan Kettering Hospital"),
    ],
)
def test_terms_before_the_name_of_an_institution_are_trimmed(value: str, left: str) -> None:
    span = trim_institution(value, Span(0, len(value), "LOCATION", "regex"))
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
    ("value", "finding", "left"),
    [
        ("HENDRICKS^PHILIPPA Hodgkin staging", "HENDRICKS^PHILIPPA Hodgkin", "HENDRICKS^PHILIPPA"),
        ("DOE^JANE CHEST", "DOE^JANE CHEST", "DOE^JANE"),
        ("DOE^JANE MARIE chest", "DOE^JANE MARIE", "DOE^JANE MARIE"),
        ("DOE^JANE Baker chest", "DOE^JANE Baker", "DOE^JANE Baker"),
    ],
)
def test_the_description_after_a_name_with_carets_is_trimmed(
    value: str, finding: str, left: str
) -> None:
    span = trim_caret_name(value, Span(0, len(finding), "NAME", "ner"))
    assert span is not None and value[span.begin : span.end] == left


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


@pytest.mark.parametrize(
    ("value", "institution"),
    [
        ("CTA Circle of Willis Utsunomiya University Hospital", "Utsunomiya University Hospital"),
        ("Thyroid TI-RADS Daejeon University Hospital", "Daejeon University Hospital"),
    ],
)
def test_phrases_before_an_institution_are_not_part_of_it(value: str, institution: str) -> None:
    trimmed = trim_institution(value, Span(0, len(value), "LOCATION", "regex", 1.0, "HOSPITAL"))
    assert value[trimmed.begin :] == institution


@pytest.mark.parametrize(
    ("value", "guess"),
    [("STONE^LETICIA L CC", "STONE^LETICIA L"), ("STONE^LETICIA H&N", "STONE^LETICIA H")],
)
def test_letter_of_an_abbreviation_is_not_part_of_a_caret_name(value: str, guess: str) -> None:
    trimmed = trim_caret_name(value, Span(0, len(guess), "NAME", "ner", 0.9))
    assert trimmed is not None and value[: trimmed.end] == "STONE^LETICIA"


def test_surname_that_is_a_word_stays_before_a_comma_and_a_given_name() -> None:
    value = "uptake Graves, Thomas"
    trimmed = trim_finding(value, Span(7, len(value), "NAME", "ner", 0.8))
    assert trimmed is not None and trimmed.begin == 7
