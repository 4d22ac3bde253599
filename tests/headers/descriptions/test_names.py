"""Tests of names that the place in a short value shows."""

from __future__ import annotations

import pytest

from safelight.headers.descriptions.names import (
    extend_name,
    find_institutions,
    find_names_by_place,
)
from safelight.records import Span


def find(value: str) -> list[str]:
    return [value[span.begin : span.end] for span in find_names_by_place(value)]


@pytest.mark.parametrize(
    ("value", "name"),
    [
        ("AXIAL S/C - Weaver", "Weaver"),  # alone between separators
        ("diff ax 2_adc / (Lott)", "Lott"),
        ("Burden: POST_WO", "Burden"),
        ("Cutaneous biopsy BARNES left arm", "BARNES"),  # capitals among small letters
        ("popcorn calcification Stone, E.", "Stone, E."),  # with an initial
        ("3Plane_Loc Walker_W", "Walker_W"),
        ("Neck mass - read by LKB", "LKB"),
        ("knee, tech NP", "NP"),
        ("compression - PATIENT NAME Ethel Amen", "Ethel Amen"),  # behind a label
        ("Name: Hulbert TESTICULAR LYMPHOMA", "Hulbert"),  # a term follows
        ("PRE-DOSE, BLADDER / pt Lay", "Lay"),
        ("T2 sag, pt D.M.", "D.M."),
        ("COR 3D PRE DR Cowherd", "Cowherd"),
        ("operator Dye MD: BRAIN", "Dye"),
        ("knee, tech Banks", "Banks"),
        ("P STAPLES: CT_UPPER", "P STAPLES"),
        ("susan sims: hymenal ring", "susan sims"),  # a full name in small letters
    ],
)
def test_the_place_of_a_surname_shows_that_it_is_a_name(value: str, name: str) -> None:
    assert name in find(value)


@pytest.mark.parametrize(
    "value",
    [
        "CT HEAD - STROKE",
        "CHEST, PA",
        "T2 AX / SPINE",
        "Extraction Catheter (TEC)",
        "PRE ABD/PEL",
        "THA, follow up",
        "tech MR",
        "Chest_L",
        "patient supine",
        "LIVER, BIOPSY",
        "SINUS - WATERS view",
        "CT_ABD/PELV (STONE)",
        "DR Chest",
        "Steatohepatitis, non-alcoholic steatohepatitis (NASH)",
    ],
)
def test_terms_between_separators_are_not_names(value: str) -> None:
    assert not find(value)


def test_long_texts_are_not_descriptions() -> None:
    assert not find("x " * 40 + "- Weaver")


@pytest.mark.parametrize(
    ("value", "found", "whole"),
    [
        ("ELISA JOHNS Portal_Phase", "ELISA", "ELISA JOHNS"),
        ("Banks_Dorothy: Prone", "Dorothy", "Banks_Dorothy"),
        ("edema - Jinks^Bruce", "Bruce", "Jinks^Bruce"),
        ("enema - Staples, Myrtle", "Myrtle", "Staples, Myrtle"),
        ("seed point, Gaiter_Brett", "Brett", "Gaiter_Brett"),
        ("eczema - (Aubrey Dryer)", "Aubrey", "Aubrey Dryer"),
        ("UNCORRECTED - mark hanlin", "hanlin", "mark hanlin"),
        ("Technologist Xiomara Kroustexidis, 80 ml", "Xiomara", "Xiomara Kroustexidis"),
        ("Technologist Tomasz Praschout, 80 ml", "Tomasz", "Tomasz Praschout"),
        ("called by Tomas Petraitis", "Tomas", "Tomas Petraitis"),
        ("called by Tomas Arthritis", "Tomas", "Tomas"),
        ("Dorothy CHEST", "Dorothy", "Dorothy"),
        ("called Dorothy MPRAGE", "Dorothy", "Dorothy"),
        ("dorothy Chest", "dorothy", "dorothy"),
    ],
)
def test_a_name_includes_the_other_part_of_it(value: str, found: str, whole: str) -> None:
    begin = value.index(found)
    span = extend_name(value, Span(begin, begin + len(found), "NAME", "ner", 0.9))
    assert value[span.begin : span.end] == whole


def test_an_institution_in_capitals_is_found() -> None:
    value = "UVALDE MEMORIAL HOSPITAL: c_a_p_w_contrast"
    assert [value[span.begin : span.end] for span in find_institutions(value)] == [
        "UVALDE MEMORIAL HOSPITAL"
    ]


def test_an_institution_for_a_speciality_is_found() -> None:
    value = "Hospital For Special Surgery: waveform"
    assert [value[span.begin : span.end] for span in find_institutions(value)] == [
        "Hospital For Special Surgery"
    ]
