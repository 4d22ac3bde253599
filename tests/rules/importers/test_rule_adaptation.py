"""Adaptation of imported rules to what objects need and VRs can hold."""

import pytest

from safelight.rules.importers import import_rules
from safelight.rules.importers.models import ImportedRule
from safelight.rules.importers.rule_adaptation import adapt_rule
from tests.rules.importers.test_import_behaviour import deid, make_object, read


def test_an_exact_rule_that_an_object_can_follow_is_left_alone():
    rule = ImportedRule("PatientName", "remove")
    assert adapt_rule(rule) == [rule]


@pytest.mark.parametrize(
    ("selector", "action"),
    [
        ("Modality", "literal"),
        ("SeriesInstanceUID", "uid"),
        ("SOPClassUID", "uid"),
        ("Rows", "keep"),
    ],
)
def test_what_an_object_needs_is_not_removed(selector, action):
    (rule,) = adapt_rule(ImportedRule(selector, "remove"))
    assert rule.action == action and "without it" in rule.remark


def test_a_rule_inside_sequences_is_left_alone():
    rule = ImportedRule("Modality", "remove", depth="+/")
    assert adapt_rule(rule) == [rule]


def test_everything_can_be_removed_from_a_readable_object():
    new = read(deid("KEEP StationName\nREMOVE ALL"), make_object(Rows=4, Columns=4))
    assert new.StationName == "CT99" and new.Rows == 4 and new.Modality == "OT"
    assert not {"KVP", "Manufacturer", "StudyDate", "PatientName"} & set(new.dir())


def test_remarks_name_what_is_spared():
    (remark, *_) = [
        one for one in import_rules(deid("REMOVE endswith:ID"), "r").remarks if "mapped" in one.text
    ]
    assert remark.is_downgrade and "StudyInstanceUID" in remark.text
    assert "SOPClassUID kept" in remark.text


def test_values_of_each_vr_are_replaced():
    dataset = make_object(SmallestImagePixelValue=3, AcquisitionDateTime="20190219101112")
    dataset["SmallestImagePixelValue"].VR = "US"
    new = read(deid("REPLACE all func:hide"), dataset)
    for keyword in ("StudyDate", "StudyTime", "AcquisitionDateTime", "PatientAge", "KVP"):
        assert str(new.get(keyword) or "") not in ("", str(dataset.get(keyword))), keyword
    assert new.SmallestImagePixelValue != 3


@pytest.mark.parametrize(
    ("keyword", "parts"),
    [
        ("PatientID", ["--accept-lint"]),
        ("AccessionNumber", ["--accept-lint", "elsewhere"]),
        ("OperatorsName", ["elsewhere"]),
        ("KVP", []),
        ("Modality", []),
    ],
)
def test_a_remark_says_what_a_run_does_to_a_kept_identifier(keyword, parts):
    (rule,) = adapt_rule(ImportedRule(keyword, "keep"))
    assert rule.action == "keep" and bool(rule.remark) is bool(parts)
    assert all(part in rule.remark for part in parts) and not (parts and rule.is_downgrade)


@pytest.mark.parametrize(
    ("keyword", "value", "written"),
    [
        ("BodyPartExamined", "<Removed>", "REMOVED"),
        ("StationName", "X" * 20, "X" * 16),
        ("BodyPartExamined", "<>", "<>"),
        ("KVP", "12345678901234567", "12345678901234567"),
    ],
)
def test_a_literal_is_shortened_to_what_the_vr_can_hold(keyword, value, written):
    (rule,) = adapt_rule(ImportedRule(keyword, "literal", {"value": value}))
    assert rule.parameters == {"value": written}
    assert ("part of the value" in rule.remark) is (value != written)


def test_a_literal_is_written_where_the_vr_can_hold_it():
    new = read(deid("REPLACE contains:Study NEWVAL"), make_object(StudyDescription="HEAD"))
    assert new.StudyDescription == "NEWVAL" and not new.get("StudyDate")
