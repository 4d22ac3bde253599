from __future__ import annotations

import pytest

from jobs.common.aws.client_errors import error_code
from jobs.common.aws.clients import get_client, request, use_region_of_environment
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage import s3_client


@pytest.fixture(autouse=True)
def _new_clients(monkeypatch: pytest.MonkeyPatch) -> None:
    get_client.cache_clear()
    for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def test_a_missing_region_is_a_usage_error_that_says_what_to_set() -> None:
    with pytest.raises(UsageError, match=r"NoRegionError\); set AWS_REGION"):
        get_client("kms")


def test_a_custom_endpoint_keeps_its_host_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_MEDICAL_IMAGING", "http://127.0.0.1:9")
    assert not get_client("medical-imaging", "us-east-1").meta.config.inject_host_prefix


def test_amazon_s_endpoint_has_host_prefixes() -> None:
    assert get_client("medical-imaging", "us-east-1").meta.config.inject_host_prefix


def test_an_error_becomes_a_sentence_without_its_message() -> None:
    from botocore.exceptions import ClientError

    error = ClientError({"Error": {"Code": "AccessDenied", "Message": "JANE DOE"}}, "Decrypt")

    def fail(**parameters: object) -> None:
        raise error

    with pytest.raises(JobError, match="^the key cannot be used") as raised:
        request("the key cannot be used", fail)
    assert "grant the driver" in str(raised.value)
    assert "JANE" not in str(raised.value)


def test_the_code_of_another_exception_is_its_class() -> None:
    assert error_code(TimeoutError()) == "TimeoutError"


def test_the_region_of_aws_region_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    assert get_client("kms").meta.region_name == "eu-west-2"


def test_the_region_of_all_sdks_is_that_of_s3_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_REGION", "eu-west-2")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    use_region_of_environment()
    assert s3_client.new_client().meta.region_name == "eu-west-2"
