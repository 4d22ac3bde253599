"""Entries of ``options`` and ``elements``."""

import pytest

from safelight.rules.operations import Operation
from safelight.rules.parsing.elements import ACTIONS, parse_entry, parse_option
from safelight.rules.parsing.yaml_node import RulesError, parse_document
from safelight.standard.options import Option


@pytest.mark.parametrize(
    "text",
    ["retain_uids", "Retain UIDs Option", "retain-uids", "113110"],
)
def test_an_option_has_a_name_or_a_code(text):
    assert parse_option(parse_document(text, "a.yaml")) is Option.RETAIN_UIDS


def test_an_unknown_option_is_an_error():
    with pytest.raises(RulesError, match="not retain_all"):
        parse_option(parse_document("retain_all", "a.yaml"))


PARAMETERS = {
    "literal": ", value: a", "generalise": ", to: year", "round": ", to: 5",
    "truncate": ", length: 3", "regex": ", pattern: a, replace: b", "hash": ", length: 8",
    "lookup": ", table: subjects, column: site", "text": ", value: a", "quarantine": ", reason: a",
    "perturb": ", by: [-5, 5]", "remove_items": ", when: {./CodeValue: {equals: a}}",
}  # fmt: skip


def parse(text, tables=("subjects",)):
    return parse_entry(parse_document(text, "a.yaml"), "mine", 3, tables)


@pytest.mark.parametrize("action", sorted(ACTIONS))
def test_an_action_selects_an_operation(action):
    (entry,) = parse(f"{{tag: StationName, action: {action}{PARAMETERS.get(action, '')}}}")
    assert (entry.action, entry.operation) == (action, ACTIONS[action])


def test_a_literal_has_a_value():
    (entry,) = parse("{tag: StationName, action: literal, value: 5}")
    assert (entry.operation, entry.value) == (Operation.LITERAL, "5")


def test_the_source_names_rule_set_and_index():
    assert {entry.source for entry in parse("{tag: [Rows, Columns], action: X}")} == {
        "mine elements[3]"
    }


def test_a_value_of_another_action_is_an_error():
    with pytest.raises(RulesError, match="value belongs to literal, text"):
        parse("{tag: StationName, action: X, value: 5}")


@pytest.mark.parametrize("action", sorted(PARAMETERS))
def test_an_action_without_its_parameters_is_an_error(action):
    with pytest.raises(RulesError):
        parse(f"{{tag: StationName, action: {action}}}")


@pytest.mark.parametrize(
    "entry",
    [
        "action: generalise, to: years", "action: generalise, to: year, width: 5",
        "action: generalise, width: 0", "action: round, to: x", "action: truncate, length: 0",
        "action: hash, length: 3", "action: regex, pattern: '(', replace: a",
        "action: regex, pattern: '(?=a)', replace: a", "action: regex, pattern: a, replace: '\\2'",
        "action: text, value: 'a {Modalit}'", "action: text, value: 'a {Modality'",
        "action: lookup, table: other, column: a", "action: keep, when: {}",
        "action: keep, when: {Modality: {is: CT}}", "action: keep, when: {'*/Rows': {equals: 1}}",
        "action: keep, when: {'{DA}': {present: true}}", "action: keep, except: Modalit",
    ],
)  # fmt: skip
def test_a_wrong_parameter_is_an_error(entry):
    with pytest.raises(RulesError):
        parse(f"{{tag: StationName, {entry}}}")


def test_a_lookup_without_tables_is_an_error():
    with pytest.raises(RulesError, match="a table under lookups"):
        parse("{tag: StationName, action: lookup, table: a, column: b}", ())


def test_conditions_and_exceptions_are_read():
    (entry,) = parse(
        "{tag: '*/{LO}', except: ['*/Manufacturer', '(0008,1010)'], action: X, when: {all: ["
        "{this: {greaterThan: 5}}, {'(0019,\"A\",01)': {in: [a, b]}},"
        " {ReferencedStudySequence/ReferencedSOPClassUID: {present: true}}]}}"
    )
    assert [selector.text for selector in entry.exceptions] == ["*/Manufacturer", "(0008,1010)"]
    assert [one.keyword for one in entry.condition.conditions] == [
        "this", '(0019,"A",01)', "ReferencedStudySequence/ReferencedSOPClassUID",
    ]  # fmt: skip


def test_an_error_has_the_column_and_the_most_similar_word():
    with pytest.raises(RulesError, match=r"line 1, column 7: .*did you mean PatientName\?"):
        parse("{tag: PatientsName, action: X}")
    with pytest.raises(RulesError, match=r"did you mean \(0010,0010\)\?"):
        parse("{tag: 00100010, action: X}")
    with pytest.raises(RulesError, match=r"did you mean generalise\?"):
        parse("{tag: PatientAge, action: generalize}")
    with pytest.raises(RulesError, match=r"did you mean except\?"):
        parse("{tag: PatientAge, action: X, excpt: Rows}")
