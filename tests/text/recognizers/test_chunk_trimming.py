from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.recognizers.chunk_trimming import split_chunk


def split(text: str, value: str, entity: str) -> list[str]:
    """Return the parts of a chunk of the model."""
    begin = text.index(value)
    parts = split_chunk(text, Span(begin, begin + len(value), entity, "ner", 0.9))
    return [text[part.begin : part.end] for part in parts]


def test_chunk_that_ends_before_a_hyphen_takes_in_the_whole_name() -> None:
    assert split("Patel-Novak", "Patel-", "NAME") == ["Patel-Novak"]


def test_chunk_is_widened_to_whole_words_without_punctuation() -> None:
    assert split("(Kowalczyk), seen", "(Kowa", "NAME") == ["Kowalczyk"]


def test_name_ends_at_the_end_of_its_line() -> None:
    text = "COLLECTED BY MOORE\nA. Colon; Okonkwo feels Kowalczyk"
    assert split(text, "MOORE\nA. Colon", "NAME") == ["MOORE", "A. Colon"]


def test_words_in_lower_case_split_a_name() -> None:
    assert split("seen: Okonkwo feels Kowalczyk", "Okonkwo feels Kowalczyk", "NAME") == [
        "Okonkwo",
        "Kowalczyk",
    ]


def test_hyphen_at_the_end_of_a_text_belongs_to_none_of_its_words() -> None:
    assert split("feels Okonkwo today-", "feels Okonkwo", "NAME") == ["Okonkwo"]


def test_underscores_of_a_protocol_split_a_name() -> None:
    assert split("HEAD_OKONKWO", "HEAD_OKONKWO", "NAME") == ["HEAD", "OKONKWO"]


def test_half_of_a_slash_abbreviation_belongs_to_no_name() -> None:
    assert split("stain n/a. Okonkwo c/o pain", "a. Okonkwo c", "NAME") == ["Okonkwo"]


def test_end_of_a_sentence_splits_a_name() -> None:
    text = "Dr. Okonkwo walked. Kowalczyk"
    assert split(text, "Okonkwo walked. Kowalczyk", "NAME") == ["Okonkwo", "Kowalczyk"]
    assert split("Fitzpatrick I. SKs", "Fitzpatrick I. SKs", "NAME") == ["Fitzpatrick I", "SKs"]
    assert split("Prof. Okonkwo", "Prof. Okonkwo", "NAME") == ["Prof. Okonkwo"]


def test_half_of_a_time_belongs_to_no_date_and_no_identifier() -> None:
    assert split("at 14:05 H-2209", "05 H-2209", "ID") == ["H-2209"]
    assert split("22/2 15:50 called", "22/2 15", "DATE") == ["22/2"]


def test_dash_and_closing_of_a_letter_split_a_name() -> None:
    assert split("PAS Grocott - Anna Young", "Grocott - Anna Young", "NAME") == [
        "Grocott",
        "Anna Young",
    ]
    text = "Killip I. Regards, Siobhan Novak"
    assert split(text, "Killip I. Regards, Siobhan Novak", "NAME") == ["Killip I", "Siobhan Novak"]


def test_letter_of_a_specimen_is_not_part_of_a_name() -> None:
    assert split("core B. Anna Novak", "B. Anna Novak", "NAME") == ["Anna Novak"]
    assert split("seen by B. Anna Novak", "B. Anna Novak", "NAME") == ["B. Anna Novak"]


def test_number_before_an_address_is_not_part_of_it() -> None:
    assert split("Omnipaque 350 10.144.227.115", "350 10.144.227.115", "CONTACT") == [
        "10.144.227.115"
    ]


def test_hyphenated_name_is_whole() -> None:
    assert split("S. Patel-Novak today", "S. Patel", "NAME") == ["S. Patel-Novak"]


def test_grouped_identifier_is_whole() -> None:
    assert split("no FP-00193-RT here", "FP-00193", "ID") == ["FP-00193-RT"]


@pytest.mark.parametrize(
    ("text", "value", "whole"),
    [
        ("Susan Head chest", "Susan", "Susan Head"),
        ("ABD YOUNG SUSAN", "SUSAN", "YOUNG SUSAN"),
        ("CHEST HEAD SUSAN", "SUSAN", "SUSAN"),
        ("MR BRAIN Wang 3T", "BRAIN Wang", "Wang"),
        ("SMITH Anna came", "SMITH Anna", "SMITH Anna"),
        ("HADDADI, NOURA F 037Y", "HADDADI, NOURA F", "HADDADI, NOURA"),
        ("Sanz Jose    M    1958", "Sanz Jose    M", "Sanz Jose"),
        ("SMITH, JOHN F", "SMITH, JOHN F", "SMITH, JOHN F"),
        ("SCRUB L Ochoa CST", "SCRUB L Ochoa", "L Ochoa"),
        ("whether Jung-woo Park came", "Jung-woo Park", "Jung-woo Park"),
    ],
)
def test_name_takes_in_its_surname_and_leaves_out_labels_and_terms(
    text: str, value: str, whole: str
) -> None:
    assert split(text, value, "NAME") == [whole]


def test_institution_in_capitals_takes_in_the_rest_of_its_name() -> None:
    text = "from BROOKMERE ASSISTED LIVING."
    assert split(text, "BROOKMERE", "LOCATION") == ["BROOKMERE ASSISTED LIVING"]


def test_words_in_lower_case_are_not_the_rest_of_an_institution() -> None:
    assert split("Lakeview clinic visits", "Lakeview", "LOCATION") == ["Lakeview"]


def test_chunk_of_punctuation_has_no_parts() -> None:
    assert split("a -- b", "--", "NAME") == []


def test_place_ends_before_dictated_punctuation() -> None:
    assert split("seen at st johns full stop", "st johns full stop", "LOCATION") == ["st johns"]


def test_date_ends_before_a_time_of_day() -> None:
    assert split("1/23 0600 - stable", "1/23 0600", "DATE") == ["1/23"]
    assert split("called 06/11 at 0930", "06/11 at 0930", "DATE") == ["06/11"]
    assert split("on 6/11/2013", "6/11/2013", "DATE") == ["6/11/2013"]
    assert split("seen 8/22. 11:05", "8/22. 11:05", "DATE") == ["8/22"]
    assert split("on 01.17.2019", "01.17.2019", "DATE") == ["01.17.2019"]


def test_name_takes_in_particles_and_the_surname_after_one() -> None:
    assert split("4 | El Idrissi | 49", "Idrissi", "NAME") == ["El Idrissi"]
    assert split("Signed: Rhodri ap Dafydd", "Rhodri", "NAME") == ["Rhodri ap Dafydd"]
    assert split("Tanveer ul Haq, FCPS", "Tanveer", "NAME") == ["Tanveer ul Haq"]
    assert split("Signed: Rhodri ap Dafydd", "Rhodri ap", "NAME") == ["Rhodri ap Dafydd"]


def test_question_mark_splits_a_name() -> None:
    assert split("on Thurs Arvo? Moana", "Arvo? Moana", "NAME") == ["Arvo", "Moana"]
