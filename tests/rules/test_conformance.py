"""Conformance statement of a rule set."""

import re
from functools import lru_cache

from safelight.rules import load_rules, parse_rules
from safelight.rules.conformance import make_conformance_statement
from safelight.standard.confidentiality import load_table
from safelight.standard.options import METHOD_MEANINGS
from safelight.standard.private_elements import load_safe_elements

HEAD = "name: m\nversion: 1\nprofile: basic\n"


@lru_cache(maxsize=2)
def statement(name):
    return make_conformance_statement(load_rules(name))


def section(text, number):
    found = re.search(rf"^{number}\. .*?\n(.*?)(?=^\d\. |\Z)", text, re.MULTILINE | re.DOTALL)
    return found[1]


def test_every_attribute_of_the_table_is_listed_once():
    for name in ("basic", "research"):
        listed = re.findall(r"\(([0-9A-Fx]{4}),([0-9A-Fx]{4})\)", section(statement(name), 2))
        assert sorted(map("".join, listed)) == sorted(load_table())


def test_the_options_of_the_rules_are_claimed():
    rules = load_rules("research")
    claimed = re.findall(r"- (\d+) (.*)", section(statement("research"), 1))
    assert claimed == [(code, METHOD_MEANINGS[code]) for code in rules.get_method_codes()]


def test_safe_private_elements_are_listed():
    private = section(statement("research"), 8)
    words = " ".join(private.split())
    assert sum(len(one.split()) for one in re.findall(r"xx = ([0-9A-F ]+)", words)) == len(
        load_safe_elements()
    )
    assert "All private elements are removed." in section(statement("basic"), 8)


def test_what_the_rules_insert_and_retain_is_listed():
    text = make_conformance_statement(parse_rules(
        HEAD + "add: [{tag: ClinicalTrialProtocolID, value: A, always: true}]\n"
        "elements:\n- {tag: KVP, action: round, to: 10}\n"
        "- {tag: '(0019,\"SIEMENS MR HEADER\",0c)', action: keep}\n"
        "- {tag: PatientSex, action: keep}\n"
        "pixels: {check: false}\n", "m",
    ))  # fmt: skip
    assert "(0012,0020) ClinicalTrialProtocolID: by the rules, in all objects" in section(text, 6)
    assert "KVP: round" in section(text, 3) and "PatientSex" not in section(text, 3)
    assert '(0019,"SIEMENS MR HEADER",0c): keep, by the rules' in section(text, 8)
    assert "Pixels are not checked" in section(text, 9)
    assert max(map(len, text.splitlines())) <= 100
