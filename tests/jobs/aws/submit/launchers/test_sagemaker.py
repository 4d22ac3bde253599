from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from botocore.stub import Stubber

from jobs.aws.submit.launchers.base import Outcome, RunState, SubmittedRun
from jobs.aws.submit.launchers.sagemaker import LOG_GROUP, SageMakerLauncher
from jobs.aws.submit.sagemaker import build_request
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError
from tests.jobs.aws.submit.launchers.stubs import stub_client
from tests.jobs.aws.submit.test_sagemaker import RUN

_RUN = SubmittedRun("sagemaker", "job", "job", "")


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    with stub_client(monkeypatch, "sagemaker", "sagemaker", "logs") as stubs:
        yield stubs["sagemaker"]


def _described(state: str, reason: str) -> dict[str, Any]:
    return {
        "ProcessingJobName": "job",
        "ProcessingResources": {"ClusterConfig": {"VolumeSizeInGB": 1}},
        "AppSpecification": {"ImageUri": "x"},
        "ProcessingJobArn": "arn:aws:sagemaker:us-east-1:123456789012:processing-job/job",
        "ProcessingJobStatus": state,
        "FailureReason": reason,
        "CreationTime": datetime.now(timezone.utc),
    }


def test_job_starts_and_its_output_is_found(services: str) -> None:
    launcher = SageMakerLauncher()
    run = launcher.start(build_request(RUN))
    assert launcher.read_state(run).outcome is Outcome.SUCCEEDED
    assert launcher.read_output(run) is None
    logs, stream = get_client("logs"), f"{run.run_id}/algo-1-1760000000"
    logs.create_log_group(logGroupName=LOG_GROUP)
    logs.create_log_stream(logGroupName=LOG_GROUP, logStreamName=stream)
    now = int(1000 * datetime.now(timezone.utc).timestamp())
    events = [{"timestamp": now + line, "message": f"line {line}"} for line in range(2)]
    logs.put_log_events(logGroupName=LOG_GROUP, logStreamName=stream, logEvents=events)
    assert launcher.read_output(run) == "line 0\nline 1"


def test_second_job_of_a_name_is_the_first_one(stub: Stubber) -> None:
    stub.add_client_error("create_processing_job", "ResourceInUse", "DOE^JANE")
    assert SageMakerLauncher().start(build_request(RUN)).was_submitted_before


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("AccessDeniedException", "allow the caller sagemaker:CreateProcessingJob"),
        ("ResourceLimitExceeded", "request a higher quota"),
    ],
)
def test_refused_request_is_one_sentence(stub: Stubber, code: str, says: str) -> None:
    stub.add_client_error("create_processing_job", code, "DOE^JANE")
    with pytest.raises(JobError, match=says) as raised:
        SageMakerLauncher().start(build_request(RUN))
    assert "JANE" not in str(raised.value)


@pytest.mark.parametrize(
    ("reason", "code", "shown"),
    [
        ("AlgorithmError: DOE^JANE, exit code: 3", 3, ""),
        ("AlgorithmError: See job logs for more information", None, ""),
        ("CapacityError: Unable to provision requested ML compute capacity", None,
         "CapacityError: Unable to provision requested ML compute capacity"),
    ],
)  # fmt: skip
def test_reason_of_the_program_is_never_shown(
    stub: Stubber, reason: str, code: int | None, shown: str
) -> None:
    stub.add_response("describe_processing_job", _described("Failed", reason))
    assert SageMakerLauncher().read_state(_RUN) == RunState("Failed", Outcome.FAILED, code, shown)
