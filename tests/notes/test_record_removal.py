from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from safelight.notes.models import FilePartResult
from safelight.notes.record_removal import WrittenRecord, remove_records
from safelight.records import Status
from tests.notes.helpers import clean, patient

FIRST, SECOND = patient("MRN 1").pseudonym, patient("MRN 2").pseudonym

CSV = 'patient_id,text\nMRN 1,"first\nline ""quoted"" here"\nMRN 2,second\nMRN 1,third\n'
LINES = [{"patient_id": one, "text": f"note {n}"} for n, one in enumerate(("MRN 1", "MRN 2"))]
JSON_LINES = "".join(json.dumps(line) + "\n" for line in LINES)
HL7 = "".join(
    f"MSH|^~\\&|A|B|C|D|20240517||ORU^R01|{n}|P|2.5\rPID|1||{one}^^^H^MR||Doe^Jane\r"
    f"OBX|1|TX|||note {n}\r"
    for n, one in enumerate(("MRN 1", "MRN 2"))
)
BUNDLE = json.dumps(
    {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [
            {"resource": {"resourceType": "Patient", "id": one}} for one in ("MRN 1", "MRN 2")
        ],
    }
)


def remove(result: FilePartResult, file_format: str, gone: str) -> bytes | None:
    """Remove the records of a patient from the output of the engine."""
    assert result.data is not None
    records = [
        WrittenRecord(note.sha256, note.patient_pseudonym == gone)
        for note in result.notes
        if note.status is Status.DEIDENTIFIED
    ]
    return remove_records(result.data, file_format, records)


def test_rows_of_a_csv_file_are_removed_with_all_their_lines() -> None:
    left = remove(clean(CSV, "csv"), "csv", FIRST)
    assert left is not None
    [row] = csv.DictReader(io.StringIO(left.decode()))
    assert (row["patient_id"], row["text"]) == (SECOND, "second")


@pytest.mark.parametrize(("data", "file_format"), [(JSON_LINES, "jsonl"), (HL7, "hl7")])
def test_the_other_records_keep_their_bytes(data: str, file_format: str) -> None:
    result = clean(data, file_format)
    assert result.data is not None
    first, second = (remove(result, file_format, gone) for gone in (FIRST, SECOND))
    assert second and first and second + first == result.data
    assert FIRST.encode() in second and SECOND.encode() in first


def test_entries_of_a_list_and_of_a_bundle_are_removed() -> None:
    left = remove(clean(json.dumps(LINES), "json"), "json", FIRST)
    assert left is not None and [one["patient_id"] for one in json.loads(left)] == [SECOND]
    bundle = clean(BUNDLE, "json")
    gone = bundle.notes[1].patient_pseudonym
    left = remove(bundle, "json", gone)
    assert left is not None
    assert len(json.loads(left)["entry"]) == 1


def test_rows_of_parquet_are_removed() -> None:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(LINES), sink)
    left = remove(clean(sink.getvalue(), "parquet"), "parquet", FIRST)
    assert left is not None
    assert pq.read_table(io.BytesIO(left)).to_pylist()[0]["patient_id"] == SECOND


@pytest.mark.parametrize(("data", "file_format"), [(CSV, "csv"), (JSON_LINES, "jsonl")])
def test_a_repeated_removal_changes_nothing(data: str, file_format: str) -> None:
    result = clean(data, file_format)
    left = remove(result, file_format, FIRST)
    assert left is not None
    assert remove(replace(result, data=left), file_format, FIRST) == left


@pytest.mark.parametrize("file_format", ["csv", "jsonl", "json", "parquet", "pdf"])
def test_a_file_with_other_records_than_the_recorded_ones_is_not_changed(file_format: str) -> None:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(LINES), sink)
    data = {"parquet": sink.getvalue(), "json": b"[1, 2]"}.get(file_format, JSON_LINES.encode())
    records = [WrittenRecord("0" * 64, is_removed) for is_removed in (True, True, False)]
    assert remove_records(data, file_format, records) is None
