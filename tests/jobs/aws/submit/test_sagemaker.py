from __future__ import annotations

import json
import shlex
from dataclasses import replace
from typing import Any

import pytest

from jobs.aws.submit.sagemaker import (
    SageMakerRun,
    build_configuration,
    build_request,
    configuration_uri,
)
from tests.jobs.aws.submit.request_models import find_violations

RUN = SageMakerRun(
    role_arn="arn:aws:iam::123456789012:role/safelight-JobRole",
    image="123456789012.dkr.ecr.us-east-1.amazonaws.com/safelight-sagemaker:1.0",
    arguments=("deidentify", "--input", "s3://raw/*/a b;$HOME", "--run-id", "night.1"),
    staging="s3://control/safelight/",
)


@pytest.mark.parametrize(
    "run",
    [
        RUN,
        replace(
            RUN,
            nodes=100,
            volume_key="alias/clean",
            subnets=("subnet-1",),
            security_groups=("sg-1",),
            tags={"team": "a"},
        ),
    ],
)
def test_request_obeys_the_model_of_the_service(run: SageMakerRun) -> None:
    assert find_violations("sagemaker", "CreateProcessingJob", build_request(run)) == []


def test_shell_of_the_container_reads_the_arguments_back() -> None:
    request: Any = build_request(RUN)
    specification = request["AppSpecification"]
    words = specification["ContainerEntrypoint"] + specification["ContainerArguments"]
    assert shlex.split(" ".join(words))[2:] == list(RUN.arguments)


@pytest.mark.parametrize("arguments", [("x",) * 101, ("s3://" + "x" * 252,)])
def test_arguments_beyond_the_limits_are_refused(arguments: tuple[str, ...]) -> None:
    with pytest.raises(ValueError, match="at most 100 arguments of 256"):
        build_request(replace(RUN, arguments=arguments))


def test_settings_are_a_classification_whose_name_holds_its_checksum() -> None:
    (entry,) = json.loads(build_configuration(RUN))
    assert entry["Classification"] == "spark-defaults"
    assert entry["Properties"]["spark.executor.instances"] == "3"
    assert configuration_uri(RUN) != configuration_uri(replace(RUN, nodes=2))
    request: Any = build_request(RUN)
    (given,) = request["ProcessingInputs"]
    assert given["S3Input"]["S3Uri"] == configuration_uri(RUN)


def test_instances_encrypt_what_they_exchange() -> None:
    request: Any = build_request(RUN)
    assert request["NetworkConfig"]["EnableInterContainerTrafficEncryption"] is True


def test_name_of_the_job_fits_its_pattern() -> None:
    assert build_request(RUN)["ProcessingJobName"] == "safelight-deidentify-night-1"
    named = build_request(replace(RUN, name="night_2.a"))
    assert named["ProcessingJobName"] == "night-2-a"
