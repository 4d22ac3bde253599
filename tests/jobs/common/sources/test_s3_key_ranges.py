from __future__ import annotations

import random
import time
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.common.cli.errors import JobError
from jobs.common.sources import s3_key_ranges
from jobs.common.sources.s3_key_ranges import (
    KeyRange,
    KeyRangeLister,
    find_bounds,
    find_character_bound,
    key_ranges,
)
from jobs.common.storage import s3_client, s3_listing
from jobs.common.storage.location import parse_uri

EITHER = pytest.mark.parametrize("bucket", ["s3_server", "strict_s3_server"], indirect=True)

#: A flat folder, a deep one, many small ones, folder markers and neighbors of the prefix.
KEYS = sorted(
    [f"scans/a/{n:02}" for n in range(40)]
    + [f"scans/b/{n % 3}/x/{n:02}.dcm" for n in range(30)]
    + [f"scans/c{n:02}/1 é+%41.dcm" for n in range(20)]
    + ["scans/a/", "scans/b.txt", "scans/b0", "scans-old/1", "scans.txt", "z"]
)


@pytest.fixture
def keys(bucket: str) -> list[str]:
    for key in random.Random(1).sample(KEYS, len(KEYS)):
        s3_client.get_client().put_object(Bucket=bucket, Key=key, Body=key.encode())
    return KEYS


@pytest.fixture
def small_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    def list_small_page(*arguments: Any, **options: Any) -> s3_listing.KeyPage:
        keys = min(4, options.pop("max_keys"))
        return s3_listing.list_page(*arguments, **options, max_keys=keys)

    monkeypatch.setattr(s3_key_ranges, "list_page", list_small_page)


def listed(lister: KeyRangeLister, bucket: str) -> list[str]:
    uris = [uri for page in lister.pages() for uri in page.sources.column("uri").to_pylist()]
    return sorted(uri.removeprefix(f"s3://{bucket}/") for uri in uris)


def below(keys: list[str], prefix: str) -> list[str]:
    return [key for key in keys if key.startswith(prefix) and not key.endswith("/")]


@EITHER
def test_each_key_is_listed_once_however_ranges_are_split(
    bucket: str, keys: list[str], small_pages: None
) -> None:
    for text, expected in (
        ("scans/", below(keys, "scans/")),
        ("scans", below(keys, "scans/")),
        ("scans/b0", ["scans/b0"]),
        ("", below(keys, "")),
        ("scans/b/**.dcm", below(keys, "scans/b/")),
        ("scans/c*/1*", below(keys, "scans/c")),
        ("scans/?/0?", below(keys, "scans/a/0")),
        ("nothing", []),
    ):
        lister = KeyRangeLister(key_ranges(parse_uri(f"s3://{bucket}/{text}")), threads=4)
        assert listed(lister, bucket) == expected


def test_a_long_range_is_split_at_its_sub_prefixes(
    bucket: str, keys: list[str], small_pages: None
) -> None:
    lister = KeyRangeLister([KeyRange(bucket, "scans/")], threads=4)
    assert listed(lister, bucket) == below(keys, "scans/")
    ranges = lister.ranges
    assert len(ranges) > 4
    again = [key for each in ranges for key in listed(KeyRangeLister([each], threads=1), bucket)]
    assert sorted(again) == below(keys, "scans/")


def test_bounds_are_those_of_the_highest_level(bucket: str, keys: list[str]) -> None:
    whole = KeyRange(bucket, "scans/")
    assert find_bounds(whole, "scans/a/01")[0] == "scans/b/"
    assert find_bounds(KeyRange(bucket, "scans/b/"), "scans/b/0/x/00.dcm") == [
        "scans/b/1/",
        "scans/b/2/",
    ]
    limited = KeyRange(bucket, "scans/", until="scans/b/1/x/9")
    assert find_bounds(limited, "scans/b/0/x/00.dcm") == ["scans/b/1/"]
    assert find_bounds(whole, "scans/c19/1") == []


def test_a_range_without_sub_prefixes_is_split_at_a_character(
    bucket: str, keys: list[str], small_pages: None
) -> None:
    whole = KeyRange(bucket, "scans/a/")
    assert find_character_bound(whole, "scans/a/10", "scans/a/13") == ["scans/a/2"]
    assert find_character_bound(whole, "scans/a/36", "scans/a/38") == []
    limited = KeyRange(bucket, "scans/a/", until="scans/a/12")
    assert find_character_bound(limited, "scans/a/08", "scans/a/11") == []
    lister = KeyRangeLister([whole], threads=4)
    assert listed(lister, bucket) == below(keys, "scans/a/")
    assert len(lister.ranges) > 2


def test_an_object_and_the_keys_below_its_name_are_listed(bucket: str) -> None:
    for key in ("scans", "scans/1", "scans-old/1"):
        s3_client.get_client().put_object(Bucket=bucket, Key=key, Body=b"1")
    lister = KeyRangeLister(key_ranges(parse_uri(f"s3://{bucket}/scans")))
    assert listed(lister, bucket) == ["scans", "scans/1"]


def test_objects_have_their_sizes_and_versions(bucket: str, keys: list[str]) -> None:
    pages = KeyRangeLister(key_ranges(parse_uri(f"s3://{bucket}/scans/b0"))).pages()
    (sources,) = (page.sources for page in pages if page.sources.num_rows)
    head = s3_client.get_client().head_object(Bucket=bucket, Key="scans/b0")
    assert sources.to_pylist() == [
        {"uri": f"s3://{bucket}/scans/b0", "size": 8, "version": head["ETag"].strip('"')}
    ]


def test_older_objects_are_counted_only(bucket: str, keys: list[str]) -> None:
    ranges = key_ranges(parse_uri(f"s3://{bucket}/scans/b"))
    for since, expected in ((time.time() - 3600, (30, 0)), (time.time() + 3600, (0, 30))):
        pages = list(KeyRangeLister(ranges, s3_client.utc_time(since)).pages())
        assert expected == (sum(page.sources.num_rows for page in pages),
                            sum(page.older for page in pages))  # fmt: skip


def test_a_listing_that_is_left_early_ends(bucket: str, keys: list[str], small_pages: None) -> None:
    pages: Iterator[Any] = KeyRangeLister([KeyRange(bucket, "")], threads=2).pages()
    next(pages)
    pages.close()  # type: ignore[attr-defined]


def test_a_bucket_that_cannot_be_read_is_an_error(bucket: str) -> None:
    with pytest.raises(JobError, match="cannot be read: NoSuchBucket"):
        list(KeyRangeLister([KeyRange("no-such-bucket", "doe")]).pages())


def test_a_range_does_not_show_its_keys() -> None:
    assert "doe" not in repr(KeyRange("b", "doe/", "doe/*", "doe/1", "doe/2"))
