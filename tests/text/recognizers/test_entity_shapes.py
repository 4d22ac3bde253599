from __future__ import annotations

import pytest

from safelight.records import Span
from safelight.text.recognizers import entity_shapes
from safelight.text.recognizers.entity_shapes import has_plausible_shape
from tests.rule_decisions import deciding_rule, rule_names

#: Entity: rule: text, value, decision.
EXAMPLES = {
    "AGE": {
        "measured_value": ("fever of 103 since noon", "103", False),
        "old_age": ("a 94 year old man", "94", True),
    },
    "DATE": {
        "march_or_may": ("asked to march to the desk", "march", False),
        "year": ("surgery in 2009", "2009", False),
        "clock_time": ("filed at 2330", "2330", False),
        "percentage": ("burns of 10-19% of skin", "10-19", False),
        "measurement": ("seen @ 31w2d by dates", "31w2d", False),
        "magnification": ("H&E 40x", "40x", False),
        "chromosome_band": ("defect in 15q11-q13", "15q11-q13", False),
        "month_of_name": ("May-Thurner compression", "May", False),
        "month": ("since March 2009", "March 2009", True),
        "holiday": ("before Thanksgiving", "Thanksgiving", True),
        "range": ("for 13-20 days", "13-20", False),
        "relative_date": ("pain two weeks ago", "two weeks ago", False),
        "three_scores": ("BPE 2/1/2 today", "2/1/2", False),
        "page": ("FAX pg 1/1 sent", "1/1", False),
        "decimal_fraction": ("RE 6/7.5 unaided", "6/7", False),
        "impossible_date": ("a ratio of 14/16 was seen", "14/16", False),
        "few_digits": ("after the Augmentin", "the Augmentin", False),
        "short_number": ("day 18", "18", False),
        "decimal": ("ISI 1.01 in plasma", "1.01", False),
        "weeks_of_pregnancy": ("scan at 7/40 today", "7/40", False),
        "nodes": ("pT3 N1a (2/17), Dukes", "2/17", False),
        "numbers_apart": ("B. G89.29   24. Service", "29   24", False),
        "number_and_time": ("zofran 4. 0200 asleep", "4. 0200", False),
        "score": ("pain 5/10 today", "5/10", False),
    },
    "ID": {
        "loinc": ("code 718-7^HEMOGLOBIN", "718-7", False),
        "protein_variant": ("BRAF V600E", "V600E", False),
        "chromosome_band": ("paternal 15q11q13 deletion", "15q11q13", False),
        "times": ("shift 0700-1900:", "0700-1900", False),
        "visit_code": ("billed 99214-25 today", "99214-25", False),
        "public_number": ("enrolled in NCT04068999", "NCT04068999", False),
        "pregnancies": ("she is G5P3013", "G5P3013", False),
        "vital_signs": ("VS 148/92 112 22", "148/92 112 22", False),
        "trial": ("enrolled in KEYNOTE-921", "KEYNOTE-921", False),
        "range_of_measure": ("AUC target 400-600", "400-600", False),
        "model_of_maker": ("Olympus CF-HQ190L", "CF-HQ190L", False),
        "blocks": ("cassettes A1-A14", "A1-A14", False),
        "allele": ("HLA-B*2705 positive", "2705", False),
        "digits": ("MRN 448199", "448199", True),
        "masked": ("account XXX-1", "XXX-1", True),
    },
    "CONTACT": {
        "time_with_unit": ("Ph call 1420hrs from", "1420hrs", False),
        "time": ("seen at 0512", "0512", False),
        "hour": ("Called to the floor 0512 by us", "0512", False),
        "vital_signs": ("98.6 88 16 120/70", "98.6 88 16 120/70", False),
        "digits": ("pager 0512 all night", "0512", True),
        "address": ("a@b.org", "a@b.org", True),
    },
}
#: Rule: text, value, whether it is a score.
SCORES = {
    "scale": ("Barthel 12/20 today", "12/20", True),
    "dose_fraction": ("Whole brain 30/10", "30/10", True),
    "over_one": ("CIWA 9/4, repeat later", "9/4", False),
    "scored_finding": ("strength 4/5 on the left", "4/5", True),
    "apgar": ("Apgars 7/9 then", "7/9", True),
    "duration": ("RTC 3/12", "3/12", True),
    "acuity": ("vision 6/12 on the right", "6/12", True),
}
CASES = [
    (entity, rule, *example)
    for entity, rules in EXAMPLES.items()
    for rule, example in rules.items()
]


def _span(text: str, value: str, entity: str) -> Span:
    begin = text.index(value)
    return Span(begin, begin + len(value), entity, "ner", 0.9)


@pytest.mark.parametrize(("entity", "rule", "text", "value", "expected"), CASES)
def test_rule_decides_about_a_shape(
    entity: str, rule: str, text: str, value: str, expected: bool
) -> None:
    rules, span = entity_shapes._RULES_BY_ENTITY[entity], _span(text, value, entity)
    assert deciding_rule(rules, lambda: has_plausible_shape(text, span)) == rule
    assert has_plausible_shape(text, span) is expected


@pytest.mark.parametrize(("rule", "example"), SCORES.items())
def test_rule_decides_about_a_score(rule: str, example: tuple[str, str, bool]) -> None:
    text, value, expected = example
    span = _span(text, value, "DATE")
    rules = entity_shapes._SCORE_RULES
    assert deciding_rule(rules, lambda: has_plausible_shape(text, span)) == rule
    assert has_plausible_shape(text, span) is not expected


def test_every_rule_has_an_example() -> None:
    for entity, rules in entity_shapes._RULES_BY_ENTITY.items():
        assert rule_names(rules) == set(EXAMPLES[entity])
    assert rule_names(entity_shapes._SCORE_RULES) == set(SCORES)


def test_month_of_another_language_is_a_date() -> None:
    assert has_plausible_shape("am 5. jänner", _span("am 5. jänner", "5. jänner", "DATE"))


def test_english_ago_is_not_a_month() -> None:
    assert not has_plausible_shape("long ago", _span("long ago", "long ago", "DATE"))


def test_name_without_a_letter_is_implausible() -> None:
    assert not has_plausible_shape("12", _span("12", "12", "NAME"))
