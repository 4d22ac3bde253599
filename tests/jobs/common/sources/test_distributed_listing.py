from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import pyarrow as pa
import pytest

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.sources import cluster_listing, discovery
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.sources.distributed_listing import (
    OriginPart,
    TableReader,
    list_in_cluster,
    split_table,
)
from jobs.common.sources.listing import Listing, LocalListing
from jobs.common.storage import s3_client
from jobs.common.storage.backend import Source
from tests.jobs.common.sources.test_inventory import EXPECTED, Inventory


def parts(origin: int, *sources: Source) -> list[OriginPart]:
    return split_table(origin, LocalListing.from_sources(sources).table)


@pytest.fixture
def in_cluster(spark: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Let the driver hold no sources."""
    monkeypatch.setattr(cluster_listing, "LOCAL_MAX_SOURCES", 0)
    for name in ("LOCAL_MAX_SOURCES", "MANIFEST_LOCAL_MAX_BYTES", "INVENTORY_LOCAL_MAX_BYTES"):
        monkeypatch.setattr(discovery, name, 0)
    yield spark
    spark.catalog.clearCache()


def test_the_first_origin_of_a_source_has_priority(spark: Any) -> None:
    first = parts(1, Source("/b", 1, "1"), Source("/c", 1, "1"))
    second = parts(2, Source("/a", 2, "2"), Source("/b", 2, "2"))
    listing = list_in_cluster(spark, [*second, *first], None)
    assert isinstance(listing, LocalListing)
    assert list(listing.sources()) == [
        Source("/a", 2, "2"),
        Source("/b", 1, "1"),
        Source("/c", 1, "1"),
    ]


@dataclass(frozen=True)
class Failing:
    error: Exception

    def read(self, since: Optional[float]) -> Iterator[pa.Table]:
        raise self.error


@pytest.mark.parametrize("error", [UsageError("line 3"), JobError("the bucket")])
def test_a_problem_of_a_worker_is_raised_by_the_driver(spark: Any, error: Exception) -> None:
    given = [*parts(1, Source("/a", 1, "1")), OriginPart(2, Failing(error), False)]
    with pytest.raises(type(error), match=str(error)):
        list_in_cluster(spark, given, None)


def test_all_kinds_of_sources_are_listed_by_workers(
    in_cluster: Any, spark_on_s3: Any, bucket: str, tmp_path: Path
) -> None:
    client = s3_client.get_client()
    etags = {}
    for key in ("in/a/1", "in/a/2", "in/b/1", "other/1"):
        etags[key] = client.put_object(Bucket=bucket, Key=key, Body=b"12")["ETag"].strip('"')
    manifest = tmp_path / "m.txt"
    manifest.write_text(f"s3://{bucket}/in/a/1\ns3://{bucket}/in/gone\n")
    inventory = Inventory(tmp_path / "id", "Parquet")
    (tmp_path / "local").mkdir()
    (tmp_path / "local" / "1").write_text("1")
    request = SourceRequest(
        (str(tmp_path / "local"), f"s3://{bucket}/in/"), (str(manifest),), (str(inventory.path),)
    )
    listing: Listing = list_sources(request, lambda: spark_on_s3)
    assert not listing.is_local
    found = sorted((s.uri, s.size, s.version) for s in listing.sources())
    assert [row for row in found if row[0].startswith("s3://scans")] == sorted(EXPECTED)
    root = f"s3://{bucket}/in"
    assert [row for row in found if row[0].startswith(root)] == [
        (f"{root}/a/1", 2, etags["in/a/1"]),
        (f"{root}/a/2", 2, etags["in/a/2"]),
        (f"{root}/b/1", 2, etags["in/b/1"]),
        (f"{root}/gone", 0, ""),
    ]
    assert listing.count == len(found) == len(EXPECTED) + 5


def test_a_malformed_line_is_reported_by_the_driver(in_cluster: Any, tmp_path: Path) -> None:
    (tmp_path / "m.txt").write_text("/a\ngs://b/doe\n")
    request = SourceRequest(manifests=(str(tmp_path / "m.txt"),))
    with pytest.raises(UsageError, match=r"m\.txt, line 2: gs:// is not supported"):
        list_sources(request, lambda: in_cluster)


def test_a_reader_does_not_show_its_sources() -> None:
    assert repr(TableReader(b"doe")) == "TableReader()"
