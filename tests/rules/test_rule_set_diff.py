"""Differences of two rule sets."""

import pytest

from safelight.rules import load_rules, parse_rules
from safelight.rules.rule_set_diff import describe_differences

HEAD = "name: mine\nversion: 2\nextends: research\n"


def differences(more):
    return describe_differences(load_rules("research"), parse_rules(HEAD + more, "rules"))


def test_rule_sets_with_the_same_effect_have_no_difference():
    assert not differences("")
    assert not differences("description: another text\n")


@pytest.mark.parametrize(
    ("more", "line"),
    [
        ("options: []\n", "- options: \"clean_descriptors\""),
        ("default: remove\n", "+ default: \"remove unnamed\""),
        ("ids: {prefix: A-}\n", '+ patient_prefix: "A-"'),
        ("pixels: {decision: all}\n", '+ pixels.decision: "all"'),
        ("text: {entities: {ZIP: keep}}\n", '+ text.ZIP: "keep"'),
        ("dates: {precision: year}\n", '+ date_precision: "year"'),
        ("dummies: {LO: REMOVED}\n", '+ dummies: {"LO": "REMOVED"}'),
        ("lookups: {t: {uri: t.csv, key: k}}\n", '+ lookups: {"'),
        ("add: [{tag: ClinicalTrialProtocolID, value: A}]\n", '+ add: {"ClinicalTrialProtoc'),
        ("add: [{tag: RequestAttributesSequence/RequestedProcedureID, value: A}]\n",
         '+ add: {"RequestAttributesSequence/RequestedProcedureID": {"a'),
        ("filters: [{reject: {Modality: {equals: SR}}, reason: none}]\n", "+ filters: {"),
        ("elements: [{tag: StationName, action: literal, value: A}]\n", "+ elements: "),
        ("elements: [{tag: StationName, action: literal, value: A}]\n",
         "(0008,1010) StationName: keep -> literal A"),
        ("elements: [{tag: +/PatientAge, action: X}]\n",
         "(0010,1010) PatientAge, inside sequences: age -> remove"),
    ],
)  # fmt: skip
def test_each_part_is_compared(more, line):
    lines = differences(more)
    assert any(one.strip().startswith(line) for one in lines), lines


def test_the_order_of_entries_is_compared():
    one = "{tag: StationName, action: keep}"
    two = "{tag: Station*, action: remove}"
    first = parse_rules(f"{HEAD}elements: [{one}, {two}]\n", "rules")
    second = parse_rules(f"{HEAD}elements: [{two}, {one}]\n", "rules")
    lines = describe_differences(first, second)
    assert "  " * 2 + "elements: the order or the repetition of entries differs" in lines
    assert "  (0008,1010) StationName: keep -> remove" in lines
