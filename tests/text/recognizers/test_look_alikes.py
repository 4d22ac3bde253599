"""Eponyms, drugs, codes and shorthand that read like names, places and dates."""

from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.lexicon.phrases import abbreviations, drugs, eponyms
from safelight.text.recognizers.span_filter import find_spans


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
        ("MR KNEE (Sorensen protocol)", "Sorensen"),
        ("Kowalczyk negative for flu", "Kowalczyk"),
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
    assert {"sertoli", "peutz jeghers"} <= eponyms()
    assert "johnson" not in eponyms()
    assert "doxy" in abbreviations()


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("was it 2014 or 2019 that it came out", "2014 or 2019", "DATE"),
        ("guideline v3.2023 of the panel", "v3.2023", "DATE"),
        ("ABG 7.28/55/80 on two litres", "7.28/55/80", "DATE"),
        ("wound 3.2x2.1x0.4 clean", "2.1x0.4", "DATE"),
        ("seen @ 31w2d by dates", "31w2d", "DATE"),
        ("ETT day 3. 12h of fever", "3. 12h", "DATE"),
        ("CIWA 9/4, repeat later", "", ""),
        ("she is G5P3013 and well", "G5P3013", "DATE"),
        ("she is G5P3013 and well", "G5P3013", "ID"),
        ("HLA-B*2705 positive", "2705", "ID"),
        ("fever of 103 since noon", "103", "AGE"),
        ("glucose was 112 at noon", "112", "AGE"),
        ("Ethiopian food and Korean ginseng", "Korean", "LOCATION"),
        ("a Somali man", "Somali", "PROFESSION"),
        ("per Vietnamese custom", "Vietnamese", "NAME"),
        ("h/o hx GERD who smokes", "hx GERD who", "LOCATION"),
        ("PMH: COPD, Hodgkin lymphoma", "COPD, Hodgkin", "NAME"),
        ("what does QUORX say about statins", "QUORX", "LOCATION"),
        ("find home health agencies nearby", "home health agencies", "LOCATION"),
        ("ONCOLOGY CLINIC\nreturns for chemo", "ONCOLOGY CLINIC", "LOCATION"),
        ("Pain Clinic follow-up", "Pain Clinic", "LOCATION"),
        ("vision 6/12 for distance", "6/12", "DATE"),
        ("pt seen by soc work re: housing. Calm", "soc work", "NAME"),
        ("home w/ doxycyc x 7d from the ED. Stable", "doxycyc", "NAME"),
    ],
)
def test_codes_shorthand_and_nationalities_identify_nobody(
    text: str, value: str, entity: str
) -> None:
    confidence = 0.9 if value == "QUORX" else 0.97
    assert found(text, value, entity, confidence) == []


@pytest.mark.parametrize(
    ("text", "value", "entity"),
    [
        ("HUS 9/4 no bleed; Apgars 5 and 8 then", "9/4", "DATE"),
        ("report filed 6/12 for self-neglect", "6/12", "DATE"),
        ("turned 102 in spring", "102", "AGE"),
        ("he drives for Swift and likes it", "Swift", "LOCATION"),
        ("Memorial Hospital sent it", "Memorial Hospital", "LOCATION"),
        ("did QUORX send the report", "QUORX", "LOCATION"),
        ("Works nights as security guard", "security guard", "PROFESSION"),
        ("spoke w/ carla about it. She Agrees", "carla", "NAME"),
        ("French was seen by Dr. French", "French", "NAME"),
        ("NGUYEN was told by us", "NGUYEN", "NAME"),
    ],
)
def test_what_only_looks_like_a_code_or_a_word_stays_hidden(
    text: str, value: str, entity: str
) -> None:
    assert value in found(text, value, entity, 0.995)


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Copy to: Hill", ["Hill"]),
        ("Copies to: Dr. Okonkwo, file", ["Okonkwo"]),
        ("Plan: SW to f/u Thurs; referral", []),
        ("f/u w/ Tues clinic", []),
    ],
)
def test_who_gets_a_copy_is_a_name_and_a_weekday_is_none(text: str, names: list[str]) -> None:
    assert [text[s.begin : s.end] for s in find_spans(text, []) if s.entity == "NAME"] == names


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Pacs by Philips Healthcare here", []),
        ("a Siemens Medical Center of excellence", []),
        ("seen at Baxter Regional Hospital today", ["Baxter Regional Hospital"]),
        ("seen at Abbott Northwestern Hospital today", ["Abbott Northwestern Hospital"]),
    ],
)
def test_a_maker_is_no_hospital(text: str, hidden: list[str]) -> None:
    assert [text[s.begin : s.end] for s in find_spans(text, [])] == hidden


@pytest.mark.parametrize(
    ("text", "value", "entity", "hidden"),
    [
        ("lives on a VA pension, report filed 6/12 at noon", "6/12", "DATE", ["6/12"]),
        ("VA 6/12 on the right", "6/12", "DATE", []),
        ("crypts of Lieberkuhn seen", "crypts of Lieberkuhn", "LOCATION", []),
        ("97214 home health agencies", "home health agencies", "LOCATION", []),
        ("near home health agencies, call", "home health agencies", "LOCATION", []),
    ],
)
def test_what_stands_near_tells(text: str, value: str, entity: str, hidden: list[str]) -> None:
    assert [one for one in found(text, value, entity, 0.97) if one != "97214"] == hidden


@pytest.mark.parametrize(
    ("text", "value", "entity", "hidden"),
    [
        ("Dupuytren's contracture splint", "Dupuytren", "NAME", []),
        ("strength 3/5 triceps C7", "3/5", "DATE", []),
        ("billed 99214-25 today", "99214-25", "ID", []),
        ("asked to march to the desk", "march", "DATE", []),
        ("off since march", "march", "DATE", ["march"]),
        ("Candida tropicalis in the urine", "Candida", "NAME", []),
        ("Candida was seen by us", "Candida", "NAME", ["Candida"]),
        ("Tana Delta fever outbreak", "Tana Delta", "LOCATION", []),
        ("home from Lagos fever for days", "Lagos", "LOCATION", ["Lagos"]),
        ("New Orleans head rule", "New Orleans", "LOCATION", []),
        (
            "seen at Bay Harbor Cardiology since",
            "Bay Harbor",
            "LOCATION",
            ["Bay Harbor Cardiology"],
        ),
        ("dr. lopez's clinic is full", "'s clinic", "LOCATION", ["lopez's"]),
        ("Horner pupil", "", "", []),
        ("Iglesias picc", "", "", ["Iglesias"]),
        ("De La Rosa cultures?", "", "", ["De La Rosa"]),
        ("Van Houten potassium", "", "", ["Van Houten"]),
        ("she may march in place", "may march", "DATE", []),
        ("Cymbalta black box", "Cymbalta black box", "LOCATION", []),
        ("homozygous for C282Y and H63D", "C282Y", "ID", []),
        ("one deltaF508 allele", "deltaF508", "ID", []),
        ("Rome III criteria", "Rome", "LOCATION", []),
        ("pt seen by soc about rent", "soc", "NAME", []),
        ("anyone from iceland with cystitis, Doctor", "iceland", "LOCATION", ["iceland"]),
        ("Crohn (Vienna A1L2B3) failed", "Vienna A1L2B3", "LOCATION", []),
        ("Called to the floor 0512 by us", "0512", "CONTACT", []),
        ("pager 0512 all night", "0512", "CONTACT", ["0512"]),
        ("advised re schisto at the Lake", "schisto", "NAME", []),
        ("told by the surgeon (Rosenthal)", "Rosenthal", "NAME", ["Rosenthal"]),
        ("Bernstein 4 and Khan 7 wait for results", "Bernstein", "NAME", ["Bernstein"]),
        ("Drummond chest", "Drummond", "NAME", ["Drummond"]),
        ("Rossi biopsy", "", "", ["Rossi"]),
    ],
)
def test_what_follows_tells_a_term_from_a_name(
    text: str, value: str, entity: str, hidden: list[str]
) -> None:
    assert found(text, value, entity) == hidden


def test_a_term_in_capitals_is_not_backed_by_the_name_beside_it() -> None:
    text = "MR PITUITARY NWOSU"
    guesses = [Span(3, 12, "NAME", "ner", 0.9), Span(13, 18, "NAME", "ner", 0.9)]
    assert [text[s.begin : s.end] for s in find_spans(text, guesses)] == ["NWOSU"]


def test_capitals_that_no_list_knows_are_a_name_where_the_model_is_sure() -> None:
    text = "Please call NAKWE about the results of her test"
    assert found(text, "NAKWE", confidence=0.97) == ["NAKWE"]
    assert found(text, "NAKWE", confidence=0.9) == []
