from __future__ import annotations

import os
from pathlib import Path

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.storage.location import Location, parse_source_uri, parse_uri


@pytest.mark.parametrize("scheme", ["s3", "s3a"])
def test_both_schemes_of_s3_have_one_spelling(scheme: str) -> None:
    assert parse_uri(f"{scheme}://bucket/a/b").uri == "s3://bucket/a/b"


@pytest.mark.parametrize("text", ["/a/b", "file:///a/b", "file://localhost/a/b", "/a/./b"])
def test_local_paths_have_one_spelling(text: str) -> None:
    assert parse_uri(text) == Location("", "/a/b")


def test_a_relative_path_becomes_absolute() -> None:
    assert parse_uri("x").path == str(Path.cwd() / "x")


def test_a_name_that_is_not_utf8_survives_the_way_through_its_uri() -> None:
    location = Location("", os.fsdecode(b"/a/\xff.dcm"))
    assert parse_uri(location.uri) == location
    location.uri.encode()


@pytest.mark.parametrize("text", ["gs://bucket/x", "http://host/x", "s3:///x"])
def test_other_schemes_and_missing_buckets_are_refused(text: str) -> None:
    with pytest.raises(UsageError):
        parse_uri(text)


def test_a_child_is_below_its_folder() -> None:
    assert parse_uri("s3://bucket/a/").child("b").uri == "s3://bucket/a/b"
    assert parse_uri("s3://bucket").child("b").uri == "s3://bucket/b"
    assert parse_uri("/a").child("b").uri == "/a/b"


@pytest.mark.parametrize("path", ["", "/studies/1.2", "?region=eu-west-1"])
def test_a_data_store_is_a_source_and_nothing_else(path: str) -> None:
    text = f"healthimaging://{'0' * 32}{path}"
    location = parse_source_uri(text)
    assert location.uri == text
    assert (location.on_healthimaging, location.on_s3, location.is_remote) == (True, False, True)
    with pytest.raises(UsageError, match="can be the --input of `safelight deidentify` only"):
        parse_uri(text)


def test_other_sources_are_parsed_as_before() -> None:
    assert parse_source_uri("s3a://bucket/a") == parse_uri("s3://bucket/a")
    assert not parse_source_uri("/a").is_remote
