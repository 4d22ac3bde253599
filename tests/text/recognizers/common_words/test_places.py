from __future__ import annotations

import pytest

from safelight.text.recognizers.common_words import places
from safelight.text.recognizers.common_words.places import is_common_word_as_place, is_department
from tests.rule_decisions import deciding_rule, rule_names

#: Rule: text, guess, decision.
EXAMPLES = {
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


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.items())
def test_rule_decides_about_a_guess(rule: str, example: tuple[str, str, bool]) -> None:
    text, value, expected = example
    begin = text.index(value)
    place = begin, begin + len(value)
    confidence = 0.97 if rule == "employer" else 0.0
    rules = places._PLACE_RULES
    assert deciding_rule(rules, lambda: is_common_word_as_place(text, *place, confidence)) == rule
    assert is_common_word_as_place(text, *place, confidence) is expected


def test_every_rule_has_an_example() -> None:
    assert rule_names(places._PLACE_RULES) == set(EXAMPLES)


def test_word_of_a_proper_name_is_not_a_department() -> None:
    assert is_department("Pain Clinic")
    assert not is_department("County Clinic")
