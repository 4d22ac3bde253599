from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from botocore.stub import Stubber

from jobs.aws.submit.emr_ec2 import build_request
from jobs.aws.submit.launchers.base import Outcome, RunState, SubmittedRun
from jobs.aws.submit.launchers.emr_ec2 import EmrEc2Launcher
from jobs.common.aws.clients import get_client
from jobs.common.cli.errors import JobError
from jobs.common.storage import s3_client
from tests.jobs.aws.submit.launchers.stubs import stub_client
from tests.jobs.aws.submit.test_emr_ec2 import RUN

_RUN = SubmittedRun("emr-ec2", "s-1", "name", "", RUN.cluster_id)


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stubber]:
    with stub_client(monkeypatch, "emr_ec2", "emr") as stubs:
        yield stubs["emr"]


def _step(state: str, **more: object) -> dict[str, Any]:
    return {"Step": {"Id": "s-1", "Name": "name", "Status": {"State": state}, **more}}


def test_step_is_added_to_a_cluster(services: str) -> None:
    client = get_client("emr")
    cluster = client.run_job_flow(
        Name="c",
        LogUri=f"s3n://{services}/logs/",
        Instances={"InstanceCount": 1, "MasterInstanceType": "m5.xlarge",
                   "KeepJobFlowAliveWhenNoSteps": True},
    )["JobFlowId"]  # fmt: skip
    launcher = EmrEc2Launcher()
    run = launcher.start(build_request(replace(RUN, cluster_id=cluster)))
    assert run.logs == f"s3://{services}/logs/{cluster}/"
    (step,) = client.list_steps(ClusterId=cluster, StepIds=[run.run_id])["Steps"]
    assert step["Config"]["Args"][-len(RUN.arguments) :] == list(RUN.arguments)


def test_unfinished_step_of_the_same_name_is_followed(stub: Stubber) -> None:
    request: Any = build_request(RUN)
    name = request["Steps"][0]["Name"]
    stub.add_response("describe_cluster", {"Cluster": {"Status": {"State": "WAITING"}}})
    steps = [{"Id": "s-9", "Name": "other"}, {"Id": "s-1", "Name": name}]
    stub.add_response("list_steps", {"Steps": steps})
    run = EmrEc2Launcher().start(request)
    assert (run.run_id, run.was_submitted_before, run.logs) == ("s-1", True, "")


def test_ended_cluster_is_refused_before_the_step(stub: Stubber) -> None:
    stub.add_response("describe_cluster", {"Cluster": {"Status": {"State": "TERMINATED"}}})
    with pytest.raises(JobError, match="is TERMINATED and takes no steps"):
        EmrEc2Launcher().check(build_request(RUN))


def test_cluster_that_may_not_be_read_is_no_error(stub: Stubber) -> None:
    stub.add_client_error("describe_cluster", "AccessDeniedException")
    EmrEc2Launcher().check(build_request(RUN))


def test_missing_permission_names_what_to_allow(stub: Stubber) -> None:
    stub.add_response("describe_cluster", {"Cluster": {"Status": {"State": "WAITING"}}})
    stub.add_response("list_steps", {"Steps": []})
    stub.add_client_error("add_job_flow_steps", "AccessDeniedException", "DOE^JANE")
    with pytest.raises(JobError, match="allow the caller elasticmapreduce:AddJobFlowSteps"):
        EmrEc2Launcher().start(build_request(RUN))


@pytest.mark.parametrize(
    ("state", "outcome"),
    [("RUNNING", None), ("COMPLETED", Outcome.SUCCEEDED), ("INTERRUPTED", Outcome.FAILED)],
)
def test_states_of_steps_have_outcomes(stub: Stubber, state: str, outcome: Outcome | None) -> None:
    stub.add_response("describe_step", _step(state))
    assert EmrEc2Launcher().read_state(_RUN) == RunState(state, outcome)


def test_output_is_that_of_the_first_container(
    services: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = "logs/j-1/containers/application_1_0001"
    for container, text in (("000001", "driver"), ("000002", "executor")):
        s3_client.get_client().put_object(
            Bucket=services,
            Key=f"{folder}/container_1_0001_01_{container}/stdout.gz",
            Body=gzip.compress(text.encode()),
        )
    information = {"ResourceManagerApplicationIds": ["application_1_0001"]}
    run = replace(_RUN, logs=f"s3://{services}/logs/j-1/")
    with stub_client(monkeypatch, "emr_ec2", "emr") as stubs:
        stubs["emr"].add_response("describe_step", _step("COMPLETED", AdditionalInfo=information))
        stubs["emr"].add_response("describe_step", _step("COMPLETED"))
        launcher = EmrEc2Launcher()
        assert launcher.read_output(run) == "driver"
        assert launcher.read_output(run) is None
