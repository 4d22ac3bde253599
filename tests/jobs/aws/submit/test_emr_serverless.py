from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from typing import Any

import pytest

from jobs.aws.submit.emr_serverless import EmrServerlessRun, build_request
from jobs.aws.submit.release import Release, image_release
from tests.jobs.aws.submit.request_models import find_violations

RUN = EmrServerlessRun(
    application_id="00example1",
    role_arn="arn:aws:iam::123456789012:role/safelight-JobRole",
    release=Release(
        "s3://control/safelight/main.py",
        "s3://control/safelight/environment.tar.gz",
        ("s3://control/safelight/spark-nlp.jar",),
    ),
    arguments=("deidentify", "--manifest", "s3://control/manifest.csv", "--run-id", "night-1"),
    log_uri="s3://control/logs/",
)
_KEY = "arn:aws:kms:us-east-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"


def _submitted(run: EmrServerlessRun) -> dict[str, Any]:
    request: Any = build_request(run)
    return dict(request["jobDriver"]["sparkSubmit"])


def _settings(run: EmrServerlessRun) -> dict[str, str]:
    words = _submitted(run)["sparkSubmitParameters"].split(" ")
    assert set(words[::2]) == {"--conf"}
    return dict(word.split("=", 1) for word in words[1::2])


@pytest.mark.parametrize(
    "run",
    [
        RUN,
        replace(RUN, release=image_release(), nodes=100),
        replace(
            RUN, log_key_arn=_KEY, disk_key_arn=_KEY, max_attempts=3, flex=True, tags={"team": "a"}
        ),
    ],
)
def test_request_obeys_the_model_of_the_service(run: EmrServerlessRun) -> None:
    assert find_violations("emr-serverless", "StartJobRun", build_request(run)) == []


def test_a_violation_of_the_model_is_found() -> None:
    request = build_request(replace(RUN, application_id="NOT VALID"))
    assert len(find_violations("emr-serverless", "StartJobRun", request)) == 1


def test_equal_runs_have_equal_tokens_and_other_arguments_another_one() -> None:
    token = build_request(RUN)["clientToken"]
    other = replace(RUN, arguments=(*RUN.arguments, "--pixels", "off"))
    assert build_request(replace(RUN))["clientToken"] == token
    assert build_request(other)["clientToken"] != token
    assert build_request(replace(RUN, client_token="mine"))["clientToken"] == "mine"


def test_name_holds_the_run_id_and_no_other_argument() -> None:
    assert build_request(RUN)["name"] == "safelight-deidentify-night-1"
    name = str(build_request(replace(RUN, arguments=("verify", "--input", "s3://a/DOE")))["name"])
    assert name.startswith("safelight-verify-") and "DOE" not in name


def test_environment_comes_from_the_archive() -> None:
    settings = _settings(RUN)
    assert settings["spark.archives"] == "s3://control/safelight/environment.tar.gz#environment"
    assert settings["spark.executorEnv.PYSPARK_PYTHON"] == "./environment/bin/python"
    assert settings["spark.jars"].endswith(
        "/delta-storage.jar,s3://control/safelight/spark-nlp.jar"
    )


def test_environment_comes_from_the_image() -> None:
    run = replace(RUN, release=image_release())
    settings = _settings(run)
    assert "spark.archives" not in settings
    assert settings["spark.executorEnv.PYSPARK_PYTHON"] == "/opt/safelight/environment/bin/python"
    assert _submitted(run)["entryPoint"] == "/opt/safelight/main.py"


def test_workers_encrypt_what_they_exchange_and_log_errors_only() -> None:
    request: Any = build_request(RUN)
    assert _settings(RUN)["spark.ssl.internode.enabled"] == "true"
    overrides = request["configurationOverrides"]
    assert [one["properties"] for one in overrides["applicationConfiguration"]] == [
        {"rootLogger.level": "error"}
    ] * 2
    stored = overrides["monitoringConfiguration"]
    assert stored["managedPersistenceMonitoringConfiguration"] == {"enabled": False}


def test_settings_of_the_user_win() -> None:
    run = replace(RUN, settings={"spark.executor.memory": "8g"})
    assert _settings(run)["spark.executor.memory"] == "8g"


@pytest.mark.parametrize(
    "settings",
    [
        {"spark.hadoop.fs.s3a.secret.key": "x"},
        {"spark.authenticate.secret": "x"},
        {"spark.emr-serverless.driverEnv.API_TOKEN": "x"},
        {"spark.driver.extraJavaOptions": "-Da=b -Dc=d"},
        {"spark.app name": "x"},
        {"spark.empty": ""},
    ],
)
def test_secret_and_ambiguous_settings_are_refused(settings: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="setting"):
        build_request(replace(RUN, settings=settings))


def test_modules_need_the_standard_library_only() -> None:
    program = (
        "import sys, json\n"
        "from jobs.aws.submit import emr_ec2, emr_eks, emr_serverless, sagemaker\n"
        "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
    )
    found = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, check=True, text=True
    )
    assert set(json.loads(found.stdout)) - sys.stdlib_module_names <= {"jobs", "conf", "__main__"}
