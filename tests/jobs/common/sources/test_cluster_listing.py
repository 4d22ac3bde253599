from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pytest

from jobs.common.delta.arrow_rows import spark_schema
from jobs.common.sources import cluster_listing
from jobs.common.sources.cluster_listing import ClusterListing, settle
from jobs.common.sources.done_sources import exclude_done
from jobs.common.sources.listing import LocalListing
from jobs.common.sources.packing import PackingLimits, pack, read_items
from jobs.common.sources.source_table import SOURCE_SCHEMA
from jobs.common.storage.backend import Source
from safelight.pseudonyms import Pseudonyms

NAMES = Pseudonyms(bytes(range(32)))
SOURCES = [Source(f"/scans/{n // 10:02}/{n:03}", n, f"v{n}") for n in range(95)]


@pytest.fixture
def local() -> LocalListing:
    return LocalListing.from_sources(SOURCES).with_source_ids(NAMES)


@pytest.fixture
def listing(spark: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[ClusterListing]:
    """Hold a few sources in the cluster, in partitions of 30."""
    monkeypatch.setattr(cluster_listing, "LOCAL_MAX_SOURCES", 0)
    monkeypatch.setattr(cluster_listing, "PARTITION_SOURCES", 30)
    rows = random.Random(1).sample([(s.uri, s.size, s.version) for s in SOURCES], len(SOURCES))
    frame = spark.createDataFrame(rows, spark_schema(SOURCE_SCHEMA)).repartition(3)
    yield ClusterListing(frame).with_source_ids(NAMES)
    spark.catalog.clearCache()


def test_a_listing_counts_sources_and_bytes(listing: ClusterListing) -> None:
    totals = (listing.count, listing.total_bytes, listing.is_local)
    assert totals == (95, sum(source.size for source in SOURCES), False)


def test_source_ids_are_those_of_the_driver(listing: ClusterListing, local: LocalListing) -> None:
    assert listing.to_local().table == local.table


def test_a_listing_is_filtered_by_a_condition(listing: ClusterListing) -> None:
    found = listing.filter(lambda table: pc.greater(table["size"], 92))
    assert sorted(found.sources()) == SOURCES[93:]


def test_tasks_are_packed_by_range_and_positions_increase(listing: ClusterListing) -> None:
    tasks = list(pack(listing, PackingLimits(10**9, 20, 4)))
    items = [read_items(task.items) for task in tasks]
    assert [uri for table in items for uri in table["uri"].to_pylist()] == [s.uri for s in SOURCES]
    positions = [position for table in items for position in table["position"].to_pylist()]
    assert positions == sorted(set(positions))
    assert max(task.count for task in tasks) == 20
    assert sum(task.bytes for task in tasks) == sum(source.size for source in SOURCES)


@pytest.mark.parametrize("kind", ["table", "frame", "batches"])
def test_finished_sources_are_excluded_by_spark(
    listing: ClusterListing, local: LocalListing, spark: Any, kind: str
) -> None:
    done: Any = local.table.slice(10, 50).select(["source_id"])
    done = pa.concat_tables([done, done])
    if kind == "frame":
        done = spark.createDataFrame(done.to_pandas())
    elif kind == "batches":
        done = iter(done.to_batches())
    pending, skipped = exclude_done(listing, done)
    assert (pending.count, skipped, pending.is_local) == (45, 50, False)
    assert sorted(pending.sources()) == [*SOURCES[:10], *SOURCES[60:]]


def test_nothing_is_excluded_by_an_empty_table(listing: ClusterListing) -> None:
    done = pa.table({"source_id": pa.array([], pa.string())})
    assert exclude_done(listing, done)[1] == 0


def test_few_pending_sources_come_to_the_driver(
    listing: ClusterListing, local: LocalListing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster_listing, "LOCAL_MAX_SOURCES", 10)
    pending, skipped = exclude_done(listing, local.table.slice(5))
    assert isinstance(pending, LocalListing) and skipped == 90
    assert pending.table == local.table.slice(0, 5)


def test_finished_sources_of_a_frame_are_found_for_a_listing_of_the_driver(
    local: LocalListing, spark: Any
) -> None:
    done = local.table.slice(0, 60).select(["source_id"]).to_pandas()
    pending, skipped = exclude_done(local, spark.createDataFrame(done).repartition(2))
    assert (pending.count, skipped) == (35, 60)


def test_an_empty_listing_settles_in_the_driver(listing: ClusterListing) -> None:
    empty = settle(listing.filter(lambda table: pc.greater(table["size"], 1000)))
    assert isinstance(empty, LocalListing) and empty.count == 0


def test_sources_that_must_be_read_are_expanded_by_workers(spark: Any, local: LocalListing) -> None:
    def expand(sources: pa.Table) -> pa.Table:
        from pyspark import TaskContext

        in_worker = TaskContext.get() is not None
        twice = sources.take([n for n in range(len(sources)) for _ in range(1 + in_worker)])
        pieces = list(range(1, 2 + in_worker)) * len(sources)
        return twice.append_column("piece", pa.array(pieces))

    def must_read(sources: pa.Table) -> Any:
        return pc.is_in(sources["uri"], pa.array([SOURCES[7].uri, SOURCES[3].uri]))

    few = LocalListing(local.table.slice(0, 9))
    tasks = pack(few, PackingLimits(10**9, 4, 1), expand, must_read, lambda: spark)
    items = pa.concat_tables([read_items(task.items) for task in tasks])
    expected = [(s.uri, p) for s in SOURCES[:9] for p in ((1, 2) if s in (SOURCES[3], SOURCES[7])
                                                         else (1,))]  # fmt: skip
    assert list(zip(items["uri"].to_pylist(), items["piece"].to_pylist())) == expected
    assert items["position"].to_pylist() == list(range(11))
