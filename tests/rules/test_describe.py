"""Description of a rule set in plain English."""

from collections import Counter

import pytest

from safelight.rules import load_rules, parse_rules
from safelight.rules.describe import OPERATION_PHRASES, describe
from safelight.rules.operations import Operation
from safelight.standard.confidentiality import load_table


def describe_own(body):
    """Return the description of a rule set, with line breaks as spaces."""
    text = describe(parse_rules(f"name: own\nversion: 3\n{body}", "own"))
    return " ".join(text.split())


def test_every_operation_has_a_phrase():
    assert set(OPERATION_PHRASES) == set(Operation)


@pytest.mark.parametrize(
    "part",
    [
        "Table E.1-1, edition 2026d", "PS3.3, edition 2026b", load_rules("research").hash,
        "113105 Clean Descriptors Option", "-1095 to -1 days", "keyed tokens",
        "*/AccessionNumber: replaced by a keyed token", "NAME mask",
        "2414 safe private elements are kept", "Identifying text in them is removed.",
    ],
)  # fmt: skip
def test_the_description_of_research_has(part):
    assert part in describe(load_rules("research"))


@pytest.mark.parametrize("name", ["basic", "research"])
def test_lines_have_at_most_100_columns(name):
    assert max(map(len, describe(load_rules(name)).splitlines())) <= 100


def test_each_row_of_the_table_is_listed_exactly_once():
    text = describe(load_rules("basic"))
    start = text.index("Attributes of Table E.1-1")
    listed = text[start : text.index("Standard attributes that Table E.1-1 does not list")]
    counts = [int(line.split()[0]) for line in listed.splitlines() if line[2:3].isdigit()]
    assert sum(counts) == len(load_table())
    words = Counter(listed.replace(",", " ").split())
    assert words["PatientBirthDate"] == words["StudyInstanceUID"] == 1


def test_basic_has_no_private_elements_dates_or_free_text():
    basic = describe(load_rules("basic"))
    assert "Private elements: all are removed." in basic
    assert "Dates are shifted" not in basic and "free text:" not in basic


def test_unchecked_pixels_are_stated():
    assert "PIXELS ARE NOT CHECKED" in describe_own("extends: basic\npixels: {check: false}\n")


def test_the_second_guess_is_stated_unless_it_is_off():
    assert "Kept texts are checked" in describe_own("extends: basic\n")
    off = describe_own("extends: research\ntext: {second_guess: off}\n")
    assert "Kept texts are checked" not in off and "Actions in free text: AGE" in off


def test_rules_that_release_unread_languages_are_stated():
    assert "the rules read are quarantined" in " ".join(describe_own("extends: basic\n").split())
    own = describe_own("extends: basic\ntext: {unsupported_language: clean}\n")
    assert "ARE RELEASED" in own


def test_own_rules_have_value_and_reason():
    own = describe_own(
        "extends: basic\n"
        "elements: [{tag: StationName, action: literal, value: S1, reason: One scanner.}]\n"
    )
    assert "StationName: replaced by a fixed value (S1). One scanner." in own


def test_filters_have_condition_and_reason():
    own = describe_own(
        "extends: basic\n"
        "filters: [{reject: {all: [{Modality: {equals: [SR, KO]}}, {not: {Rows: "
        "{present: true}}}]}, reason: reports}]\n"
    )
    assert "(Modality is SR or KO and not (Rows is present)) are filtered out (reports)." in own


def test_references_depend_on_the_list_of_instances():
    text = " ".join(describe(load_rules("basic")).split())
    assert "or the object lists the instances that it refers to: kept as a sequence" in text


def test_conditions_functions_and_additions_are_described():
    text = describe(
        parse_rules(
            "name: a\nversion: 1\nprofile: basic\noptions: [113107]\n"
            "dates: {precision: month}\ndummies: {LO: NONE}\n"
            "lookups: {subjects: {uri: a.csv, key: patient, missing: derive}}\n"
            "elements:\n- {tag: 'Study*', except: StudyID, action: truncate, length: 3,"
            " when: {this: {present: true}}}\n"
            "add:\n- {tag: ClinicalTrialSubjectID, lookup: {table: subjects, column: number},"
            " when: {Modality: {equals: CT}}}\n",
            "a",
        )
    )
    words = " ".join(text.split())
    for part in (
        "Only the month of a shifted date is kept.",
        "Study*: changed by a function (truncate length 3) where this is present, except StudyID.",
        "patient is compared with PatientID; without a row, a keyed value is derived.",
        "(0012,0040) ClinicalTrialSubjectID: number of the table subjects, if the object has no "
        "value, where Modality is CT.",
        "Dummy values by VR: LO NONE.",
    ):
        assert part in words
