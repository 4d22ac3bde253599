from __future__ import annotations

import os
from pathlib import Path

import boto3
import pytest
from botocore.exceptions import ClientError

from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri
from jobs.common.storage.objects import read_object, write_file
from safelight.records import Refusal
from tests.faults.s3_proxy import Breakage, running_proxy


@pytest.mark.parametrize("breaks", [2, 9])
def test_a_read_that_breaks_in_the_body_is_repeated(
    bucket: str, monkeypatch: pytest.MonkeyPatch, breaks: int
) -> None:
    data = bytes(100_000)
    s3_client.get_client().put_object(Bucket=bucket, Key="in/1", Body=data)
    monkeypatch.setattr(s3_client, "BODY_RETRY_WAITS_SECONDS", (0.01, 0.01, 0.01))
    reset = Breakage("reset", "GET", times=breaks)
    with running_proxy(os.environ["AWS_ENDPOINT_URL"], reset) as proxy:
        monkeypatch.setenv("AWS_ENDPOINT_URL", proxy.endpoint)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        s3_client.get_client.cache_clear()
        if breaks == 2:
            assert read_object(f"s3://{bucket}/in/1", None) == data
        else:
            with pytest.raises(Refusal):
                read_object(f"s3://{bucket}/in/1", None)
    assert reset.hits == min(breaks, 4)


def test_a_file_is_uploaded_and_its_error_has_the_code_of_s3(bucket: str, tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(b"x" * 100)
    write_file(parse_uri(f"s3://{bucket}/out/1"), str(tmp_path / "one"))
    write_file(parse_uri(f"s3://{bucket}/out/1"), str(tmp_path / "one"))
    assert read_object(f"s3://{bucket}/out/1", None) == b"x" * 100
    with pytest.raises(ClientError) as caught:
        write_file(parse_uri("s3://no-such-bucket-here/1"), str(tmp_path / "one"))
    assert caught.value.response["Error"]["Code"] == "NoSuchBucket"
