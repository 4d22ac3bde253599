"""Rules of one object by the conditions that it meets."""

from safelight.rules import Operation, parse_rules
from safelight.rules.conditional_rules import MAX_COMPILED_VARIANTS, ConditionalRules

HEAD = "name: mine\nversion: '1'\nprofile: basic\nelements:\n"
STATION = 0x00081010


def choose(body, **values):
    rules = ConditionalRules(parse_rules(HEAD + body, "a"))
    compiled = rules.choose(lambda reference: values.get(reference, ""))
    return compiled.get_root_level("").rules[STATION]


def test_an_entry_applies_if_its_condition_is_met():
    body = "- {tag: StationName, action: keep, when: {Modality: {equals: CT}}}"
    assert choose(body, Modality="CT").operation is Operation.KEEP
    assert choose(body, Modality="MR").operation is not Operation.KEEP


def test_the_next_entry_applies_otherwise():
    body = (
        "- {tag: StationName, action: keep, when: {Modality: {equals: CT}}}\n"
        "- {tag: StationName, action: empty}\n"
    )
    assert choose(body, Modality="MR").operation is Operation.EMPTY


def test_a_condition_on_this_stays_open():
    body = (
        "- tag: StationName\n  action: keep\n"
        "  when: {all: [{Modality: {equals: CT}}, {this: {startsWith: A}}]}\n"
    )
    rule = choose(body, Modality="CT")
    assert rule.operation is Operation.CONDITIONAL
    assert rule.choose(lambda _: "ABC").operation is Operation.KEEP
    assert rule.choose(lambda _: "BC").operation is not Operation.KEEP
    assert choose(body, Modality="MR").operation is not Operation.CONDITIONAL


def test_objects_with_the_same_outcome_share_compiled_rules():
    rules = ConditionalRules(
        parse_rules(HEAD + "- {tag: Rows, action: keep, when: {Modality: {in: [CT, MR]}}}", "a")
    )
    compiled = [rules.choose(lambda _ref, value=value: value) for value in ("CT", "MR", "US")]
    assert compiled[0] is compiled[1] is not compiled[2]


def test_compiled_rules_are_limited():
    body = "".join(
        f"- {{tag: StationName, action: X, when: {{'(0008,{n:04x})': {{equals: a}}}}}}\n"
        for n in range(0x1000, 0x1000 + MAX_COMPILED_VARIANTS + 5)
    )
    rules = ConditionalRules(parse_rules(HEAD + body, "a"))
    for number in range(0x1000, 0x1000 + MAX_COMPILED_VARIANTS + 5):
        wanted = f"(0008,{number:04x})"
        rules.choose(lambda reference, wanted=wanted: "a" if reference == wanted else "")
    assert len(rules._variants) == MAX_COMPILED_VARIANTS


def test_rules_without_conditions_are_compiled_once():
    rules = ConditionalRules(parse_rules(HEAD + "- {tag: Rows, action: keep}", "a"))
    assert not rules.has_conditions and rules.choose(None) is rules.unconditional
