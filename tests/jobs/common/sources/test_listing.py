from __future__ import annotations

import pyarrow.compute as pc

from jobs.common.sources.listing import LocalListing
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms

SOURCES = [Source(f"/scans/doe{n}", n, "v") for n in range(4)]


def test_a_listing_counts_sources_and_bytes() -> None:
    listing = LocalListing.from_sources(reversed(SOURCES))
    assert (listing.count, listing.total_bytes, listing.is_local) == (4, 6, True)
    assert list(listing.sources()) == SOURCES


def test_an_empty_listing_has_no_bytes() -> None:
    listing = LocalListing.from_sources([])
    assert (listing.count, listing.total_bytes) == (0, 0)


def test_a_listing_is_filtered_by_a_condition() -> None:
    listing = LocalListing.from_sources(SOURCES)
    found = listing.filter(lambda table: pc.greater(table["size"], 2))
    assert list(found.sources()) == SOURCES[3:]


def test_source_ids_are_a_column() -> None:
    listing = LocalListing.from_sources(SOURCES).with_source_ids(Pseudonyms(bytes(range(32))))
    assert len(set(listing.table["source_id"].to_pylist())) == 4


def test_a_listing_does_not_show_its_uris() -> None:
    assert "doe" not in repr(LocalListing.from_sources(SOURCES))
