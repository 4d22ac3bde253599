from __future__ import annotations

import pytest
from botocore.exceptions import ClientError

from jobs.aws.submit.bucket_check import check_buckets
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage import s3_client


class _Client:
    def __init__(self, code: str) -> None:
        self._code = code

    def head_bucket(self, **parameters: str) -> None:
        raise ClientError({"Error": {"Code": self._code, "Message": ""}}, "HeadBucket")


def test_existing_buckets_and_other_words_are_accepted(services: str) -> None:
    check_buckets(["deidentify", "--input", f"s3://{services}/a", f"s3a://{services}/b", "None"])


def test_missing_bucket_is_named(services: str) -> None:
    with pytest.raises(UsageError, match=f"the bucket {services}-missing does not exist"):
        check_buckets([f"s3://{services}/", f"s3://{services}-missing/folder/"])


@pytest.mark.parametrize("code", ["403", "301"])
def test_bucket_of_another_account_or_region_exists(
    code: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(s3_client, "get_client", lambda: _Client(code))
    check_buckets(["s3://raw/"])


def test_other_errors_end_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(s3_client, "get_client", lambda: _Client("503"))
    with pytest.raises(JobError, match="cannot be checked"):
        check_buckets(["s3://raw/"])
