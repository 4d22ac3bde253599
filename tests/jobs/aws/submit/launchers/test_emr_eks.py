from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest
from botocore.stub import Stubber

from jobs.aws.submit.emr_eks import build_request
from jobs.aws.submit.launchers.base import Outcome, RunState, SubmittedRun
from jobs.aws.submit.launchers.emr_eks import EmrEksLauncher
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from tests.jobs.aws.submit.launchers.stubs import stub_client
from tests.jobs.aws.submit.test_emr_eks import RUN

_RUN = SubmittedRun("emr-eks", "r1", "name", "", RUN.virtual_cluster_id)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    with stub_client(monkeypatch, "emr_eks", "emr-containers") as stubs:
        yield stubs["emr-containers"]


@pytest.mark.parametrize("age_minutes", [0, 60])
def test_run_starts_with_its_log_folder(stub: Stubber, age_minutes: int) -> None:
    parameters = build_request(RUN)
    cluster = RUN.virtual_cluster_id
    stub.add_response("start_job_run", {"id": "r1", "virtualClusterId": cluster}, parameters)
    created = datetime.now(timezone.utc) - timedelta(minutes=age_minutes)
    stub.add_response("describe_job_run", {"jobRun": {"createdAt": created}})
    run = EmrEksLauncher().start(parameters)
    assert run.logs == f"s3://control/logs/{cluster}/jobs/r1/containers/"
    assert run.was_submitted_before == bool(age_minutes)


@pytest.mark.parametrize("state", ["TERMINATED", "ARRESTED"])
def test_virtual_cluster_without_a_cluster_is_refused(stub: Stubber, state: str) -> None:
    stub.add_response("describe_virtual_cluster", {"virtualCluster": {"state": state}})
    with pytest.raises(JobError, match=f"is {state} and takes no runs"):
        EmrEksLauncher().check(build_request(RUN))


def test_missing_permission_names_what_to_allow(stub: Stubber) -> None:
    stub.add_client_error("start_job_run", "AccessDeniedException", "DOE^JANE")
    with pytest.raises(JobError, match="allow the caller emr-containers:StartJobRun"):
        EmrEksLauncher().start(build_request(RUN))


@pytest.mark.parametrize(
    ("found", "state"),
    [
        ({"state": "RUNNING"}, RunState("RUNNING")),
        ({"state": "COMPLETED"}, RunState("COMPLETED", Outcome.SUCCEEDED)),
        (
            {"state": "FAILED", "failureReason": "CLUSTER_UNAVAILABLE", "stateDetails": "DOE^JANE"},
            RunState("FAILED", Outcome.FAILED, reason="cluster unavailable"),
        ),
    ],
)
def test_states_have_outcomes_and_reasons(
    stub: Stubber, found: dict[str, str], state: RunState
) -> None:
    stub.add_response("describe_job_run", {"jobRun": found})
    assert EmrEksLauncher().read_state(_RUN) == state


def test_output_is_that_of_the_driver(services: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = "logs/c/jobs/r1/containers"
    for pod, text in (("spark-r1-driver", "driver"), ("spark-r1-exec-1", "executor")):
        s3_client.get_client().put_object(
            Bucket=services,
            Key=f"{folder}/spark-0001/{pod}/stdout.gz",
            Body=gzip.compress(text.encode()),
        )
    with stub_client(monkeypatch, "emr_eks", "emr-containers"):
        launcher = EmrEksLauncher()
        assert launcher.read_output(replace(_RUN, logs=f"s3://{services}/{folder}/")) == "driver"
        assert launcher.read_output(replace(_RUN, logs=f"s3://{services}/other/")) is None
