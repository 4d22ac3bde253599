from __future__ import annotations

from typing import Any

import pyarrow as pa
import pytest

from jobs.common.notes.piece_outcomes import PieceOutcomes
from jobs.common.notes.plugin import NotesBuilder, NotesPlugin
from jobs.common.sources.listing import LocalListing
from jobs.common.storage.backend import Source
from safelight.notes.options import NotesOptions
from safelight.pseudonyms import Pseudonyms
from tests.jobs.conftest import KEY

NAMES = Pseudonyms(KEY, "default")
PLUGIN = NotesPlugin(NotesBuilder(NotesOptions(), 2024), "f")
SCHEMA = pa.schema(
    [("source_id", pa.string()), ("piece", pa.int32()), ("pieces", pa.int32()),
     ("notes", pa.int64())]
)  # fmt: skip


@pytest.fixture
def listing() -> LocalListing:
    sources = [Source(f"/in/{name}.txt", 1, "v") for name in "abc"]
    return LocalListing.from_sources(sources).with_source_ids(NAMES)


def outcomes(done: list[tuple[Any, ...]], others: list[tuple[Any, ...]]) -> PieceOutcomes:
    tables = [
        pa.Table.from_pylist([dict(zip(SCHEMA.names, row)) for row in rows], SCHEMA)
        for rows in (done, others)
    ]
    return PieceOutcomes(*tables)


def test_a_source_is_finished_once_all_of_its_pieces_are(listing: LocalListing) -> None:
    a, b, _ = listing.table["source_id"].to_pylist()
    found = outcomes([(a, 1, 2, 5), (a, 2, 2, 5), (b, 1, 2, 5)], [])
    assert found.finished["source_id"].to_pylist() == [a]


def test_notes_of_listed_sources_are_counted_and_a_refused_file_is_one(
    listing: LocalListing,
) -> None:
    a, b, _ = listing.table["source_id"].to_pylist()
    found = outcomes([(a, 1, 1, 5), (b, 1, 1, 0), ("unlisted", 1, 1, 7)], [])
    assert found.count_done_notes(listing, [], NAMES) == 6


def test_pieces_that_are_done_are_not_listed_again(listing: LocalListing) -> None:
    a, b, c = listing.table["source_id"].to_pylist()
    select = outcomes([(b, 1, 2, 5)], []).select_pieces(PLUGIN)
    assert select(listing.table)["source_id"].to_pylist() == [a, c]
