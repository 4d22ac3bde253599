"""Eponyms, drugs, codes and shorthand that read like names, places and dates."""

from __future__ import annotations

import pytest

from nlp_pipelines.allow_lists import abbreviations, drugs, signs
from nlp_pipelines.refine import find_spans
from safelight.records import Span


def found(text: str, value: str = "", entity: str = "NAME", confidence: float = 0.97) -> list[str]:
    """What is hidden when the model guesses a value."""
    begin = text.index(value)
    guesses = [Span(begin, begin + len(value), entity, "ner", confidence)] if value else []
    return [text[span.begin : span.end] for span in find_spans(text, guesses)]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Sertoli tumor markers", "Sertoli"),
        ("Zollinger-Ellison gastrin level", "Zollinger-Ellison"),
        ("Hartmann's procedure on the left", "Hartmann"),
        ("canal of Schlemm", "Schlemm"),
        ("sphincter of Oddi dysfunction", "Oddi"),
        ("ligament of Cooper laxity", "Cooper"),
        ("Horner's triad?", "Horner"),
        ("Epworth sleepiness scale over ten", "Epworth"),
        ("Hamilton Depression Scale", "Hamilton"),
        ("switch to Trintellix", "Trintellix"),
        ("Reiter's arthritis and Noonan facies, Wernicke encephalopathy", "Wernicke"),
        ("Braden n/a today", "Braden"),
    ],
)
def test_an_eponym_or_a_drug_is_no_name(text: str, value: str) -> None:
    assert found(text, value) == []


@pytest.mark.parametrize(
    "text",
    [
        "canal of Guyon",
        "Whipple or distal pancreatectomy",
        "is Yasmin safe in migraine",
        "Hamilton rating scale",
        "Kaplan-Meier curves",
        "Blalock-Taussig shunt",
        "Rockwood frailty scale",
    ],
)
def test_lists_take_no_eponym_of_a_question_for_a_surname(text: str) -> None:
    assert found(text) == []


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Kelly wants her pain score", "Kelly"),
        ("Murphy 7B potassium", "Murphy"),
        ("Thomas pain scale at noon", "Thomas"),
        ("Mrs. Henle came alone", "Henle"),
        ("Gordon, 61, has asthma", "Gordon"),
        ("body of Johnson", "Johnson"),
        ("Mendelsohn was seen", "Mendelsohn"),
        ("Taylor's repair is on hold until she has been seen", "Taylor"),
    ],
)
def test_a_person_who_is_called_like_an_eponym_stays_hidden(text: str, value: str) -> None:
    assert value in " ".join(found(text, value))


@pytest.mark.parametrize(
    ("text", "value", "hidden"),
    [
        ("ARDS (Berlin moderate), proned", "Berlin", []),
        ("Ottawa ankle rules", "Ottawa", []),
        ("West Nile or Vienna classification", "Vienna", []),
        ("India ink positive", "India", []),
        ("moved to Ottawa", "Ottawa", ["Ottawa"]),
        ("lives in Berlin (moderate rent)", "Berlin", ["Berlin"]),
        ("Epworth sleepiness scale", "Epworth", []),
        ("lives in Epworth", "Epworth", ["Epworth"]),
    ],
)
def test_what_is_graded_by_a_town_is_no_place(text: str, value: str, hidden: list[str]) -> None:
    assert found(text, value, "LOCATION") == hidden


def test_the_lists_hold_nobody() -> None:
    assert len(drugs()) > 5000
    assert not {"yasmin", "allegra", "camila", "ito", "smith"}.intersection(drugs())
    assert {"sertoli", "peutz jeghers"} <= signs()
    assert "johnson" not in signs()
    assert "doxy" in abbreviations()
