"""Removal of items of sequences by a condition."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.dicom.parser import parse
from safelight.headers.object_plan import plan_object
from safelight.records import Status
from safelight.rules import RulesError, parse_rules
from tests.headers.objects import deidentify, make_deidentifier, make_object, to_bytes

HEAD = "name: a\nversion: '1'\nprofile: basic\noptions: [retain_device_identity]\nelements:\n"
KEPT = "- {tag: '*/ViewCodeSequence', action: keep}\n"
BY_VALUE = "{./CodeValue: {equals: R-1}}"
OF_ITEM = "- {{tag: '*/ViewCodeSequence', action: remove_items, when: {when}}}\n"


def make_codes(*values: str) -> list[Dataset]:
    items = []
    for value in values:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "99X", "view"
        items.append(item)
    return items


def make_rules(when: str = BY_VALUE, more: str = KEPT):
    return parse_rules(HEAD + more + OF_ITEM.format(when=when), "a")


def list_codes(new: Dataset) -> list[str]:
    return [item.CodeValue for item in new.get("ViewCodeSequence", [])]


def test_items_that_meet_the_condition_are_removed():
    source = make_object(ViewCodeSequence=make_codes("R-1", "R-2", "R-1", "R-3"))
    new, result = deidentify(source, make_rules())
    assert list_codes(new) == ["R-2", "R-3"]
    removed = [one for one in result.actions if one.rule == "a elements[1]"]
    assert [one.location for one in removed] == ["(0054,0220)[0]", "(0054,0220)[2]"]


def test_items_of_nested_sequences_are_removed():
    outer = Dataset()
    outer.ViewCodeSequence = make_codes("R-1", "R-2")
    keep = "- {tag: RequestAttributesSequence, action: keep}\n"
    new, _ = deidentify(
        make_object(RequestAttributesSequence=[outer]), make_rules(more=KEPT + keep)
    )
    assert list_codes(new.RequestAttributesSequence[0]) == ["R-2"]


@pytest.mark.parametrize(
    ("when", "left"),
    [
        ("{Modality: {equals: MR}}", ["R-1", "R-2"]),
        ("{Modality: {equals: CT}}", []),
        ("{Modality: {equals: CT}, ./CodeValue: {startsWith: R-2}}", ["R-1"]),
        ("{not: {./CodeValue: {equals: R-1}}}", ["R-1"]),
    ],
)
def test_conditions_may_name_elements_of_the_object_too(when, left):
    source = make_object(ViewCodeSequence=make_codes("R-1", "R-2"))
    new, result = deidentify(source, make_rules(when))
    assert result.status is Status.DEIDENTIFIED and list_codes(new) == left


def test_a_sequence_without_items_left_is_removed():
    new, result = deidentify(make_object(ViewCodeSequence=make_codes("R-1")), make_rules())
    assert "ViewCodeSequence" not in new
    assert ("(0054,0220)", "removed") in {(one.location, one.action) for one in result.actions}


def test_the_plan_shows_the_items():
    source = make_object(ViewCodeSequence=make_codes("R-2", "R-1"))
    planned = {
        one.location: one.operation for one in plan_object(make_rules(), parse(to_bytes(source)))
    }
    assert planned["(0054,0220)[1]"] == "REMOVE" and "(0054,0220)[0]" not in planned
    assert "(0054,0220)[0].(0008,0100)" in planned
    assert "(0054,0220)[1].(0008,0100)" not in planned


def test_the_entry_changes_no_other_rule():
    source = to_bytes(make_object(ViewCodeSequence=make_codes("R-2")))
    results = [
        make_deidentifier(parse_rules(text, "a")).deidentify(source)
        for text in (HEAD + KEPT, HEAD + KEPT + OF_ITEM.format(when=BY_VALUE))
    ]
    assert results[0].data == results[1].data


@pytest.mark.parametrize("entry", ["", ", when: {this: {equals: a}}"])
def test_a_condition_on_items_is_required(entry):
    with pytest.raises(RulesError):
        parse_rules(HEAD + f"- {{tag: ViewCodeSequence, action: remove_items{entry}}}\n", "a")
