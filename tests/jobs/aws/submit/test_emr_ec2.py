from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jobs.aws.submit.emr_ec2 import EmrEc2Run, build_request
from jobs.aws.submit.release import Release, image_release
from tests.jobs.aws.submit.request_models import find_violations

RUN = EmrEc2Run(
    cluster_id="j-1ABCDEFGHIJKL",
    release=Release("s3://control/main.py", "s3://control/environment.tar.gz"),
    arguments=("deidentify", "--input", "s3://raw/a b/", "--run-id", "night-1"),
)


def _words(run: EmrEc2Run) -> list[str]:
    request: Any = build_request(run)
    return list(request["Steps"][0]["HadoopJarStep"]["Args"])


@pytest.mark.parametrize("role", [None, "arn:aws:iam::123456789012:role/safelight-JobRole"])
def test_request_obeys_the_model_of_the_service(role: str | None) -> None:
    request = build_request(replace(RUN, role_arn=role, nodes=10))
    assert find_violations("emr", "AddJobFlowSteps", request) == []


def test_step_submits_the_entry_point_with_its_arguments() -> None:
    words = _words(RUN)
    assert words[:3] == ["spark-submit", "--deploy-mode", "cluster"]
    assert words[words.index("s3://control/main.py") + 1 :] == list(RUN.arguments)
    assert "spark.archives=s3://control/environment.tar.gz#environment" in words
    assert "spark.yarn.appMasterEnv.PYSPARK_PYTHON=./environment/bin/python" in words


def test_containers_get_the_settings_of_the_log() -> None:
    release = replace(RUN.release, log_settings="s3://control/log4j2.properties")
    words = _words(replace(RUN, release=release))
    assert "spark.yarn.dist.files=s3://control/log4j2.properties" in words
    assert not any("spark.yarn.dist.files" in word for word in _words(RUN))


def test_image_is_no_place_for_the_environment() -> None:
    with pytest.raises(ValueError, match="needs the environment on S3"):
        build_request(replace(RUN, release=image_release()))
