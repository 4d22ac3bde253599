from __future__ import annotations

import pytest

from safelight.text.recognizers import clinical_vocabulary
from safelight.text.recognizers.clinical_vocabulary import (
    is_common_word_as_name,
    is_common_word_as_place,
    is_common_word_as_profession,
    is_department,
)
from tests.rule_decisions import deciding_rule, rule_names

#: Rule: text, guess, decision.
NAMES = {
    "title": ("RN aware", "RN", True),
    "relative": ("bei Tante Ilse", "Tante", True),
    "key_of_json": ('{"uhid": 4}', "uhid", True),
    "drug_list": ("Meds: Ketosteril, Renogen 4000 u", "Renogen", True),
    "particles": ("Van den Bosch", "Van den", True),
    "after_title": ("Dr. Head", "Head", False),
    "known_phrase": ("Wernicke", "Wernicke", True),
    "abbreviation": ("home w/ doxycyc for days", "doxycyc", True),
    "field_label": ("Pat Name : STRAND", "Pat", True),
    "vendor": ("Medtronic Micra MRI", "Medtronic Micra", True),
    "nationality": ("a Somali man", "Somali", True),
    "label": ("Address  D.O.X : 04-08-2022", "D.O", True),
    "acronym": ("did QUORX send the report", "QUORX", True),
    "slashed": ("Chest/Fr/Pel venous", "Fr", True),
    "letter": ("the R side", "R", True),
    "hl7_event": ("type ORU^R01 was sent", "ORU^R01", True),
    "lowercase": ("Creatinine rose slightly", "rose", True),
    "foreign_lowercase": ("CT nativ und KM-gestützt mit der", "nativ und KM", True),
    "foreign_shorthand": ("Diagnose: M. Crohn", "M. Crohn", True),
    "terms_in_capitals": ("CISS IAC", "CISS IAC", True),
    "abbreviation_in_description": ("MUGA", "MUGA", True),
    "dotted_label": ("D.O.B. 03/14/1960", "D.O.B", True),
    "foreign_pronoun": ("Wir danken für Ihren Auftrag", "Ihren Auftrag", True),
    "compound_of_words": ("Lymphocyte-rich Hodgkin lymphoma", "Lymphocyte-rich", True),
    "eponym": ("Kelly clamp", "Kelly", True),
    "eponym_in_description": ("CHEST WATERS", "WATERS", True),
    "initials": ("signed DK", "DK", False),
    "one_word": ("DENTAL", "DENTAL", True),
    "words": ("MR Brain", "MR Brain", True),
}
PLACES = {
    "letter": ("the L side", "L", True),
    "key_of_json": ('{"uhid": 4}', "uhid", True),
    "dotted_label": ("d.o.b 17/10/68", "d.o.b", True),
    "indoors": ("RM 412 BED 2", "BED 2", True),
    "ward": ("CALLED RN 3 EAST", "EAST", True),
    "state_code": ("pain in arm", "in", True),
    "known_phrase": ("no Wernicke", "Wernicke", True),
    "abbreviation": ("paged GI again", "GI", True),
    "field_label": ("NHC 440982", "NHC", True),
    "label": ("IL  REGION: north", "REGION", True),
    "vendor": ("Hologic 3D mammo", "Hologic 3D", True),
    "nationality": ("Bhangra is Punjabi", "Punjabi", True),
    "department": ("Pain Clinic", "Pain Clinic", True),
    "about_a_phrase": ("Cymbalta black box", "Cymbalta black box", True),
    "acronym": ("did QUORX send the report", "QUORX", True),
    "employer": ("he drives for Swift and likes it", "Swift", False),
    "everyday_word": ("the output", "output", True),
    "short_number": ("called 911", "911", True),
    "terms_in_capitals": ("RUQ LIMITED", "RUQ LIMITED", True),
    "abbreviation_in_description": ("MUGA", "MUGA", True),
    "eponym_with_number": ("Hamilton 22", "Hamilton 22", True),
    "known_eponym": ("of Usher cells", "of Usher", True),
    "digits": ("stage T4N0", "T4N0", False),
    "foreign_lowercase": ("CT nativ und KM-gestützt mit der", "nativ und KM", True),
    "lowercase": ("She is feeling slightly dizzy", "feeling slightly", True),
    "long_term": ("Carcinoembryonic Ag", "Carcinoembryonic Ag", True),
    "operation": ("Le Fort osteotomy", "Fort osteotomy", True),
    "capitalized_word": ("Creamery today", "Creamery", True),
    "institution_words": ("general imaging group", "general imaging group", True),
}
PROFESSIONS = {
    "own_profession": ("has been a social worker", "social worker", False),
    "status_or_clinical": ("a sophomore in school", "sophomore", True),
    "abbreviation": ("home w/ doxycyc for days", "doxycyc", True),
    "known_phrase": ("an Axiom Artis here", "Axiom Artis", True),
    "vendor": ("via Cerner PowerChart", "Cerner PowerChart", True),
    "label": ("Occupation: none", "Occupation", True),
    "nationality": ("a Somali man", "Somali", True),
    "in_accident": ("Pedal cycle rider injured in collision", "rider", True),
    "clinician": ("A. Lee, MD, nurse anesthetist", "nurse anesthetist", True),
    "eponym": ("Carpenter syndrome", "Carpenter", True),
}


def _range(text: str, value: str) -> tuple[int, int]:
    begin = text.index(value)
    return begin, begin + len(value)


@pytest.mark.parametrize(("rule", "example"), NAMES.items())
def test_rule_decides_about_a_name(rule: str, example: tuple[str, str, bool]) -> None:
    text, value, expected = example
    rules = clinical_vocabulary._NAME_RULES
    place = _range(text, value)
    assert deciding_rule(rules, lambda: is_common_word_as_name(text, *place)) == rule
    assert is_common_word_as_name(text, *place) is expected


@pytest.mark.parametrize(("rule", "example"), PLACES.items())
def test_rule_decides_about_a_place(rule: str, example: tuple[str, str, bool]) -> None:
    text, value, expected = example
    rules, place = clinical_vocabulary._PLACE_RULES, _range(text, value)
    is_confident = rule == "employer"
    assert deciding_rule(rules, lambda: is_common_word_as_place(text, *place, is_confident)) == rule
    assert is_common_word_as_place(text, *place, is_confident) is expected


@pytest.mark.parametrize(("rule", "example"), PROFESSIONS.items())
def test_rule_decides_about_a_profession(rule: str, example: tuple[str, str, bool]) -> None:
    text, value, expected = example
    rules, place = clinical_vocabulary._PROFESSION_RULES, _range(text, value)
    assert deciding_rule(rules, lambda: is_common_word_as_profession(text, *place)) == rule
    assert is_common_word_as_profession(text, *place) is expected


def test_every_rule_has_an_example() -> None:
    assert rule_names(clinical_vocabulary._NAME_RULES) == set(NAMES)
    assert rule_names(clinical_vocabulary._PLACE_RULES) == set(PLACES)
    assert rule_names(clinical_vocabulary._PROFESSION_RULES) == set(PROFESSIONS)


def test_word_of_a_proper_name_is_not_a_department() -> None:
    assert is_department("Pain Clinic")
    assert not is_department("County Clinic")
