"""Pieces of notes: the same on a local disk and on S3."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.common.notes.pieces import NotePiece, choose_notes_limits, read_piece, split_source
from jobs.common.storage import s3_client
from jobs.common.storage.backend import Source
from jobs.common.storage.listing import list_sources
from jobs.common.storage.objects import read_object
from safelight.notes.formats import open_part
from safelight.notes.options import NotesOptions

NUMBERS = range(200)
CSV = "mrn,text\n" + "".join(f'P{n},"line\n{n}"\n' for n in NUMBERS)


def parquet() -> bytes:
    sink = io.BytesIO()
    table = pa.table({"mrn": [f"P{n}" for n in NUMBERS], "text": [f"line\n{n}" for n in NUMBERS]})
    pq.write_table(table, sink, row_group_size=40, compression="none")
    return sink.getvalue()


def read_all(source: Source, pieces: list[NotePiece]) -> list[tuple[int, str]]:
    """Return the rows of all pieces with their numbers."""
    found = []
    for position, piece in enumerate(pieces):
        item = piece.to_item(position, "id", False)
        data = read_object(source.uri, source.version, item.begin, item.end)
        for record in open_part(read_piece(item, data), NotesOptions()).read_records():
            assert record.value is not None
            found.append((record.row, record.value["text"]))
    return found


@pytest.mark.parametrize("where", ["local", "s3"])
@pytest.mark.parametrize("name", ["notes.csv", "notes.parquet"])
def test_pieces_say_what_the_file_says(
    where: str, name: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    data = CSV.encode() if name.endswith("csv") else parquet()
    if where == "s3":
        bucket = request.getfixturevalue("bucket")
        s3_client.get_client().put_object(Bucket=bucket, Key=f"in/{name}", Body=data)
        (source,) = list_sources([f"s3://{bucket}/in/{name}"])
    else:
        (tmp_path / name).write_bytes(data)
        (source,) = list_sources([str(tmp_path / name)])
    pieces = split_source(source, NotesOptions(), 1000)
    assert len(pieces) > 1 and [piece.piece for piece in pieces] == list(range(1, len(pieces) + 1))
    assert read_all(source, pieces) == [(n + 1, f"line\n{n}") for n in NUMBERS]
    (whole,) = split_source(source, NotesOptions(), 1 << 20)
    assert read_all(source, [whole]) == [(n + 1, f"line\n{n}") for n in NUMBERS]


def test_what_cannot_be_read_stays_whole_and_is_told_later(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"no parquet" * 100)
    (tmp_path / "a.csv").write_bytes(b"a,a\n" * 300)
    for source in list_sources([str(tmp_path)]):
        (piece,) = split_source(source, NotesOptions(), 100)
        assert (piece.begin, piece.end) == (0, source.size)


def test_many_small_files_are_spread_over_the_cores() -> None:
    pieces = [NotePiece(f"/{n}.txt", 10, "v", 10) for n in range(1000)]
    assert choose_notes_limits(pieces, 4).task_files == 125
    assert choose_notes_limits(pieces[:3], 4).task_files == 1
