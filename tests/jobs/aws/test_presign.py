"""Upload by presigned URLs to two S3 servers; one of them checks signatures."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import urllib.error
import urllib.request
from typing import Any

import boto3
import pytest

from jobs.aws.presign import MAX_OBJECTS, handle
from jobs.common.aws.clients import get_client

KEY_ARN = "arn:aws:kms:us-east-1:123456789012:key/1"
CONTENT = b"content of an object"


@pytest.fixture
def settings(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SAFELIGHT_RAW_BUCKET", bucket)
    monkeypatch.setenv("SAFELIGHT_RAW_PREFIX", "uploads/")
    monkeypatch.setenv("SAFELIGHT_RAW_KEY_ARN", KEY_ARN)
    get_client.cache_clear()


def _describe(content: bytes = CONTENT, **changes: Any) -> dict[str, Any]:
    digest = base64.b64encode(hashlib.sha256(content).digest()).decode()
    return {"size": len(content), "sha256": digest} | changes


def _ask(*objects: Any, partner: Any = "hospital-a") -> tuple[int, dict[str, Any]]:
    event = {"pathParameters": {"partner": partner}, "body": json.dumps({"objects": objects})}
    answer = handle(event)
    return answer["statusCode"], json.loads(answer["body"])


def _put(issued: dict[str, Any], content: bytes = CONTENT, **changes: str) -> int:
    headers = {"content-type": "application/octet-stream"} | issued["headers"] | changes
    request = urllib.request.Request(issued["url"], data=content, method="PUT", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


@pytest.fixture
def issued(settings: None) -> dict[str, Any]:
    status, answer = _ask(_describe())
    assert status == 200
    return dict(answer["objects"][0])


def test_a_url_stores_the_object_under_a_generated_key(issued: dict[str, Any], bucket: str) -> None:
    assert _put(issued) == 200
    (stored,) = boto3.client("s3").list_objects_v2(Bucket=bucket)["Contents"]
    assert stored["Key"].startswith("uploads/hospital-a/")
    assert stored["Key"].endswith("/000001.dcm")
    assert stored["Size"] == len(CONTENT)


def test_a_url_stores_an_object_once(issued: dict[str, Any]) -> None:
    assert [_put(issued), _put(issued)] == [200, 412]


@pytest.mark.parametrize("bucket", ["strict_s3_server"], indirect=True)
@pytest.mark.parametrize(
    "header, value",
    [
        ("x-amz-checksum-sha256", base64.b64encode(bytes(32)).decode()),
        ("x-amz-server-side-encryption", "AES256"),
        ("if-none-match", ""),
    ],
)
def test_a_changed_header_breaks_the_signature(
    issued: dict[str, Any], header: str, value: str
) -> None:
    assert _put(issued, **{header: value}) == 403
    assert _put(issued) == 501  # the signature is right; s3proxy has no conditional writes


def test_a_url_is_bound_to_size_checksum_key_and_condition(issued: dict[str, Any]) -> None:
    signed = issued["url"].partition("X-Amz-SignedHeaders=")[2].partition("&")[0].split("%3B")
    assert set(signed) == {*issued["headers"], "host"}


def test_an_answer_names_nothing_that_the_partner_sent(settings: None) -> None:
    _, answer = _ask(_describe(name="DOE^JANE"), _describe(suffix="txt"))
    assert "DOE" not in json.dumps(answer)
    assert [entry["url"].partition("?")[0][-4:] for entry in answer["objects"]] == [".dcm", ".txt"]


@pytest.mark.parametrize(
    "objects",
    [
        (),
        ("text",),
        (_describe(size=0),),
        (_describe(size=True),),
        (_describe(size=(5 << 30) + 1),),
        (_describe(sha256="DOE^JANE"),),
        (_describe(sha256="YQ=="),),
        (_describe(suffix="../dcm"),),
        (_describe(suffix=["dcm"]),),
        (_describe(),) * (MAX_OBJECTS + 1),
    ],
)
def test_a_wrong_request_gets_a_sentence_without_a_value(objects: tuple[Any, ...]) -> None:
    status, answer = _ask(*objects)
    assert status == 400
    assert answer.keys() == {"error"}
    assert "DOE" not in answer["error"]


@pytest.mark.parametrize("body", [None, "", "[]", "{", '{"objects": 1}', "[" * 100_000])
def test_a_body_that_is_no_request_is_refused(body: str | None) -> None:
    answer = handle({"pathParameters": {"partner": "hospital-a"}, "body": body})
    assert answer["statusCode"] == 400


@pytest.mark.parametrize("partner", ["", "..", "a/b", "Hospital", "a" * 33, None])
def test_a_partner_cannot_leave_its_folder(partner: Any) -> None:
    assert _ask(_describe(), partner=partner)[0] == 400


def test_a_body_in_base64_is_read(settings: None) -> None:
    body = base64.b64encode(json.dumps({"objects": [_describe()]}).encode()).decode()
    event = {"pathParameters": {"partner": "a"}, "body": body, "isBase64Encoded": True}
    assert handle(event)["statusCode"] == 200


def test_the_largest_answer_is_one_that_lambda_may_give(
    settings: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SESSION_TOKEN", "t" * 1200)
    get_client.cache_clear()
    _, answer = _ask(*[_describe()] * MAX_OBJECTS)
    assert len(json.dumps(answer)) < 6_000_000


def test_the_function_imports_only_the_standard_library_and_boto3() -> None:
    code = "import sys, jobs.aws.presign; print(*{name.partition('.')[0] for name in sys.modules})"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    heavy = {"pyspark", "delta", "deltalake", "pyarrow", "pydicom", "numpy", "pandas", "yaml"}
    assert heavy & set(loaded) == set()
