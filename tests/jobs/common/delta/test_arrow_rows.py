from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Optional

import pyarrow as pa

from jobs.common.delta.arrow_rows import (
    Int32,
    arrow_schema,
    columns_of,
    decode_rows,
    encode_rows,
    spark_schema,
    to_record,
    to_tuple,
)


@dataclass
class Inner:
    text: str
    number: Optional[Int32]


@dataclass
class Outer:
    name: str
    size: int
    count: Int32
    share: float
    seen: bool
    data: Optional[bytes]
    at: datetime
    words: list[str]
    counts: dict[str, int]
    inner: Optional[list[Inner]]


NOW = datetime(2024, 5, 17, tzinfo=timezone.utc)
ROW = Outer("a", 1, 2, 0.5, True, b"x", NOW, ["w"], {"n": 3}, [Inner("t", None)])


def test_types_follow_the_annotations() -> None:
    inner = pa.struct([("text", pa.string()), ("number", pa.int32())])
    assert arrow_schema(Outer) == pa.schema(
        [
            ("name", pa.string()),
            ("size", pa.int64()),
            ("count", pa.int32()),
            ("share", pa.float64()),
            ("seen", pa.bool_()),
            ("data", pa.binary()),
            ("at", pa.timestamp("us", "UTC")),
            ("words", pa.list_(pa.string())),
            ("counts", pa.map_(pa.string(), pa.int64())),
            ("inner", pa.list_(inner)),
        ]
    )


def test_columns_are_nullable() -> None:
    assert all(field.nullable for field in arrow_schema(Outer))
    assert all(field.nullable for field in spark_schema(arrow_schema(Outer)).fields)


def test_columns_of_a_subclass_follow_those_of_its_base() -> None:
    @dataclass
    class More(Inner):
        extra: str

    assert arrow_schema(More).names == ["text", "number", "extra"]


def test_rows_survive_encoding_and_decoding() -> None:
    row = Outer("a", 1, 2, 0.5, True, None, NOW, [], {}, [Inner("t", 4)])
    (decoded,) = decode_rows(Outer, [encode_rows(Outer, [row])])
    assert decoded.inner == [Inner("t", 4)]
    assert (decoded.name, decoded.data, decoded.words) == ("a", None, [])


def test_a_null_list_is_decoded_to_none() -> None:
    row = Outer("a", 1, 2, 0.5, True, None, NOW, [], {}, None)
    (decoded,) = decode_rows(Outer, [encode_rows(Outer, [row])])
    assert decoded.inner is None


def test_columns_are_decoded_by_name() -> None:
    batch = pa.RecordBatch.from_pydict({"number": pa.array([1], pa.int32()), "text": ["t"]})
    assert list(decode_rows(Inner, [batch])) == [Inner("t", 1)]


def test_values_of_a_row_are_in_the_order_of_its_columns() -> None:
    assert to_tuple(Inner("t", 1)) == ("t", 1)
    assert to_record(Inner("t", 1)) == {"text": "t", "number": 1}


def test_rows_are_converted_column_by_column() -> None:
    texts, numbers = columns_of(Inner, [Inner("a", 1), Inner("b", None)])
    assert texts.to_pylist() == ["a", "b"] and numbers.to_pylist() == [1, None]
    assert numbers.type == pa.int32()
