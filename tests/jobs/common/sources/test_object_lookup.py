from __future__ import annotations

import random
from typing import Any

import pytest

from jobs.common.cli.errors import JobError
from jobs.common.sources import object_lookup
from jobs.common.sources.object_lookup import MISSING, WantedKey, look_up
from jobs.common.storage import s3_client
from jobs.common.storage.s3_listing import list_page

KEYS = [f"scans/{n // 20}/{n:03} é" for n in range(60)]


@pytest.fixture
def etags(bucket: str) -> dict[str, str]:
    client = s3_client.get_client()
    return {
        key: client.put_object(Bucket=bucket, Key=key, Body=key.encode())["ETag"].strip('"')
        for key in KEYS
    }


def versions(bucket: str, keys: list[str]) -> list[str]:
    return [found.version for found in look_up(bucket, [WantedKey(key) for key in keys])]


@pytest.mark.parametrize("seed", range(6))
def test_objects_are_found_and_missing_ones_are_not(
    bucket: str, etags: dict[str, str], monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(object_lookup, "_SLICE_KEYS", 10)
    choose = random.Random(seed)
    wanted = choose.sample(KEYS, choose.randrange(1, 60))
    wanted += [f"{key}{choose.choice('!x')}" for key in choose.sample(KEYS, 20)] + ["a", "z", "\0"]
    choose.shuffle(wanted)
    assert versions(bucket, wanted) == [etags.get(key, "") for key in wanted]


def test_a_dense_manifest_takes_few_requests(
    bucket: str, etags: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pages: list[int] = []

    def count(*arguments: Any, **options: Any) -> Any:
        page = list_page(*arguments, **options)
        pages.append(len(page.objects))
        return page

    monkeypatch.setattr(object_lookup, "list_page", count)
    monkeypatch.setattr(object_lookup, "describe_object", refuse(AssertionError()))
    assert versions(bucket, KEYS) == list(etags.values())
    assert pages == [4, 16, 40]


def test_sizes_and_times_are_found(bucket: str, etags: dict[str, str]) -> None:
    (found,) = look_up(bucket, [WantedKey(KEYS[0])])
    head = s3_client.get_client().head_object(Bucket=bucket, Key=KEYS[0])
    assert found.size == len(KEYS[0].encode())
    assert found.modified[:19] == f"{head['LastModified']:%Y-%m-%dT%H:%M:%S}"


def test_pinned_versions_are_described(bucket: str) -> None:
    client = s3_client.get_client()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = client.put_object(Bucket=bucket, Key="a", Body=b"1")
    client.put_object(Bucket=bucket, Key="a", Body=b"22")
    etag, version = first["ETag"].strip('"'), first["VersionId"]
    wanted = [WantedKey("a", version), WantedKey("a", "none"), WantedKey("a")]
    pinned, missing, current = look_up(bucket, wanted)
    assert (pinned.size, pinned.version) == (1, f"{etag}?versionId={version}")
    assert missing == MISSING
    assert current.size == 2 and "?" not in current.version


def refuse(error: Exception) -> Any:
    def fail(*_: object, **__: object) -> None:
        raise error

    return fail


def denied() -> Exception:
    from botocore.exceptions import ClientError

    return ClientError({"Error": {"Code": "AccessDenied"}}, "ListObjectsV2")


def test_objects_are_described_if_the_caller_may_not_list(
    bucket: str, etags: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(object_lookup, "list_page", refuse(denied()))
    assert versions(bucket, [*KEYS[:5], "gone"]) == [*list(etags.values())[:5], ""]


def test_a_denied_object_is_missing_and_denial_of_all_is_an_error(
    bucket: str, etags: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    describe = object_lookup.describe_object

    def deny_one(bucket: str, key: str, version: str | None) -> Any:
        if key == KEYS[1]:
            raise denied()
        return describe(bucket, key, version)

    monkeypatch.setattr(object_lookup, "list_page", refuse(denied()))
    monkeypatch.setattr(object_lookup, "describe_object", deny_one)
    assert versions(bucket, KEYS[:2]) == [etags[KEYS[0]], ""]
    with pytest.raises(JobError, match="AccessDenied"):
        versions(bucket, [KEYS[1]])


def test_a_missing_bucket_is_an_error(bucket: str) -> None:
    with pytest.raises(JobError, match="cannot be read: NoSuchBucket"):
        versions("no-such-bucket", ["doe"])


def test_a_key_is_not_shown() -> None:
    assert "doe" not in repr(WantedKey("doe"))
