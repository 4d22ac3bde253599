"""Test JSON Lines files."""

from __future__ import annotations

import json

import pytest

from safelight.records import Status
from tests.notes.helpers import clean, open_note_format, patient, text_of


def test_json_rows_keep_their_types_and_structure() -> None:
    row = {
        "mrn": 17, "text": "Oduyaforth came", "n": 5, "big": 31415926, "share": 0.25, "ok": True,
        "none": None, "contact": {"name": "Zyxwell", "email": ["a@b.org"]},
        "list": ["Quimbleton", 3],
    }  # fmt: skip
    result = clean(json.dumps(row) + "\n{\n[1]\n", "jsonl")
    new = json.loads(text_of(result))
    assert new["mrn"] == patient("17").pseudonym
    assert new["text"] == "[NAME] came"
    assert [new[k] for k in ("n", "big", "share", "ok", "none")] == [5, None, 0.25, True, None]
    assert new["contact"]["email"] is None and new["contact"]["name"] != "Zyxwell"
    assert new["list"] == ["[NAME]", 3]
    assert [n.row for n in result.notes if n.status is Status.QUARANTINED] == [2, 3]


@pytest.mark.parametrize("line", ['{"a": 1, "a": 2}', '{"a": NaN}', "[" * 100000, '"x"', "{"])
def test_ambiguous_json_is_refused(line: str) -> None:
    (note,) = clean(line + "\n", "jsonl").notes
    assert note.reason_code == "malformed_row"


def test_blank_lines_are_counted_and_skipped() -> None:
    records = list(open_note_format('{"note": 1}\n\n{"note": 2}\n', "jsonl").read_records())
    assert [record.row for record in records] == [1, 3]


GOOD = '{"patient_id": "P1", "text": "fine"}'


@pytest.mark.parametrize(
    "line",
    [
        '{"patient_id": "P1", "text": "a \\ud83d b"}',
        '{"patient_id": "P\\udc00", "text": "b"}',
        '{"patient_id": "P1", "\\ud83d": "b"}',
        '{"patient_id": "P1", "text": "Quim\\u0000bleton"}',
        '{"patient_id": "P1", "value": 1e999}',
        '{"patient_id": "P1", "value": 1' + "0" * 5000 + "}",
        '{"resourceType": "Patient", "id": "\\ud83d"}',
        '{"resourceType": "Patient", "name": [{"family": "\\ud83d"}]}',
    ],
)
def test_a_defect_of_one_line_refuses_that_line_only(line: str) -> None:
    result = clean(f"{line}\n{GOOD}\n", "jsonl")
    assert [note.reason_code for note in result.notes] == ["malformed_row", ""]
    assert json.loads(text_of(result))["text"] == "fine"


def test_a_record_that_is_nested_too_deep_is_refused() -> None:
    result = clean('{"a": ' + "[" * 200 + "]" * 200 + "}\n" + GOOD, "jsonl")
    assert [note.reason_code for note in result.notes] == ["too_deep", ""]
