from __future__ import annotations

import argparse

import pytest

from jobs.aws.submit import arguments

_ROLE = "arn:aws:iam::123456789012:role/safelight-JobRole"
_REQUIRED = ["--application", "00f1", "--role", _ROLE, "--logs", "s3://control/logs/"]


def _parse(*more: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser(exit_on_error=False)
    arguments.add_emr_serverless(parser)
    return parser.parse_args([*_REQUIRED, *more])


def test_pairs_may_be_repeated() -> None:
    given = _parse("--tag", "a=1", "--tag", "b=x=y", "--spark-setting", "spark.a=1")
    assert dict(given.tag) == {"a": "1", "b": "x=y"}
    assert dict(given.spark_setting) == {"spark.a": "1"}


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--role", "JobRole"), "ARN of a role"),
        (("--disk-key", "alias/x"), "ARN of a KMS key"),
        (("--logs", "/logs"), "folder on S3"),
        (("--tag", "x"), "NAME=VALUE"),
        (("--nodes", "0"), "whole number from 1"),
        (("--timeout-minutes", "1.5"), "whole number from 1"),
        (("--name", "a b"), "letters, digits"),
    ],
)
def test_wrong_values_are_refused(more: tuple[str, ...], message: str) -> None:
    with pytest.raises(argparse.ArgumentError, match=message):
        _parse(*more)
