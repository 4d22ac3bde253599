"""Rules files: their content, and the errors of files that cannot be read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.rules import RulesError, list_shipped_rules, load_rules, parse_rules
from safelight.rules.operations import Operation
from safelight.standard.options import Option

HEAD = "name: mine\nversion: '1'\nprofile: basic\n"


def error(body, head=HEAD):
    with pytest.raises(RulesError) as caught:
        parse_rules(head + body, "mine.yaml")
    return caught.value


def test_two_rule_sets_are_shipped():
    assert list_shipped_rules() == ("basic", "research")


def test_basic_has_no_options():
    basic = load_rules("basic")
    assert basic.options == frozenset() and basic.default == "profile"
    assert basic.get_method_codes() == ("113100",)


def test_research_has_its_options():
    research = load_rules("research")
    assert research.options == {
        Option.CLEAN_PIXEL_DATA, Option.CLEAN_STRUCTURED_CONTENT, Option.CLEAN_DESCRIPTORS,
        Option.RETAIN_LONG_MODIFIED_DATES, Option.RETAIN_PATIENT_CHARACTERISTICS,
        Option.RETAIN_DEVICE_IDENTITY, Option.RETAIN_SAFE_PRIVATE,
    }  # fmt: skip
    assert research.get_method_codes() == (
        "113100", "113101", "113104", "113105", "113107", "113108", "113109", "113111",
    )  # fmt: skip
    assert research.shift_range == (-1095, -1)


@pytest.fixture(scope="module")
def full():
    """Rule set of a file that has every key."""
    return parse_rules(
        HEAD
        + """
description: all of it
options: [Retain Device Identity Option, 113105, retain_long_modified_dates]
default: keep
elements:
  - {tag: [PatientComments, "*/(0020,4000)"], action: X, reason: not needed}
  - {tag: StationName, action: literal, value: SCANNER 1}
  - {tag: "{UI}", action: U}
dates: {shift_days: [-100, 100]}
ids: {prefix: STUDY-, issuer: false}
names: {style: surrogate}
pixels: {check: false, decision: all, proof_sampling: 1, mask: placeholder}
text: {entities: {NAME: surrogate, ZIP: keep}}
filters:
  - accept: {Modality: {equals: CT}}
  - quarantine: {any: [{Rows: {missing: true}}, {not: {Columns: {present: true}}}]}
    reason: no picture
""",
        "mine.yaml",
    )


def test_options_have_names_or_codes(full):
    assert {option.code for option in full.options} == {"113109", "113105", "113107"}


def test_an_entry_has_one_rule_for_each_tag(full):
    assert [(entry.selector.text, entry.operation) for entry in full.elements] == [
        ("PatientComments", Operation.REMOVE), ("*/(0020,4000)", Operation.REMOVE),
        ("StationName", Operation.LITERAL), ("{UI}", None),
    ]  # fmt: skip


def test_an_entry_has_value_and_line(full):
    assert (full.elements[2].value, full.elements[2].line) == ("SCANNER 1", 10)


def test_settings_of_identity_are_parsed(full):
    assert (full.shift_range, full.patient_prefix) == ((-100, 100), "STUDY-")
    assert (full.issuer_in_identity, full.name_style) == (False, "surrogate")


def test_settings_of_pixels_and_text_are_parsed(full):
    pixels = full.pixels
    assert (pixels.check, pixels.decision, pixels.proof_sampling) == (False, "all", 1.0)
    assert full.text.entities["NAME"] == "surrogate" and full.text.entities["ID"] == "mask"


def test_filters_are_parsed(full):
    assert [filter.outcome for filter in full.filters] == ["accept", "quarantine"]


@pytest.mark.parametrize(
    ("body", "line", "expected"),
    [
        ("profle: basic", 4, "profle is unknown"),
        ("default: keep\ndefault: keep", 5, "the key default only once"),
        ("default: maybe", 4, "one of profile, remove, keep"),
        ("options: [clean_all]", 4, "not clean_all"),
        ("options: clean_descriptors", 4, "a list"),
        ("elements:\n- {tag: PatientNam, action: X}", 5, "a keyword"),
        ("elements:\n- tag: PatientName\n  action: delete", 6, "not delete"),
        ("elements:\n- {tag: PatientName}", 5, "action"),
        ("elements:\n- {tag: PatientName, action: literal}", 5, "value in"),
        ("elements:\n- {tag: PatientName, action: X, value: a}", 5, "no value for"),
        ("elements:\n- {tag: '(0019,0010)', action: X}", 5, "creator"),
        ("elements:\n- PatientName", 5, "to have tag, except, when, action"),
        ("dates: {shift_days: [0, 0]}", 4, "a day other than 0"),
        ("dates: {shift_days: [1, -1]}", 4, "first, last"),
        ("dates: {shift_days: [1.5, 2]}", 4, "an integer"),
        ("ids: {prefix: 'a b'}", 4, "at most 16 letters"),
        ("names: {style: initials}", 4, "token, surrogate"),
        ("pixels: {check: maybe}", 4, "true or false"),
        ("pixels: {proof_sampling: 2}", 4, "a number from 0 to 1"),
        ("pixels: {colour: red}", 4, "colour is unknown"),
        ("text: {entities: {name: mask}}", 4, "did you mean NAME"),
        ("text: {entities: {NAME: blur}}", 4, "not blur"),
        ("filters:\n- reject: {Modality: {equals: CT}}", 5, "a reason"),
        ("filters:\n- {reason: a}", 5, "accept, reject, quarantine"),
        ("filters:\n- {reject: {Modalty: {equals: CT}}, reason: a}", 5, "a keyword"),
        ("filters:\n- {reject: {Modality: {is: CT}}, reason: a}", 5, "is is unknown"),
        ("filters:\n- {reject: {Modality: {matches: '('}}, reason: a}", 5, "regular expression"),
        ("filters:\n- {reject: {Modality: {missing: false}}, reason: a}", 5, "not:"),
        ("filters:\n- {reject: {}, reason: a}", 5, "a condition"),
        ("filters:\n- {reject: &a {not: *a}, reason: a}", 5, "nested at most"),
        ("elements: [", 5, "valid YAML"),
        ("elements: *gone", 4, "valid YAML"),
    ],
)
def test_an_error_names_file_line_and_expected_content(body, line, expected):
    problem = error(body)
    assert (problem.file, problem.line) == ("mine.yaml", line)
    assert expected in problem.expected
    assert str(problem).startswith(f"mine.yaml, line {line}, column {problem.column}: expected ")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version: 1\n", "name"),
        ("name: a\nprofile: basic\n", "version"),
        ("name: a\nversion: 1\n", "profile: basic"),
        ("", "empty"),
        ("[1]\n", "name, version"),
    ],
)
def test_missing_keys_are_named(text, expected):
    assert expected in error("", text).expected


def test_an_extending_file_takes_precedence(tmp_path):
    base = tmp_path / "base.yaml"
    base.write_text(
        HEAD + "elements: [{tag: StationName, action: K}]\ntext: {entities: {ZIP: keep}}\n"
    )
    mine = tmp_path / "mine.yaml"
    mine.write_text(
        "name: child\nversion: 2\nextends: base.yaml\n"
        "elements: [{tag: StationName, action: X}]\ntext: {entities: {NAME: remove}}\n"
    )
    rules = load_rules(mine)
    assert [(e.source, e.operation) for e in rules.elements] == [
        ("child elements[0]", Operation.REMOVE), ("mine elements[0]", Operation.KEEP),
    ]  # fmt: skip
    assert rules.text.entities["ZIP"] == "keep" and rules.text.entities["NAME"] == "remove"


def test_options_replace_those_of_the_extended_rule_set():
    research = parse_rules("name: r\nversion: 1\nextends: research\noptions: []\n", "r.yaml")
    assert research.options == frozenset() and research.default == "keep"


def test_a_rule_set_cannot_extend_itself(tmp_path):
    path = tmp_path / "loop.yaml"
    path.write_text("name: a\nversion: 1\nextends: loop.yaml\n")
    with pytest.raises(RulesError, match="extend one another"):
        load_rules(str(path))


@pytest.mark.parametrize("name", ["nonsense", "no/such/file.yaml", "a" * 300, "a/" + "b" * 300])
def test_an_unknown_name_is_an_error(name):
    with pytest.raises(RulesError, match="expected"):
        load_rules(name)


def test_a_binary_file_is_an_error(tmp_path):
    path = tmp_path / "rules.yaml"
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(RulesError, match="UTF-8"):
        load_rules(path)


@given(st.text(max_size=200))
def test_any_text_is_parsed_or_refused_with_a_line(text):
    try:
        parse_rules(text, "any")
    except RulesError as problem:
        assert problem.line >= 1


def test_dates_in_text_are_masked_where_those_of_elements_are_reduced():
    head = "name: a\nversion: 1\nprofile: basic\ntext: {entities: {DATE: shift, DOB: shift}}\n"
    head += "pixels: {mask: placeholder}\n"
    reduced = parse_rules(head + "dates: {precision: month}\n", "a")
    entities = reduced.text.entities
    assert reduced.pixels.mask == "fill"
    assert (entities["DATE"], entities["DOB"], entities["NAME"]) == (
        "mask", "mask", "mask",
    )  # fmt: skip
    assert parse_rules(head, "a").text.entities["DATE"] == "shift"


def test_a_profile_beside_extends_changes_nothing():
    head = "name: mine\nversion: '1'\nextends: research\n"
    assert parse_rules(head + "profile: basic\n", "r").hash == parse_rules(head, "r").hash
