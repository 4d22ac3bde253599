"""Formats that the verifier reads."""

from __future__ import annotations

import base64
import gzip
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from safelight.verify.note_reader import NoteRecord, detect_format, read_records
from safelight.verify.object_reader import UnreadableError

MESSAGE = b"MSH|^~\\&|A|B\rPID|1||P1^^^^MR||Doe^Jane~Roe^J\rOBX|1|TX|||by\\.br\\Doe\r"


def numbers(data: bytes, kind: str) -> list[int]:
    return [record.number for record in read_records(data, kind)]


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a/b.NDJSON.gz", "jsonl"), ("x.cda", "xml"), ("x.tsv", "csv"), ("x.text", "txt"),
        ("x.parquet", "parquet"), ("x.hl7v2", "hl7"),
    ],
)  # fmt: skip
def test_the_suffix_gives_the_format(name: str, kind: str) -> None:
    assert detect_format(name) == kind


def test_entries_of_a_bundle_count_from_one() -> None:
    bundle = {"resourceType": "Bundle", "entry": [{"resource": {"resourceType": "Patient"}}]}
    assert numbers(json.dumps(bundle).encode(), "json") == [0, 1]


def test_lines_are_counted_with_empty_ones() -> None:
    assert numbers(b'{"a":1}\n\n{"a":2}', "jsonl") == [1, 3]


def test_rows_are_counted_without_empty_ones() -> None:
    assert numbers(b"a,b\n1,2\n\n3,4\n", "csv") == [1, 2]


def test_segments_before_the_first_message_have_a_number() -> None:
    batch = b"FHS|^~\\&\rMSH|^~\\&|A\rPID|1\rBTS|1\r"
    assert numbers(batch, "hl7") == [1]
    assert numbers(b"PID|1\r" + batch, "hl7") == [2]


def test_compressed_text_is_one_record() -> None:
    assert read_records(gzip.compress(b"x"), "txt") == [NoteRecord(1, (("text", "x"),))]


def test_an_hl7_path_has_segment_field_and_component() -> None:
    (record,) = read_records(MESSAGE, "hl7")
    assert ("PID.5.1", "Doe") in record.leaves and ("PID.5.1", "Roe") in record.leaves
    assert ("OBX.5.1", "by Doe") in record.leaves


def test_a_parquet_row_is_a_record() -> None:
    sink = io.BytesIO()
    pq.write_table(pa.Table.from_pylist([{"a": {"b": ["x", "y"]}}]), sink)
    (record,) = read_records(sink.getvalue(), "parquet")
    assert [leaf for leaf in record.leaves if not leaf[0].endswith("#")] == [
        ("a.b", "x"), ("a.b", "y"),
    ]  # fmt: skip


def test_base64_is_decoded() -> None:
    encoded = base64.b64encode(b"a letter for Jane Doe").decode()
    (record,) = read_records(json.dumps({"note": encoded}).encode(), "jsonl")
    assert ("note", "a letter for Jane Doe") in record.leaves


def test_text_of_an_xml_element_includes_its_children() -> None:
    (record,) = read_records(b"<doc><text>A<b>nna</b></text></doc>", "xml")
    assert ("doc.text", "Anna") in record.leaves


@pytest.mark.parametrize(
    ("data", "kind"), [(b"{", "json"), (b"<a", "xml"), (b"no", "parquet"), (b"\x1f\x8bx", "txt")]
)
def test_another_format_is_unreadable(data: bytes, kind: str) -> None:
    with pytest.raises(UnreadableError):
        read_records(data, kind)
