from __future__ import annotations

import pytest

from safelight.text.recognizers.common_words import names
from safelight.text.recognizers.common_words.names import is_common_word_as_name
from tests.rule_decisions import deciding_rule, rule_names

#: Rule: text, guess, decision.
EXAMPLES = {
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


@pytest.mark.parametrize(("rule", "example"), EXAMPLES.items())
def test_rule_decides_about_a_guess(rule: str, example: tuple[str, str, bool]) -> None:
    text, value, expected = example
    begin = text.index(value)
    place = begin, begin + len(value)
    rules = names._NAME_RULES
    assert deciding_rule(rules, lambda: is_common_word_as_name(text, *place)) == rule
    assert is_common_word_as_name(text, *place) is expected


def test_every_rule_has_an_example() -> None:
    assert rule_names(names._NAME_RULES) == set(EXAMPLES)
