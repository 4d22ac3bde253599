"""Test Parquet files."""

from __future__ import annotations

import datetime
import decimal
import io

import pyarrow as pa
import pyarrow.parquet as pq

from safelight.records import Status
from tests.notes.helpers import clean, patient


def test_types_are_kept_if_the_new_values_fit() -> None:
    when = datetime.datetime(2020, 1, 2, 10, 30)
    table = pa.table(
        {
            "patient_id": pa.array([17, 17]), "when": pa.array([when, None]),
            "dob": pa.array([datetime.date(1950, 3, 4)] * 2), "age": pa.array([93.0, 45.0]),
            "wbc": pa.array([4.5, None]), "raw": pa.array([b"Zyxwell", None]),
            "report": pa.array(["Quimbleton 17", "fine"]),
            "stay": pa.array([{"account": 31, "beds": [3]}, None]),
        }
    )  # fmt: skip
    sink = io.BytesIO()
    pq.write_table(table.replace_schema_metadata({"who": "Zyxwell"}), sink)
    result = clean(sink.getvalue(), "parquet")
    assert result.data is not None and b"Zyxwell" not in result.data
    new = pq.read_table(io.BytesIO(result.data))
    someone = patient("17")
    assert new["patient_id"].to_pylist() == [someone.pseudonym] * 2
    assert new["when"].to_pylist() == [when + datetime.timedelta(someone.shift_days), None]
    assert new.schema.field("dob").type == pa.date32()
    assert new["age"].to_pylist() == [90.0, 45.0] and new["wbc"].to_pylist() == [4.5, None]
    assert new["raw"].to_pylist() == [None, None]
    stays = new["stay"].to_pylist()
    assert stays[0]["beds"] == [3] and isinstance(stays[0]["account"], str) and stays[1] is None
    assert new["report"].to_pylist() == ["[NAME] 17", "fine"]


def test_other_data_are_refused_without_their_content() -> None:
    result = clean(b"PAR1 Zyxwell", "parquet")
    assert result.status is Status.QUARANTINED and "Zyxwell" not in result.reason


def test_every_type_is_kept_in_the_schema() -> None:
    moment = datetime.datetime(2021, 2, 11, 10, 2, 3, tzinfo=datetime.timezone.utc)
    columns = {
        "patient_id": pa.array([48213377, None]),
        "text": pa.array(["by Quimbleton", None], pa.large_string()),
        "seen": pa.array([moment, None], pa.timestamp("us", "UTC")),
        "nanoseconds": pa.array([1613030400123456789, None], pa.timestamp("ns")),
        "scores": pa.array([[1.5], []], pa.list_(pa.float32())),
        "long_texts": pa.array([["Quimbleton"], None], pa.large_list(pa.large_string())),
        "pair": pa.array([[1, 2], None], pa.list_(pa.int32(), 2)),
        "labs": pa.array([[("hb", 3), ("48213377", 1)], None], pa.map_(pa.string(), pa.int32())),
        "words": pa.array([[("a", "Oduyaforth")], []], pa.map_(pa.string(), pa.string())),
        "one": pa.array([{"author": "Quimbleton", "n": 3}, None]),
        "coded": pa.array(["Quimbleton", None]).dictionary_encode(),
        "bytes": pa.array([b"Quimbleton", None]),
        "price": pa.array([decimal.Decimal("1.50"), None]),
        "took": pa.array([datetime.timedelta(1), None]),
        "nothing": pa.nulls(2),
        "at": pa.array([datetime.time(10, 2), None]),
    }
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    result = clean(sink.getvalue(), "parquet")
    assert result.data is not None, result.reason
    table = pq.read_table(io.BytesIO(result.data))
    before = pq.read_schema(io.BytesIO(sink.getvalue()))
    changed = {n for n in before.names if before.field(n).type != table.schema.field(n).type}
    assert changed == {"patient_id"}
    first, second = table.to_pylist()
    assert "Quimbleton" not in str(first) and "Oduyaforth" not in str(first)
    assert (first["scores"], first["pair"], str(first["price"])) == ([1.5], [1, 2], "1.50")
    assert first["labs"] == [("hb", 3)] and first["words"] == [("a", "[NAME]")]
    assert first["bytes"] is first["took"] is None and first["at"] == datetime.time(10, 2)
    assert first["seen"].time() == moment.time() and first["seen"].date() != moment.date()
    assert all(value in (None, []) for value in second.values())


def _parquet(columns: dict[str, object]) -> bytes:
    sink = io.BytesIO()
    pq.write_table(pa.table(columns), sink)
    return sink.getvalue()


def _broken_utf8() -> pa.Array:
    offsets = pa.array([0, 5, 9], pa.int32()).buffers()[1]
    return pa.Array.from_buffers(pa.string(), 2, [None, offsets, pa.py_buffer(b"ab\xff\xfecfine")])


def test_a_defect_of_one_row_refuses_that_row_only() -> None:
    fine = pa.array(["fine", "fine"])
    for columns in (
        {"patient_id": fine, "text": _broken_utf8()},
        {"patient_id": fine, "text": pa.array(["Quim\0bleton", "fine"])},
        {"patient_id": fine, "note_date": pa.array([10**18, 0], pa.timestamp("us"))},
    ):
        result = clean(_parquet(columns), "parquet")
        assert [note.reason_code for note in result.notes] == ["malformed_row", ""]
        assert result.data is not None and pq.read_table(io.BytesIO(result.data)).num_rows == 1
