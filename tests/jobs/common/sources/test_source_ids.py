from __future__ import annotations

import pickle

import pytest

from jobs.common.sources import source_ids
from jobs.common.sources.source_ids import SourceIdHasher, add_source_ids, source_id
from jobs.common.sources.source_table import SOURCE_SCHEMA, SourceTableBuilder, iterate_sources
from safelight.pseudonyms import Pseudonyms

NAMES = Pseudonyms(bytes(range(32)))


def table(*versions: str):
    builder = SourceTableBuilder()
    for n, version in enumerate(versions):
        builder.add(f"/scans/é{n}.dcm", n, version)
    return builder.finish()


def test_an_id_is_the_keyed_hash_of_uri_and_version(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_ids, "OBJECT_ROWS", 2)
    sources = table("1", "", "abc-2")
    messages = [f"{source.uri}\n{source.version}" for source in iterate_sources(sources)]
    expected = [NAMES.hexdigest("source", message) for message in messages]
    assert add_source_ids(sources, NAMES)["source_id"].to_pylist() == expected


def test_the_id_of_a_pinned_version_is_that_of_its_etag() -> None:
    pinned = add_source_ids(table("e?versionId=v1"), NAMES)
    assert pinned["source_id"] == add_source_ids(table("e"), NAMES)["source_id"]


def test_one_source_has_the_same_id_as_in_a_table() -> None:
    (source,) = iterate_sources(table("1"))
    ids = add_source_ids(table("1"), NAMES)["source_id"].to_pylist()
    assert [source_id(NAMES, source.uri, source.version)] == ids


def test_ids_are_replaced_and_not_repeated() -> None:
    once = add_source_ids(table("1"), NAMES)
    assert add_source_ids(once, NAMES) == once


def test_no_sources_have_no_ids() -> None:
    assert add_source_ids(SOURCE_SCHEMA.empty_table(), NAMES)["source_id"].to_pylist() == []


def test_a_hasher_can_be_sent_to_workers_and_does_not_show_its_key() -> None:
    hasher = SourceIdHasher.of(NAMES)
    assert pickle.loads(pickle.dumps(hasher)) == hasher
    assert repr(hasher) == "SourceIdHasher()"
