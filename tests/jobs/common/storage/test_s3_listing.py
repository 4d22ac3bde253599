from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError, ResponseStreamingError
from botocore.parsers import ResponseParserError

from jobs.common.aws.client_errors import error_code
from jobs.common.storage import s3_client, s3_listing
from jobs.common.storage.objects import read_object
from jobs.common.storage.pinned_version import pin_version
from jobs.common.storage.s3_listing import ListedObject, describe_object, list_page, parse_page
from safelight.records import Refusal

EITHER = pytest.mark.parametrize("bucket", ["s3_server", "strict_s3_server"], indirect=True)

_PAGE = """<?xml version="1.0" encoding="UTF-8"?>
<ListBucketResult {space}><IsTruncated>{truncated}</IsTruncated>{encoding}
<NextContinuationToken>next</NextContinuationToken>
<Contents><Key>a%2Bb+c</Key><Size>7</Size><ETag>&quot;e-2&quot;</ETag>
<LastModified>2026-11-30T03:16:51.000Z</LastModified><Owner><ID>x</ID></Owner></Contents>
<CommonPrefixes><Prefix>d/</Prefix></CommonPrefixes></ListBucketResult>"""


@EITHER
def test_pages_are_those_of_boto3(bucket: str) -> None:
    client = s3_client.get_client()
    names = ["a/1 é", "a/2+%41", "a/b/1", "a/c/1", "b/1", "a/&<>"]
    for name in names:
        client.put_object(Bucket=bucket, Key=name, Body=b"x" * len(name))
    keys: list[str] = []
    page = list_page(bucket, "a/", max_keys=2)
    keys += [entry.key for entry in page.objects]
    while page.token:
        page = list_page(bucket, "a/", max_keys=2, token=page.token)
        keys += [entry.key for entry in page.objects]
    assert keys == sorted(name for name in names if name.startswith("a/"))
    page = list_page(bucket, "a/", delimiter="/")
    assert page.prefixes == ["a/b/", "a/c/"] and len(page.objects) == 3
    after = list_page(bucket, "", after="a/b/1")
    assert [entry.key for entry in after.objects] == ["a/c/1", "b/1"]
    for entry in after.objects:
        head = client.head_object(Bucket=bucket, Key=entry.key)
        assert (entry.size, entry.etag) == (head["ContentLength"], head["ETag"].strip('"'))
        assert entry.modified[:19] == f"{head['LastModified']:%Y-%m-%dT%H:%M:%S}"


@pytest.mark.parametrize(
    ("encoding", "key"),
    [("<EncodingType>url</EncodingType>", "a+b c"), ("", "a%2Bb+c")],
)
@pytest.mark.parametrize("space", ['xmlns="http://s3.amazonaws.com/doc/2006-03-01/"', ""])
def test_a_page_is_parsed_with_and_without_encoding(encoding: str, key: str, space: str) -> None:
    body = _PAGE.format(space=space, encoding=encoding, truncated="true").encode()
    page = parse_page(body)
    assert page.objects == [ListedObject(key, 7, "e-2", "2026-11-30T03:16:51.000Z")]
    assert (page.prefixes, page.token) == (["d/"], "next")


def test_the_last_page_has_no_token() -> None:
    body = _PAGE.format(space="", encoding="", truncated="false").encode()
    assert parse_page(body).token is None


def test_a_page_does_not_show_its_keys() -> None:
    body = _PAGE.format(space="", encoding="", truncated="true").encode()
    assert repr(parse_page(body)) == "KeyPage()"


def test_other_listings_are_parsed_by_botocore(bucket: str) -> None:
    client = s3_client.get_client()
    client.put_object(Bucket=bucket, Key="a", Body=b"x")
    list_page(bucket, "")
    assert [entry["Key"] for entry in client.list_objects_v2(Bucket=bucket)["Contents"]] == ["a"]


def test_a_missing_bucket_is_reported_by_its_code(bucket: str) -> None:
    with pytest.raises(ClientError) as raised:
        list_page(f"{bucket}-none", "")
    assert error_code(raised.value) == "NoSuchBucket"


def test_a_page_that_was_cut_off_is_requested_again(
    bucket: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3_client.get_client().put_object(Bucket=bucket, Key="a", Body=b"x")
    monkeypatch.setattr(s3_client, "BODY_RETRY_WAITS_SECONDS", (0.0, 0.0))
    answers: list[Any] = [ResponseStreamingError(error="cut off"), b"<html/>", None]
    parse = s3_listing.parse_page

    def fail_twice(body: bytes) -> Any:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return parse(answer or body)

    monkeypatch.setattr(s3_listing, "parse_page", fail_twice)
    assert [entry.key for entry in list_page(bucket, "").objects] == ["a"]
    answers += [b"<html/>"] * 3
    with pytest.raises(ResponseParserError):
        list_page(bucket, "")


def test_an_object_is_described_in_its_version(bucket: str) -> None:
    client = s3_client.get_client()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    versions = [
        client.put_object(Bucket=bucket, Key="a", Body=body)["VersionId"] for body in (b"1", b"22")
    ]
    assert [describe_object(bucket, "a", v).size for v in (versions[0], None)] == [1, 2]
    deleted = client.delete_object(Bucket=bucket, Key="a")["VersionId"]
    for version in (None, deleted, "no-such-version"):
        assert describe_object(bucket, "a", version) is None
    assert describe_object(bucket, "gone") is None


def test_a_pinned_version_is_read_although_there_is_a_newer_one(bucket: str) -> None:
    client = s3_client.get_client()
    client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    first = client.put_object(Bucket=bucket, Key="a", Body=b"first")
    client.put_object(Bucket=bucket, Key="a", Body=b"second")
    etag = first["ETag"].strip('"')
    uri = f"s3://{bucket}/a"
    assert read_object(uri, pin_version(etag, first["VersionId"]), 1, 3) == b"ir"
    for version in (etag, pin_version("other", first["VersionId"])):
        with pytest.raises(Refusal, match="changed after it was listed"):
            read_object(uri, version)
