"""Test JSON files."""

from __future__ import annotations

import json
from typing import Any

import pytest

from safelight.records import Reason, Refusal, Status
from tests.notes.helpers import clean, open_note_format, text_of


@pytest.mark.parametrize(
    "document", [{"sex": "F"}, [{"sex": "F"}, {"sex": "M"}], {"resourceType": "Basic"}]
)
def test_the_structure_of_the_document_is_kept(document: Any) -> None:
    assert json.loads(text_of(clean(json.dumps(document), "json"))) == document


def test_a_bundle_is_record_0_and_its_entries_follow() -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Basic"}}]}
    records = list(open_note_format(json.dumps(bundle), "json").read_records())
    assert [record.row for record in records] == [0, 1]
    assert records[0].value == {"resourceType": "Bundle"}


def test_an_item_that_is_not_an_object_is_refused_alone() -> None:
    result = clean('[{"sex": "F"}, 3]', "json")
    assert [note.status for note in result.notes] == [Status.DEIDENTIFIED, Status.QUARANTINED]


@pytest.mark.parametrize("data", ["", "{", '{"resourceType": "Bundle", "entry": 3}'])
def test_a_malformed_document_is_refused(data: str) -> None:
    with pytest.raises(Refusal) as refused:
        list(open_note_format(data, "json").read_records())
    assert refused.value.reason is Reason.MALFORMED


def test_a_defect_of_one_entry_refuses_that_entry_only() -> None:
    bad = {"resource": {"resourceType": "Patient", "id": "\ud83d"}}
    good = {"resource": {"resourceType": "Observation", "status": "final"}}
    bundle = {"resourceType": "Bundle", "type": "collection", "entry": [bad, good]}
    result = clean(json.dumps(bundle), "json")
    assert [note.reason_code for note in result.notes] == ["", "malformed_row", ""]
    assert [e["resource"]["status"] for e in json.loads(text_of(result))["entry"]] == ["final"]


def test_the_entries_of_a_bundle_are_written_if_the_bundle_is_refused() -> None:
    good = {"resource": {"resourceType": "Observation", "status": "final"}}
    bundle = {"resourceType": "Bundle", "id": "\ud83d", "entry": [good]}
    result = clean(json.dumps(bundle), "json")
    assert [note.reason_code for note in result.notes] == ["malformed_row", ""]
    assert json.loads(text_of(result))["entry"][0]["resource"]["status"] == "final"
