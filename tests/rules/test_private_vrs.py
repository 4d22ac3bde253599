"""Entries by VR protect private elements that other rules keep."""

import pytest

from safelight.rules import CompiledRules, Operation, parse_rules

CT = "1.2.840.10008.5.1.4.1.1.2"
HEAD = "name: a\nversion: '1'\nprofile: basic\n"
KEEP = """- {tag: '*/(xxxx,"*",xx)', action: keep}\n"""


def find(elements, vr="DA", options="", creator="OWN", group=0x0099):
    text = f"{HEAD}options: [{options}]\nelements:\n{elements}"
    level = CompiledRules(parse_rules(text, "a")).get_root_level(CT)
    return level.get_private_rule(creator, group, 0x01, vr)


@pytest.mark.parametrize(
    ("action", "operation"),
    [
        ("shift", Operation.SHIFT),
        ("remove", Operation.REMOVE),
        ("D", Operation.DUMMY),
        ("keep", Operation.KEEP),
        ("age", Operation.KEEP),
    ],
)
def test_an_entry_by_vr_before_a_private_one_protects(action, operation):
    assert find(f"- {{tag: '*/{{DA}}', action: {action}}}\n{KEEP}").operation is operation


def test_an_entry_after_the_private_one_does_not():
    assert find(f"{KEEP}- {{tag: '*/{{DA}}', action: shift}}\n").operation is Operation.KEEP


def test_other_vrs_and_unknown_ones_are_not_selected():
    entry = f"- {{tag: '*/{{DA}}', action: shift}}\n{KEEP}"
    assert find(entry, "LO").operation is Operation.KEEP
    assert find(entry, "UN").operation is Operation.KEEP


def test_nothing_is_kept_by_an_entry_for_a_vr():
    shift = "- {tag: '*/{DA}', action: shift}\n"
    remove = """- {tag: '*/(xxxx,"*",xx)', action: remove}\n"""
    assert find(shift).operation is Operation.REMOVE
    assert find(shift + remove).operation is Operation.REMOVE


def test_safe_private_elements_are_protected_too():
    options = "retain_safe_private, retain_long_modified_dates"
    arguments = {"vr": "DS", "options": options, "creator": "SIEMENS CT VA0  COAD", "group": 0x19}
    assert find(KEEP.replace("xxxx", "0099"), **arguments).operation is Operation.REMOVE
    text = f"{HEAD}options: [{options}]\nelements:\n- {{tag: '{{DS}}', action: remove}}\n"
    level = CompiledRules(parse_rules(text, "a")).get_root_level(CT)
    assert level.get_private_rule("SIEMENS CT VA0  COAD", 0x19, 0xB0, "DS").operation is (
        Operation.REMOVE
    )


def test_conditions_of_both_are_tried():
    entry = "- {tag: '*/{LO}', when: {this: {contains: name}}, action: remove}\n"
    private = """- {tag: '(0099,"OWN",01)', when: {this: {contains: dose}}, action: keep}\n"""
    rule = find(entry + private, "LO")
    chosen = [
        rule.choose(lambda _, text=text: text).operation for text in ("dose", "dose name", "")
    ]
    assert chosen == [Operation.KEEP, Operation.REMOVE, Operation.REMOVE]
