from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.dataset as ds
import pyarrow.parquet as pq
import pytest

from jobs.common.sources.done_sources import exclude_done
from jobs.common.sources.listing import LocalListing
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms

NAMES = Pseudonyms(bytes(range(32)))


@pytest.fixture
def listing() -> LocalListing:
    sources = [Source(f"/scans/{n:04}", n, "v") for n in range(500)]
    return LocalListing.from_sources(sources).with_source_ids(NAMES)


def uris(listing: Any) -> list[str]:
    return listing.table["uri"].to_pylist()


def test_finished_sources_are_excluded_in_order(listing: LocalListing) -> None:
    finished = random.Random(1).sample(range(500), 300)
    ids = listing.table["source_id"].take(finished)
    other = LocalListing.from_sources([Source("/other", 1, "v")]).with_source_ids(NAMES)
    done = pa.table({"source_id": pa.chunked_array([*ids.chunks, *other.table["source_id"].chunks]),
                     "status": ["x"] * 301})  # fmt: skip
    pending, skipped = exclude_done(listing, done)
    assert skipped == 300
    expected = [f"/scans/{n:04}" for n in range(500) if n not in set(finished)]
    assert uris(pending) == expected


def test_a_data_set_is_read_by_file(listing: LocalListing, tmp_path: Path) -> None:
    for n in range(3):
        part = listing.table.slice(n * 100, 100).select(["source_id"])
        pq.write_table(pa.concat_tables([part, part]), tmp_path / f"{n}.parquet")
    pending, skipped = exclude_done(listing, ds.dataset(tmp_path))
    assert (pending.count, skipped) == (200, 300)


def test_nothing_is_excluded_without_finished_sources(listing: LocalListing) -> None:
    done = listing.table.slice(0, 0)
    assert exclude_done(listing, done) == (listing, 0)


def test_an_empty_listing_stays_empty(listing: LocalListing) -> None:
    empty = LocalListing(listing.table.slice(0, 0))
    assert exclude_done(empty, listing.table)[1] == 0


def test_ids_that_begin_alike_are_told_apart(listing: LocalListing) -> None:
    first = listing.table["source_id"][0].as_py()
    done = pa.table({"source_id": [first[:16] + "0" * 48, "", None, "f" * 64]})
    assert exclude_done(listing, done)[1] == 0


def test_finished_sources_may_be_a_stream_of_batches(listing: LocalListing) -> None:
    batches = iter(listing.table.slice(100).to_batches(max_chunksize=150))
    pending, skipped = exclude_done(listing, batches)
    assert (pending.count, skipped) == (100, 400)


def test_ids_of_a_delta_table_may_be_string_views(listing: LocalListing) -> None:
    ids = listing.table.slice(100)["source_id"]
    for kind in (pa.string_view(), pa.large_string()):
        done = pa.table({"source_id": ids.cast(kind)})
        assert exclude_done(listing, done)[1] == 400
