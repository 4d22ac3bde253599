from __future__ import annotations

import os
from pathlib import Path

import boto3
import pytest

from jobs.common.cli.errors import UsageError
from jobs.common.storage.s3_client import portable_environment, use_endpoint


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "credentials"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "config"))
    monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)


def test_an_endpoint_is_used_by_all_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "http://before")
    use_endpoint("https://storage:9000")
    assert boto3.client("s3", region_name="us-east-1").meta.endpoint_url == "https://storage:9000"
    use_endpoint(None)
    assert os.environ["AWS_ENDPOINT_URL_S3"] == "https://storage:9000"


def test_an_endpoint_needs_a_scheme() -> None:
    with pytest.raises(UsageError, match="must start with http"):
        use_endpoint("storage:9000")


def test_variables_that_belong_to_this_machine_are_not_portable(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    monkeypatch.setenv("AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", "/var/run/token")
    assert portable_environment() == {"AWS_REGION": "eu-central-1"}


def test_credentials_of_a_file_are_portable(tmp_path: Path) -> None:
    (tmp_path / "credentials").write_text(
        "[default]\naws_access_key_id = an-id\naws_secret_access_key = a-value\n"
    )
    (tmp_path / "config").write_text("[default]\nregion = eu-central-1\n")
    assert portable_environment() == {
        "AWS_ACCESS_KEY_ID": "an-id",
        "AWS_SECRET_ACCESS_KEY": "a-value",
        "AWS_DEFAULT_REGION": "eu-central-1",
    }
