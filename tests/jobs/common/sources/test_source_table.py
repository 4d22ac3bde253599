from __future__ import annotations

import pyarrow as pa
import pytest

from jobs.common.sources import source_table
from jobs.common.sources.source_table import (
    SOURCE_SCHEMA,
    SourceTableBuilder,
    iterate_sources,
    merge_sources,
)
from jobs.common.storage.backend import Source


def table(*rows: tuple[str, str]) -> pa.Table:
    builder = SourceTableBuilder()
    for uri, version in rows:
        builder.add(uri, 1, version)
    return builder.finish()


def merged(*tables: pa.Table) -> list[tuple[str, str]]:
    return [(row.uri, row.version) for row in iterate_sources(merge_sources(tables))]


def test_sources_are_collected_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_table, "OBJECT_ROWS", 2)
    builder = SourceTableBuilder()
    for n in range(5):
        builder.add(f"/{n}", n, "v")
    found = builder.finish()
    assert found.schema == SOURCE_SCHEMA
    assert list(iterate_sources(found)) == [Source(f"/{n}", n, "v") for n in range(5)]


def test_older_sources_are_counted_only() -> None:
    builder = SourceTableBuilder(since=100.0)
    builder.add("/old", 1, "v", 99.9)
    builder.add("/new", 1, "v", 100.0)
    builder.add("/unknown", 1, "v")
    assert builder.finish()["uri"].to_pylist() == ["/new", "/unknown"]
    assert builder.older == 1


def test_no_tables_are_an_empty_table() -> None:
    assert merge_sources([]) == SOURCE_SCHEMA.empty_table()


def test_sources_are_ordered_by_the_bytes_of_their_uris() -> None:
    uris = ["/b", "/a/z", "/a", "/é", "/\U0001f600", "/\uffee", "/A"]
    assert [uri for uri, _ in merged(table(*((uri, "v") for uri in uris)))] == sorted(uris)


def test_a_source_that_is_listed_twice_is_kept_once() -> None:
    assert merged(table(("/a", "1"), ("/b", "1")), table(("/a", "2"))) == [("/a", "1"), ("/b", "1")]


def test_pinned_versions_of_one_object_are_kept() -> None:
    pinned = [("/a", "e1?versionId=v1"), ("/a", "e2?versionId=v2"), ("/b", "e")]
    assert merged(table(("/b", "e"), ("/a", "e2")), table(*pinned)) == sorted(pinned)


def test_pinned_versions_of_the_same_content_are_kept_once() -> None:
    assert merged(table(("/a", "e?versionId=v2"), ("/a", "e?versionId=v1"))) == [
        ("/a", "e?versionId=v1")
    ]
