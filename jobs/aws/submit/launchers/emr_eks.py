"""Start runs on EMR on EKS, and read their states and outputs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jobs.aws.submit.driver_output import find_stored, read_stored
from jobs.aws.submit.launchers.base import (
    Outcome,
    RunState,
    SubmittedRun,
    describe_place,
    is_earlier,
    start_run,
)
from jobs.common.aws.clients import get_client, request
from jobs.common.cli.errors import JobError
from jobs.common.storage.location import parse_uri

#: States in which a run is finished (Amazon EMR on EKS API Reference, "JobRun").
_OUTCOMES = {
    "COMPLETED": Outcome.SUCCEEDED,
    "FAILED": Outcome.FAILED,
    "CANCELLED": Outcome.FAILED,
}


class EmrEksLauncher:
    """Launcher for EMR on EKS.

    Parameters
    ----------
    region : str, optional
        Region (default: that of the environment or the configuration file).
    """

    log_delay_seconds = 120.0

    def __init__(self, region: str | None = None) -> None:
        self._client = get_client("emr-containers", region)

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Check the virtual cluster; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        answer = describe_place(
            "the virtual cluster of EMR on EKS cannot be read",
            self._client.describe_virtual_cluster,
            id=parameters["virtualClusterId"],
        )
        state = answer.get("virtualCluster", {}).get("state", "RUNNING")
        if state != "RUNNING":
            raise JobError(f"the virtual cluster is {state} and takes no runs; give another one")

    def start(self, parameters: Mapping[str, Any]) -> SubmittedRun:
        """Start a run; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        answer = start_run(
            "the run cannot be started on EMR on EKS",
            "emr-containers:StartJobRun on the virtual cluster",
            self._client.start_job_run,
            parameters,
        )
        stored = parameters["configurationOverrides"]["monitoringConfiguration"]
        cluster, run_id = answer["virtualClusterId"], answer["id"]
        # source: Amazon EMR on EKS Development Guide, "Configure a job run to use Amazon S3 logs"
        root = stored["s3MonitoringConfiguration"]["logUri"].rstrip("/")
        logs = f"{root}/{cluster}/jobs/{run_id}/containers/"
        run = SubmittedRun("emr-eks", run_id, parameters["name"], logs, cluster)
        return replace(run, was_submitted_before=is_earlier(self._describe(run)["createdAt"]))

    def read_state(self, run: SubmittedRun) -> RunState:
        """Return the state; see :class:`jobs.aws.submit.launchers.base.Launcher`.

        The service does not report exit codes. Its `failureReason` is a code.
        """
        found = self._describe(run)
        state = str(found["state"])
        reason = str(found.get("failureReason") or "").lower().replace("_", " ")
        return RunState(state, _OUTCOMES.get(state), reason=reason)

    def read_output(self, run: SubmittedRun) -> str | None:
        """Return the stdout; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        found = find_stored(parse_uri(run.logs), f"spark-{run.run_id}-driver/stdout.gz")
        return read_stored(found) if found else None

    def _describe(self, run: SubmittedRun) -> Mapping[str, Any]:
        answer = request(
            "the state of the run cannot be read from EMR on EKS",
            self._client.describe_job_run,
            id=run.run_id,
            virtualClusterId=run.owner,
        )
        found: Mapping[str, Any] = answer["jobRun"]
        return found
