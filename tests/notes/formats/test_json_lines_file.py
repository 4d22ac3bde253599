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
