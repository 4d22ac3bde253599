"""The description says all that a rule set does, in words."""

from collections import Counter

from safelight.rules import load_rules, parse_rules
from safelight.rules.describe import OPERATION_PHRASES, describe
from safelight.rules.operations import Operation
from safelight.standard.confidentiality import load_table


def test_every_operation_has_words():
    assert set(OPERATION_PHRASES) == set(Operation)


def test_editions_codes_and_settings():
    text = describe(load_rules("research"))
    for part in (
        "Table E.1-1, edition 2026d", "PS3.3, edition 2026b", load_rules("research").hash,
        "113105 Clean Descriptors Option", "-1095 to -1 days", "keyed tokens",
        "*/AccessionNumber: replaced by a keyed token", "NAME mask",
        "2418 known to be safe are kept", "what identifies is cut out of them too",
    ):  # fmt: skip
        assert part in text, part
    assert all(len(line) <= 160 for line in text.splitlines())


def test_each_row_of_the_table_stands_exactly_once():
    text = describe(load_rules("basic"))
    start = text.index("Attributes of Table E.1-1")
    listed = text[start : text.index("Standard attributes that the table does not list")]
    counts = [int(line.split()[0]) for line in listed.splitlines() if line[2:3].isdigit()]
    assert sum(counts) == len(load_table())
    words = Counter(listed.replace(",", " ").split())
    assert words["PatientBirthDate"] == words["StudyInstanceUID"] == 1


def test_basic_and_an_organisations_own():
    basic = describe(load_rules("basic"))
    assert "Private elements: all are removed." in basic
    assert "Dates move" not in basic and "In free text" not in basic
    own = describe(parse_rules(
        "name: own\nversion: 3\nextends: basic\npixels: {check: false}\n"
        "elements: [{tag: StationName, action: literal, value: S1, reason: One scanner.}]\n"
        "filters: [{reject: {all: [{Modality: {equals: [SR, KO]}}, {not: {Rows: "
        "{present: true}}}]}, reason: reports}]\n", "own",
    ))  # fmt: skip
    assert "PIXELS ARE NOT LOOKED AT" in own
    assert "Kept texts are read" in own
    off = describe(parse_rules(
        "name: own\nversion: 3\nextends: research\ntext: {second_guess: off}\n", "own"
    ))  # fmt: skip
    assert "Kept texts are read" not in off and "In free text: AGE" in off
    assert "StationName: replaced by a fixed value (S1). One scanner." in own
    assert "(Modality is SR or KO and not (Rows is present)) are left out (reports)." in own


def test_references_are_described_with_the_list_that_needs_them():
    text = describe(load_rules("basic"))
    assert "or the object lists the instances that it refers to, kept as a sequence" in text
