from __future__ import annotations

from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.sources.discovery import SourceRequest, list_sources
from jobs.common.storage import s3_client
from jobs.common.storage.backend import Source
from tests.jobs.runs import no_session


def find(*inputs: str, **others: Any) -> list[Source]:
    return list(list_sources(SourceRequest(inputs, **others), no_session).sources())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "in").mkdir()
    for name in ("1", "2"):
        (tmp_path / "in" / name).write_text(name)
    return tmp_path / "in"


def test_overlapping_inputs_are_listed_once(folder: Path) -> None:
    found = find(f"{folder}/2", f"file://{folder}", str(folder))
    assert [Path(source.uri).name for source in found] == ["1", "2"]


def test_an_input_that_matches_nothing_is_a_usage_error(folder: Path) -> None:
    with pytest.raises(UsageError, match="names no file"):
        find(f"{folder}/nothing", allow_empty=True)


def test_an_empty_input_is_a_usage_error_unless_it_is_allowed(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="--allow-empty"):
        find(str(tmp_path))
    assert find(str(tmp_path), allow_empty=True) == []


def test_an_input_of_old_files_is_not_empty(folder: Path) -> None:
    tomorrow = datetime.now(timezone.utc) + timedelta(days=1)
    assert find(str(folder), since=tomorrow) == []


def test_missing_objects_of_a_manifest_are_listed(folder: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.txt"
    manifest.write_bytes(f"\ufeff{folder}/2\r\n\r\n{folder}/gone\r\n".encode())
    found = find(manifests=(str(manifest),))
    assert {Path(s.uri).name: bool(s.version) for s in found} == {"2": True, "gone": False}


def test_a_line_that_is_no_uri_is_named(tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.txt"
    manifest.write_text("/a\ngs://bucket/doe\n")
    with pytest.raises(UsageError, match=r"manifest\.txt, line 2: gs:// is not supported"):
        find(manifests=(str(manifest),))


def test_listed_sources_are_counted_for_progress(folder: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "manifest.txt"
    manifest.write_text(f"{folder}/1\n")
    counts: list[int] = []
    list_sources(SourceRequest((str(folder),), (str(manifest),)), no_session, counts.append)
    assert counts == [2, 1]


def test_pages_of_a_bucket_are_counted_for_progress(bucket: str) -> None:
    client = s3_client.get_client()
    for key in ("a", "b", "c"):
        client.put_object(Bucket=bucket, Key=key, Body=b"x")
    counts: list[int] = []
    list_sources(SourceRequest((f"s3://{bucket}/",)), no_session, counts.append)
    assert sum(counts) == 3
