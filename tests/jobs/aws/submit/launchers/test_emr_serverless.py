from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from botocore.stub import Stubber

from jobs.aws.submit.emr_serverless import EmrServerlessRun, build_request
from jobs.aws.submit.launchers.base import Outcome, RunState, SubmittedRun
from jobs.aws.submit.launchers.emr_serverless import EmrServerlessLauncher
from jobs.aws.submit.release import image_release
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from tests.jobs.aws.submit.launchers.stubs import stub_client
from tests.jobs.aws.submit.test_emr_serverless import RUN

SUBMITTED = SubmittedRun(
    "emr-serverless", "r1", "name", "s3://control/logs/applications/a1/jobs/r1/", "a1"
)


def _described(**changes: object) -> dict[str, Any]:
    run = {
        "applicationId": "a1",
        "jobRunId": "r1",
        "arn": "arn:aws:emr-serverless:us-east-1:123456789012:/applications/a1/jobruns/r1",
        "createdBy": "arn:aws:iam::123456789012:role/caller",
        "createdAt": datetime.now(timezone.utc),
        "updatedAt": datetime.now(timezone.utc),
        "executionRole": RUN.role_arn,
        "state": "RUNNING",
        "stateDetails": "-",
        "releaseLabel": "emr-7.14.0",
        "jobDriver": {"sparkSubmit": {"entryPoint": "main.py"}},
    }
    return {"jobRun": run | changes}


@pytest.fixture
def stubbed(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[EmrServerlessLauncher, Stubber]]:
    """Return a launcher and the stub of its client."""
    with stub_client(monkeypatch, "emr_serverless", "emr-serverless") as stubs:
        yield EmrServerlessLauncher(), stubs["emr-serverless"]


def test_run_starts_and_its_output_is_found(services: str) -> None:
    application = get_client("emr-serverless").create_application(
        releaseLabel="emr-7.14.0", type="SPARK", clientToken="x"
    )["applicationId"]
    run = replace(RUN, application_id=application, log_uri=f"s3://{services}/logs/")
    launcher = EmrServerlessLauncher()
    started = launcher.start(build_request(run))
    assert started.logs == f"s3://{services}/logs/applications/{application}/jobs/{started.run_id}/"
    assert launcher.read_state(started) == RunState("SUCCESS", Outcome.SUCCEEDED)
    assert launcher.read_output(started) is None
    key = started.logs.partition(f"{services}/")[2] + "SPARK_DRIVER/stdout.gz"
    s3_client.get_client().put_object(Bucket=services, Key=key, Body=gzip.compress(b"done"))
    assert launcher.read_output(started) == "done"


def test_output_of_a_repeated_run_is_that_of_the_last_attempt(
    services: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for attempt in (1, 2):
        key = f"logs/applications/a1/jobs/r1/attempts/{attempt}/SPARK_DRIVER/stdout.gz"
        body = gzip.compress(f"attempt {attempt}".encode())
        s3_client.get_client().put_object(Bucket=services, Key=key, Body=body)
    run = replace(SUBMITTED, logs=f"s3://{services}/logs/applications/a1/jobs/r1/")
    with stub_client(monkeypatch, "emr_serverless", "emr-serverless") as stubs:
        described = _described(retryPolicy={"maxAttempts": 3}, attempt=2)
        stubs["emr-serverless"].add_response("get_job_run", described)
        assert EmrServerlessLauncher().read_output(run) == "attempt 2"


def _application(**changes: object) -> dict[str, Any]:
    application = {
        "applicationId": "a1",
        "arn": "arn:aws:emr-serverless:us-east-1:123456789012:/applications/a1",
        "releaseLabel": "emr-7.14.0",
        "type": "Spark",
        "state": "STOPPED",
        "createdAt": datetime.now(timezone.utc),
        "updatedAt": datetime.now(timezone.utc),
        "schedulerConfiguration": {"maxConcurrentRuns": 1},
        "imageConfiguration": {"imageUri": "123456789012.dkr.ecr.us-east-1.amazonaws.com/a:1"},
    }
    given = application | changes
    return {"application": {name: value for name, value in given.items() if value is not None}}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"state": "TERMINATED"}, "takes no runs of Spark"),
        ({"type": "Hive"}, "takes no runs of Spark"),
        ({"releaseLabel": "emr-6.15.0"}, "has the release emr-6.15.0"),
    ],
)
def test_application_that_cannot_run_safelight_is_refused(
    stubbed: Any, changes: dict[str, object], says: str
) -> None:
    launcher, stub = stubbed
    stub.add_response("get_application", _application(**changes), {"applicationId": "00example1"})
    with pytest.raises(JobError, match=says):
        launcher.check(build_request(RUN))


@pytest.mark.parametrize(
    ("changes", "run", "warnings"),
    [
        ({}, RUN, []),
        ({"schedulerConfiguration": {}}, RUN, ["several runs at once"]),
        (
            {"schedulerConfiguration": {}},
            replace(RUN, arguments=(*RUN.arguments, "--lease", "leases")),
            [],
        ),
        ({}, replace(RUN, release=image_release()), []),
        ({"imageConfiguration": None}, replace(RUN, release=image_release()), ["Safelight of"]),
        ({"imageConfiguration": None}, RUN, ["Python of the request"]),
    ],
)
def test_settings_of_the_application_are_compared_with_the_run(
    stubbed: Any,
    changes: dict[str, object],
    run: EmrServerlessRun,
    warnings: list[str],
    capsys: pytest.CaptureFixture[str],
) -> None:
    launcher, stub = stubbed
    stub.add_response("get_application", _application(**changes))
    launcher.check(build_request(run))
    lines = capsys.readouterr().err.splitlines()
    assert [warning in line for warning, line in zip(warnings, lines, strict=True)] == [
        True for _ in warnings
    ]


def test_application_that_may_not_be_read_is_no_error(stubbed: Any) -> None:
    launcher, stub = stubbed
    stub.add_client_error("get_application", "AccessDeniedException")
    launcher.check(build_request(RUN))


@pytest.mark.parametrize(
    ("details", "code", "reason"),
    [
        ("Job failed, … ExitCode: 3. Last few exceptions: DOE^JANE", 3, ""),
        ("Last few exceptions: DOE^JANE", None, ""),
        ("Maximum capacity of the application is exceeded.", None,
         "Maximum capacity of the application is exceeded."),
    ],
)  # fmt: skip
def test_details_of_a_failure_never_show_exceptions(
    stubbed: Any, details: str, code: int | None, reason: str
) -> None:
    launcher, stub = stubbed
    answer = _described(state="FAILED", stateDetails=details)
    stub.add_response("get_job_run", answer, {"applicationId": "a1", "jobRunId": "r1"})
    assert launcher.read_state(SUBMITTED) == RunState("FAILED", Outcome.FAILED, code, reason)


@pytest.mark.parametrize("age_minutes", [0, 60])
def test_run_of_an_earlier_request_is_recognized(stubbed: Any, age_minutes: int) -> None:
    launcher, stub = stubbed
    parameters = build_request(RUN)
    arn = _described()["jobRun"]["arn"]
    answer = {"applicationId": "a1", "jobRunId": "r1", "arn": arn}
    stub.add_response("start_job_run", answer, parameters)
    created = datetime.now(timezone.utc) - timedelta(minutes=age_minutes)
    stub.add_response("get_job_run", _described(createdAt=created))
    assert launcher.start(parameters).was_submitted_before == bool(age_minutes)


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AccessDeniedException", "allow the caller emr-serverless:StartJobRun"),
        ("ServiceQuotaExceededException", "quota"),
        ("ResourceNotFoundException", "region"),
        ("ValidationException", "check"),
    ],
)
def test_refused_request_is_one_sentence_with_the_next_step(
    stubbed: Any, code: str, says: str
) -> None:
    launcher, stub = stubbed
    stub.add_client_error("start_job_run", code, "message of the service with DOE^JANE")
    with pytest.raises(JobError, match=rf"cannot be started .*\({code}\); .*{says}") as raised:
        launcher.start(build_request(RUN))
    assert "JANE" not in str(raised.value)
