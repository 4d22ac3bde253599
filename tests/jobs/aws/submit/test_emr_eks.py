from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jobs.aws.submit.emr_eks import EmrEksRun, build_request
from tests.jobs.aws.submit.request_models import find_violations

RUN = EmrEksRun(
    virtual_cluster_id="abcdef0123456789",
    role_arn="arn:aws:iam::123456789012:role/safelight-JobRole",
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/safelight:1.0",
    arguments=("deidentify", "--manifest", "s3://control/manifest.csv", "--run-id", "night-1"),
    log_uri="s3://control/logs/",
)
_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


@pytest.mark.parametrize(
    "run", [RUN, replace(RUN, nodes=100, log_key_arn=_KEY, max_attempts=2, tags={"team": "a"})]
)
def test_request_obeys_the_model_of_the_service(run: EmrEksRun) -> None:
    assert find_violations("emr-containers", "StartJobRun", build_request(run)) == []


def test_all_of_safelight_is_in_the_image() -> None:
    request: Any = build_request(RUN)
    driver = request["jobDriver"]["sparkSubmitJobDriver"]
    assert driver["entryPoint"] == "local:///opt/safelight/main.py"
    assert f"spark.kubernetes.container.image={RUN.image}" in driver["sparkSubmitParameters"]
    assert "s3://" not in driver["sparkSubmitParameters"]


def test_executors_encrypt_what_they_exchange_and_log_errors_only() -> None:
    request: Any = build_request(RUN)
    parameters = request["jobDriver"]["sparkSubmitJobDriver"]["sparkSubmitParameters"]
    assert "spark.network.crypto.enabled=true" in parameters
    (log,) = request["configurationOverrides"]["applicationConfiguration"]
    assert log["properties"] == {"rootLogger.level": "error"}


def test_equal_runs_have_equal_tokens() -> None:
    assert build_request(RUN)["clientToken"] == build_request(replace(RUN))["clientToken"]
    assert build_request(RUN)["clientToken"] != build_request(replace(RUN, nodes=2))["clientToken"]
