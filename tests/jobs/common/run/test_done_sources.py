from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from jobs.common.delta.tables.table_set import Tables
from jobs.common.run import done_sources
from jobs.common.run.done_sources import find_done_sources
from jobs.common.sources.done_sources import exclude_done
from jobs.common.sources.listing import LocalListing
from jobs.common.spark.object_limits import ObjectLimits
from jobs.common.storage.backend import Source
from jobs.common.storage.location import Location
from safelight.pseudonyms import Pseudonyms
from tests.jobs.conftest import KEY

NAMES = Pseudonyms(KEY, "default")
SETTINGS = {"rules_hash": "h", "output_root": "/out"}


@pytest.fixture
def listing() -> LocalListing:
    sources = [Source(f"/in/{name}", 1, "v") for name in "abcde"]
    return LocalListing.from_sources(sources).with_source_ids(NAMES)


@pytest.fixture
def tables(spark: Any, tmp_path: Path, listing: LocalListing) -> Tables:
    ids = listing.table["source_id"].to_pylist()
    outcomes = [
        {"rules_hash": "h", "reason_code": ""},
        {"rules_hash": "other", "reason_code": ""},
        {"rules_hash": "h", "reason_code": "unreadable_source"},
        {"rules_hash": "h", "reason_code": "truncated"},
    ]
    records = [
        {"source_id": key, "output_root": "/out", "run_id": "r1"} | outcome
        for key, outcome in zip(ids, outcomes)
    ]
    found = Tables(spark, Location("", str(tmp_path)))
    found.append_records("instances", records)
    return found


@pytest.mark.parametrize("reader", ["driver", "cluster"])
def test_sources_with_a_final_outcome_under_the_same_settings_are_done(
    tables: Tables, listing: LocalListing, reader: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if reader == "cluster":
        monkeypatch.setattr(done_sources, "DONE_LOCAL_MAX_ROWS", 0)
    done = find_done_sources(tables, "instances", True, ObjectLimits(), SETTINGS)
    pending, skipped = exclude_done(listing, done)
    assert [source.uri for source in pending.sources()] == ["/in/b", "/in/c", "/in/e"]
    assert skipped == 2


def test_nothing_is_done_without_a_table(tmp_path: Path, listing: LocalListing) -> None:
    tables = Tables(lambda: pytest.fail("Spark was started"), Location("", str(tmp_path)))
    done = find_done_sources(tables, "instances", True, ObjectLimits(), SETTINGS)
    assert exclude_done(listing, done) == (listing, 0)
