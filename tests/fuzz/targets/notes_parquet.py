"""Parquet files of notes, which rows of Delta tables are read as."""

from __future__ import annotations

import io

import pyarrow as pa
import pyarrow.parquet as pq

from tests.fuzz.note_files import check_file


def run(data: bytes) -> None:
    """De-identify a file; the output is Parquet without metadata of the sender."""
    for file_format in ("parquet", "delta"):
        result = check_file(data, file_format)
        if result.data is not None:
            table = pq.read_table(io.BytesIO(result.data))
            assert not table.schema.metadata
            assert not any(field.metadata for field in table.schema)


def seeds() -> list[bytes]:
    """Return tables with columns of all kinds, and types that no rule expects."""
    rows = [
        {"patient_id": "P1", "patient_name": "Zyxquandary, Anna", "text": "seen 2020-01-02"},
        {"patient_id": "P2", "patient_name": None, "text": "well \u00e4"},
    ]
    nested = {
        "patient_id": pa.array([7, 8], pa.int32()),
        "visit": pa.array([{"note": "a", "at": 3}, None]),
        "labs": pa.array([[1.5, None], []]),
        "codes": pa.array([[("a", "b")], []], pa.map_(pa.string(), pa.string())),
        "word": pa.array(["x", "x"]).dictionary_encode(),
        "raw": pa.array([b"abc", b"\xff"]),
        "day": pa.array([1, 2], pa.date32()),
        "when": pa.array([1, 2], pa.timestamp("us", "UTC")),
        "sum": pa.array([1, 2], pa.decimal128(5, 2)),
    }
    return [_to_parquet(pa.Table.from_pylist(rows)), _to_parquet(pa.table(nested))]


def _to_parquet(table: pa.Table) -> bytes:
    stream = io.BytesIO()
    pq.write_table(table, stream, compression="none", store_schema=False)
    return stream.getvalue()
