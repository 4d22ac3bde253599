"""Pieces of notes: the same on a local disk and on S3."""

from __future__ import annotations

import io
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from jobs.common.notes.piece_item import PieceItem
from jobs.common.notes.pieces import (
    PIECE_BYTES,
    can_split,
    choose_notes_limits,
    list_pieces,
    read_piece,
    split_file_into_pieces,
)
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.sources.listing import LocalListing
from jobs.common.sources.packing import PACKED_BYTES
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.storage import s3_client
from jobs.common.storage.backend import Source
from jobs.common.storage.objects import read_object
from safelight.notes.formats import open_part
from safelight.notes.options import NotesOptions
from safelight.pseudonyms import Pseudonyms
from tests.jobs.conftest import KEY
from tests.jobs.runs import no_session

NAMES = Pseudonyms(KEY, "default")
NUMBERS = range(200)
CSV = "mrn,text\n" + "".join(f'P{n},"line\n{n}"\n' for n in NUMBERS)


def parquet() -> bytes:
    sink = io.BytesIO()
    table = pa.table({"mrn": [f"P{n}" for n in NUMBERS], "text": [f"line\n{n}" for n in NUMBERS]})
    pq.write_table(table, sink, row_group_size=40, compression="none")
    return sink.getvalue()


def list_files(*uris: str) -> pa.Table:
    """Return the listed files with their IDs."""
    listing = list_sources(SourceRequest(uris), no_session).with_source_ids(NAMES)
    assert isinstance(listing, LocalListing)
    return listing.table


def split(files: pa.Table, piece_bytes: int) -> list[PieceItem]:
    """Return the pieces of the only file of a listing."""
    (row,) = (
        list_pieces(files, NotesOptions(), 1 << 40, ObjectLimits())
        .drop_columns([PACKED_BYTES])
        .to_pylist()
    )
    return split_file_into_pieces(
        PieceItem(position=0, **row), NotesOptions(), piece_bytes, ObjectLimits()
    )


def read_all(pieces: list[PieceItem]) -> list[tuple[int, str]]:
    """Return the rows of all pieces with their numbers."""
    found = []
    for item in pieces:
        data = read_object(item.uri, item.version, item.begin, item.end)
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
        files = list_files(f"s3://{bucket}/in/{name}")
    else:
        (tmp_path / name).write_bytes(data)
        files = list_files(str(tmp_path / name))
    pieces = split(files, 1000)
    assert len(pieces) > 1 and [piece.piece for piece in pieces] == list(range(1, len(pieces) + 1))
    assert read_all(pieces) == [(n + 1, f"line\n{n}") for n in NUMBERS]
    (whole,) = split(files, 1 << 20)
    assert read_all([whole]) == [(n + 1, f"line\n{n}") for n in NUMBERS]


def test_what_cannot_be_read_stays_whole_and_is_told_later(tmp_path: Path) -> None:
    (tmp_path / "a.parquet").write_bytes(b"no parquet" * 100)
    (tmp_path / "a.csv").write_bytes(b"a,a\n" * 300)
    for name in ("a.parquet", "a.csv"):
        (piece,) = split(list_files(str(tmp_path / name)), 100)
        assert (piece.begin, piece.end) == (0, piece.size)


def test_many_small_files_are_spread_over_the_cores() -> None:
    sources = [Source(f"/{n}.txt", 10, "v") for n in range(1000)]
    assert choose_notes_limits(LocalListing.from_sources(sources), 4).task_files == 125
    assert choose_notes_limits(LocalListing.from_sources(sources[:3]), 4).task_files == 1


def test_only_large_files_of_some_formats_are_split() -> None:
    large = PIECE_BYTES + 1
    uris = ["/a.csv", "/b.csv", "/c.csv.gz", "/d.pdf"]
    sizes = [large, 10, large, large]
    assert can_split(pa.table({"uri": uris, "size": sizes}), PIECE_BYTES).to_pylist() == [
        True, False, False, False,
    ]  # fmt: skip


def test_a_piece_does_not_show_its_uri() -> None:
    listing = LocalListing.from_sources([Source("/doe-jane.txt", 1, "v")]).with_source_ids(NAMES)
    (piece,) = split(listing.table, 10)
    assert "jane" not in repr(piece)
