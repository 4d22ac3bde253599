from __future__ import annotations

import re
from dataclasses import replace

import pytest

from safelight.records import Span
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.recognizers.span_filter import filter_chunks, find_spans


def guess(text: str, value: str, entity: str) -> list[str]:
    begin = text.index(value)
    spans = filter_chunks(text, [Span(begin, begin + len(value), entity, "ner", 0.9)])
    return [text[span.begin : span.end] for span in spans]


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("Foley catheter in place", "Foley", "NAME"),
        ("no Parkinson disease", "Parkinson", "NAME"),
        ("on a SOMATOM Force", "SOMATOM Force", "NAME"),
        ("surgery in 2009", "2009", "DATE"),
        ("pain two weeks ago", "two weeks ago", "DATE"),
        ("a 54 year old man", "54", "AGE"),
        ("Creatinine rose slightly", "rose", "NAME"),
        ("Discussed w/ the team", "w", "NAME"),
        ("POA is with the family", "POA", "NAME"),
        ("Romberg negative, gait steady", "Romberg", "NAME"),
        ("Kowalczyk sign negative", "Kowalczyk", "NAME"),
        ("palpitations and Giemsa stain", "Giemsa", "NAME"),
        ("type ORU^R01 was sent", "ORU^R01", "NAME"),
        ("call 911 now", "911", "LOCATION"),
        ("the note was filed at 2330", "2330", "DATE"),
        ("a ratio of 14/16 was seen", "14/16", "DATE"),
        ("vision 6/12 on the right", "6/12", "DATE"),
        ("Ki-67 low", "67", "ID"),
        ("a sophomore in school", "sophomore", "PROFESSION"),
        ("A. Lee, MD, Pathologist", "Pathologist", "PROFESSION"),
        ("Neer 3 fracture", "Neer", "NAME"),
        ("strength rated 4/5 on the left", "4/5", "DATE"),
        ("a medical social worker called", "social worker", "PROFESSION"),
        ("SINUS WATERS", "WATERS", "NAME"),
        ("Parkinson protocol", "Parkinson", "NAME"),
        ("Hodgkin", "Hodgkin", "NAME"),
        ("Axiom Artis dFC", "Artis", "NAME"),
        ("MR BRAIN 3T", "BRAIN", "NAME"),
        ("ABD/PEL routine", "PEL", "NAME"),
        ("Patient Hoyer lift", "Hoyer", "NAME"),
        ("vomited after the Augmentin", "the Augmentin", "DATE"),
        ("enrolled in NCT04068999", "NCT04068999", "ID"),
        ("vitals 98.6 88 16 120/70", "98.6 88 16 120/70", "CONTACT"),
        ("Azure XT DR, SN RNB448199H", "SN", "NAME"),
        ("Seen by nutrition (Kelsey)", "nutrition", "NAME"),
        ("Pat Name : STRAND", "Pat", "NAME"),
        ("Abd/Pel venous", "Pel", "NAME"),
        ("Z.n. Billroth-II 1998", "Z.n. Billroth-II", "NAME"),
        ("Diagnose: M. Crohn", "M. Crohn", "NAME"),
        ("CT nativ und KM-gestützt vom 3. Mai mit der", "nativ und KM-gestützt", "LOCATION"),
    ],
)
def test_a_lone_guess_falls_before_form_and_vocabulary(text: str, value: str, entity: str) -> None:
    assert guess(text, value, entity) == []


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("Foley was seen", "Foley", "NAME"),
        ("Rose was seen", "Rose", "NAME"),
        ("since March 2009", "March 2009", "DATE"),
        ("a 94 year old man", "94", "AGE"),
        ("went to Salem", "Salem", "LOCATION"),
        ("seen 6/12 by us", "6/12", "DATE"),
        ("before Thanksgiving", "Thanksgiving", "DATE"),
        ("a retired nurse", "nurse", "PROFESSION"),
        ("Kowalczyk, 54", "Kowalczyk", "NAME"),
        ("Penrose\n12 mg given", "Penrose", "NAME"),
        ("entered AQL at the desk", "AQL", "NAME"),
        ("met Cleopatra there", "Cleopatra", "NAME"),
        ("was operated 6/4 by us", "6/4", "DATE"),
        ("has been a social worker", "social worker", "PROFESSION"),
        ("Mr. Waters", "Waters", "NAME"),
        ("Waters", "Waters", "NAME"),
        ("sinuses of Waters as before, per the neighbour's letter", "Waters", "NAME"),
        ("MR LONG 3T", "LONG", "NAME"),
    ],
)
def test_a_guess_that_may_be_true_stays(text: str, value: str, entity: str) -> None:
    assert guess(text, value, entity) == [value]


@pytest.mark.parametrize(
    ("value", "sure"), [("Vancouver", True), ("Geneva", True), ("Clinic", False)]
)
def test_a_sure_guess_of_a_place_stands_unless_it_is_an_everyday_word(
    value: str, sure: bool
) -> None:
    text = f"{value} was mentioned"
    found = filter_chunks(text, [Span(0, len(value), "LOCATION", "ner", 0.97)])
    assert bool(found) is sure


@pytest.mark.parametrize(
    ("text", "first", "second", "entity"),
    [("Diann Noise was here", "Diann", "Noise", "NAME"), ("ref 4471 22", "4471", "22", "ID")],
)
def test_a_doubtful_piece_stands_beside_a_standing_one(
    text: str, first: str, second: str, entity: str
) -> None:
    guesses = [
        Span(text.index(v), text.index(v) + len(v), entity, "ner", 0.8) for v in (first, second)
    ]
    assert [text[s.begin : s.end] for s in filter_chunks(text, guesses)] == [first, second]
    assert filter_chunks(text, guesses[1:]) == []


def test_a_hyphen_at_the_end_of_a_chunk_does_not_keep_it_from_being_glued() -> None:
    found = filter_chunks("Patel-Novak", [Span(0, 6, "NAME", "ner", 0.9)])
    assert [(span.begin, span.end) for span in found] == [(0, 11)]


def test_a_guess_is_widened_to_whole_words_and_loses_punctuation() -> None:
    text = "(Kowalczyk), seen"
    assert [
        text[s.begin : s.end] for s in filter_chunks(text, [Span(0, 5, "NAME", "ner", 1.0)])
    ] == ["Kowalczyk"]


def test_rules_are_never_taken_back_by_the_allow_list() -> None:
    text = "Dr. Foley, MRN: 0012345, 03/04/2019"
    alone = find_patterns(text)
    assert alone
    assert [replace(s, subtype="") for s in find_spans(text, [])] == [
        replace(s, subtype="") for s in alone
    ]


def test_no_source_is_dropped() -> None:
    text = "Anna Kowalczyk MRN: 0012345"
    spans = find_spans(text, [Span(0, 14, "NAME", "ner", 0.9)])
    assert {span.entity for span in spans} == {"NAME", "ID"}


def test_fine_labels_follow_form() -> None:
    text = "94110 Salem General Hospital a@b.org 12 Oak Lane"
    found = filter_chunks(
        text,
        [
            Span(0, 5, "LOCATION", "ner", 1.0),
            Span(6, 28, "LOCATION", "ner", 1.0),
            Span(29, 36, "CONTACT", "ner", 1.0),
            Span(37, 48, "LOCATION", "ner", 1.0),
        ],
    )
    assert [span.subtype for span in found] == ["ZIP", "HOSPITAL", "EMAIL", "STREET"]


def test_a_guess_ends_with_its_line_and_leaves_out_words_in_small_letters() -> None:
    text = "COLLECTED BY MOORE\nA. Colon; Okonkwo feels Kowalczyk"
    begin = text.index("MOORE")
    spans = filter_chunks(text, [Span(begin, begin + 14, "NAME", "ner", 0.9)])
    assert "MOORE" in [text[s.begin : s.end] for s in spans]
    assert not any("\n" in text[s.begin : s.end] for s in spans)
    begin = text.index("Okonkwo")
    spans = filter_chunks(text, [Span(begin, len(text), "NAME", "ner", 0.9)])
    assert [text[s.begin : s.end] for s in spans] == ["Okonkwo", "Kowalczyk"]
    text = "feels Okonkwo today-"  # what ends a text stands before none of its words
    spans = filter_chunks(text, [Span(0, 13, "NAME", "ner", 0.9)])
    assert [text[s.begin : s.end] for s in spans] == ["Okonkwo"]


def test_a_hyphenated_name_and_a_glued_identifier_are_whole() -> None:
    text = "S. Patel-Novak FP-00193-RT"
    spans = filter_chunks(text, [Span(0, 8, "NAME", "ner", 0.9), Span(15, 23, "ID", "ner", 0.9)])
    assert [text[s.begin : s.end] for s in spans] == ["S. Patel-Novak", "FP-00193-RT"]


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        ("Susan Head chest", "Susan", "Susan Head"),
        ("ABD YOUNG SUSAN", "SUSAN", "YOUNG SUSAN"),
        ("CHEST HEAD SUSAN", "SUSAN", "SUSAN"),
        ("HEAD_OKONKWO", "HEAD_OKONKWO", "OKONKWO"),
        ("MR BRAIN Wang 3T", "BRAIN Wang", "Wang"),
        ("SMITH Anna came", "SMITH Anna", "SMITH Anna"),
        ("HADDADI, NOURA F 037Y", "HADDADI, NOURA F", "HADDADI, NOURA"),
        ("Sanz Jose    M    1958", "Sanz Jose    M", "Sanz Jose"),
        ("SMITH, JOHN F", "SMITH, JOHN F", "SMITH, JOHN F"),
        ("SCRUB L Ochoa CST", "SCRUB L Ochoa", "L Ochoa"),
        ("whether Jung-woo Park came", "Jung-woo Park", "Jung-woo Park"),
    ],
)
def test_a_given_name_takes_its_surname_along_and_leaves_the_protocol(
    text: str, value: str, whole: str
) -> None:
    assert guess(text, value, "NAME") == [whole]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Ravi Subramaniam contrast", "Ravi Subramaniam"),
        ("SUBRAMANIAM, RAVI T2 AX", "SUBRAMANIAM, RAVI"),
        ("scan of Yasmin K. Haddadi", "Yasmin K. Haddadi"),
    ],
)
def test_full_names_are_found_by_lists_alone(text: str, name: str) -> None:
    assert [text[s.begin : s.end] for s in find_spans(text, [])] == [name]


@pytest.mark.parametrize(
    "text", ["Karl Storz", "Jackson Pratt drain", "Chest Abdomen", "Paris Nord", "Maria hilft"]
)
def test_no_full_name_is_made_of_a_maker_an_eponym_or_terms(text: str) -> None:
    assert text not in [text[s.begin : s.end] for s in find_spans(text, [])]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Barrett Prague C2M4", []),
        ("Ottawa rules positive", []),
        ("moved to Prague", ["Prague"]),
    ],
)
def test_a_town_that_doctors_have_graded_in_is_no_place(text: str, found: list[str]) -> None:
    town = "Ottawa" if "Ottawa" in text else "Prague"
    begin = text.index(town)
    spans = filter_chunks(text, [Span(begin, begin + len(town), "LOCATION", "gazetteer")])
    assert [text[s.begin : s.end] for s in spans] == found


def test_the_name_of_a_house_is_whole() -> None:
    text = "from BROOKMERE ASSISTED LIVING. Lakeview clinic visits"
    first = filter_chunks(text, [Span(5, 14, "LOCATION", "ner", 0.99)])
    second = filter_chunks(text, [Span(32, 40, "LOCATION", "ner", 0.99)])
    assert [text[s.begin : s.end] for s in first + second] == [
        "BROOKMERE ASSISTED LIVING",
        "Lakeview",
    ]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("room 12 (Haddadi, Minseo) needs", ["Haddadi, Minseo"]),
        ("Tobias: not yet\nImpression: normal", ["Tobias"]),
        ("(Chest, Abdomen) seen", []),
    ],
)
def test_names_in_brackets_and_speakers_are_found(text: str, names: list[str]) -> None:
    assert [text[s.begin : s.end] for s in find_spans(text, [])] == names


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Korhonen", "Korhonen"),
        ("60 Gy Nwosu", "Nwosu"),
        ("CT_AHLGREN_HELIX", "AHLGREN"),
        ("1 LAO Bustamante", "Bustamante"),
    ],
)
def test_a_surname_alone_is_found_in_a_brief_value(text: str, name: str) -> None:
    assert [text[s.begin : s.end] for s in find_spans(text, [])] == [name]


@pytest.mark.parametrize(
    "text",
    [
        "Mortara Instrument, Inc.",
        "English (United States)",
        "NEXT MONDAY",
        "Bavier-Orcutt position",
        "Cleves method",
        "HEAD LONG FIELD",
        "The ward was told that Korhonen's old pictures are lost for good, alas.",
    ],
)
def test_no_lone_surname_is_a_maker_a_day_an_eponym_or_in_a_sentence(text: str) -> None:
    assert [span for span in find_spans(text, []) if span.entity == "NAME"] == []


@pytest.mark.parametrize(
    "text", ["IRM hanche gauche", "MRT Schädel nativ", "TAC columna lumbar sin contraste"]
)
def test_imaging_words_of_other_languages_are_no_names(text: str) -> None:
    words = [match.span() for match in re.finditer(r"\w+", text)]
    guesses = [Span(*word, "NAME", "ner", 0.97) for word in words]
    assert find_spans(text, guesses) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [("CC: SOB x 3 days", "SOB"), ("CHIARI I. DICTATED BY M OYELARAN MD", "CHIARI I.")],
)
def test_a_complaint_and_a_stage_are_no_names(text: str, value: str) -> None:
    assert guess(text, value, "NAME") == []


@pytest.mark.parametrize("text", ["Follow up Tuesday w/ CT", "CHIARI I. DICTATED"])
def test_days_and_words_of_a_signature_are_no_names(text: str) -> None:
    assert [span for span in find_spans(text, []) if span.entity == "NAME"] == []


def test_what_a_rule_takes_for_a_place_is_no_full_name() -> None:
    text = "Lives 12 Oak Lane, Salem, OR 97301 with both of his sons and their dogs and cats"
    assert {span.entity for span in find_spans(text, [])} == {"LOCATION"}
