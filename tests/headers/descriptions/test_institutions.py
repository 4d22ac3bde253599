from __future__ import annotations

import pytest

from safelight.headers.descriptions.institutions import trim_institution
from safelight.records import Span


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
    ("value", "institution"),
    [
        ("CTA Circle of Willis Utsunomiya University Hospital", "Utsunomiya University Hospital"),
        ("Thyroid TI-RADS Daejeon University Hospital", "Daejeon University Hospital"),
    ],
)
def test_phrases_before_an_institution_are_not_part_of_it(value: str, institution: str) -> None:
    trimmed = trim_institution(value, Span(0, len(value), "LOCATION", "regex", 1.0, "HOSPITAL"))
    assert value[trimmed.begin :] == institution
