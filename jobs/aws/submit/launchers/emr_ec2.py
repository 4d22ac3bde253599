"""Start steps on a cluster of EMR on EC2, and read their states and outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jobs.aws.submit.driver_output import find_stored, read_stored
from jobs.aws.submit.launchers.base import (
    Outcome,
    RunState,
    SubmittedRun,
    describe_place,
    start_run,
)
from jobs.common.aws.clients import get_client, request
from jobs.common.cli.errors import JobError
from jobs.common.storage.location import parse_uri

#: States in which a step is finished (Amazon EMR API Reference, "StepStatus").
_OUTCOMES = {
    "COMPLETED": Outcome.SUCCEEDED,
    "FAILED": Outcome.FAILED,
    "CANCELLED": Outcome.FAILED,
    "INTERRUPTED": Outcome.FAILED,
}
_UNFINISHED = ["PENDING", "RUNNING"]

#: States in which a cluster takes steps.
_READY = frozenset({"STARTING", "BOOTSTRAPPING", "RUNNING", "WAITING"})

#: End of the key of the stdout of the driver, the first container of a YARN application.
_DRIVER_OUTPUT = "_000001/stdout.gz"


class EmrEc2Launcher:
    """Launcher for EMR on EC2.

    Parameters
    ----------
    region : str, optional
        Region (default: that of the environment or the configuration file).
    """

    #: EMR copies logs to S3 every five minutes (Amazon EMR Management Guide, "View log files").
    log_delay_seconds = 600.0

    def __init__(self, region: str | None = None) -> None:
        self._client = get_client("emr", region)

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Check the cluster; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        cluster = self._describe_cluster(parameters["JobFlowId"])
        state = cluster.get("Status", {}).get("State", "WAITING")
        if state not in _READY:
            raise JobError(f"the cluster of EMR is {state} and takes no steps; give another one")

    def start(self, parameters: Mapping[str, Any]) -> SubmittedRun:
        """Start a step; see :class:`jobs.aws.submit.launchers.base.Launcher`.

        EMR has no idempotency tokens: an unfinished step of the same name is returned instead.
        """
        cluster, name = parameters["JobFlowId"], parameters["Steps"][0]["Name"]
        logs = self._find_logs(cluster)
        earlier = self._find_unfinished(cluster, name)
        if earlier:
            return SubmittedRun("emr-ec2", earlier, name, logs, cluster, True)
        answer = start_run(
            "the step cannot be added to the cluster of EMR",
            "elasticmapreduce:AddJobFlowSteps on the cluster, and iam:PassRole on the role of "
            "--role if it is given",
            self._client.add_job_flow_steps,
            parameters,
        )
        return SubmittedRun("emr-ec2", answer["StepIds"][0], name, logs, cluster)

    def read_state(self, run: SubmittedRun) -> RunState:
        """Return the state; see :class:`jobs.aws.submit.launchers.base.Launcher`.

        EMR does not report exit codes.
        """
        state = str(self._describe(run)["Status"]["State"])
        return RunState(state, _OUTCOMES.get(state))

    def read_output(self, run: SubmittedRun) -> str | None:
        """Return the stdout; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        ids = self._describe(run).get("AdditionalInfo", {}).get("ResourceManagerApplicationIds")
        if not run.logs or not ids:
            return None
        folder = parse_uri(run.logs).child(f"containers/{ids[-1]}/")
        found = find_stored(folder, _DRIVER_OUTPUT)
        return read_stored(found) if found else None

    def _find_logs(self, cluster_id: str) -> str:
        """Return the folder of the logs of a cluster; empty without one."""
        uri = str(self._describe_cluster(cluster_id).get("LogUri") or "")
        uri = re.sub(r"^s3\w*://", "s3://", uri)
        return f"{uri.rstrip('/')}/{cluster_id}/" if uri else ""

    def _describe_cluster(self, cluster_id: str) -> Mapping[str, Any]:
        answer = describe_place(
            "the cluster of EMR cannot be read", self._client.describe_cluster, ClusterId=cluster_id
        )
        found: Mapping[str, Any] = answer.get("Cluster", {})
        return found

    def _find_unfinished(self, cluster_id: str, name: str) -> str | None:
        """Return the ID of an unfinished step of a name."""
        answer = request(
            "the steps of the cluster cannot be listed",
            self._client.list_steps,
            ClusterId=cluster_id,
            StepStates=_UNFINISHED,
        )
        steps = (step for step in answer["Steps"] if step["Name"] == name)
        return next((str(step["Id"]) for step in steps), None)

    def _describe(self, run: SubmittedRun) -> Mapping[str, Any]:
        answer = request(
            "the state of the step cannot be read from EMR",
            self._client.describe_step,
            ClusterId=run.owner,
            StepId=run.run_id,
        )
        found: Mapping[str, Any] = answer["Step"]
        return found
