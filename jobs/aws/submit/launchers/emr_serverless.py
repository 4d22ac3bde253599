"""Start runs on EMR Serverless, and read their states and outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from jobs.aws.submit.driver_output import read_stored
from jobs.aws.submit.launchers.base import (
    Outcome,
    RunState,
    SubmittedRun,
    describe_place,
    is_earlier,
    start_run,
)
from jobs.aws.submit.tokens import find_value
from jobs.common.aws.clients import get_client, request
from jobs.common.cli.errors import JobError
from jobs.common.cli.log import log_event
from jobs.common.storage.location import parse_uri

#: States in which a run is finished (EMR Serverless User Guide, "Job run states").
_OUTCOMES = {
    "SUCCESS": Outcome.SUCCEEDED,
    "FAILED": Outcome.FAILED,
    "CANCELLED": Outcome.FAILED,
}

#: Releases that have Spark 3.5 and Delta 3.3.
_RELEASE = "emr-7."

#: Form of the details of a failed run, observed in public projects; the exceptions that follow it
#: may hold anything.
_EXIT_CODE = re.compile(r"\bExitCode: (\d+)")
_EXCEPTIONS = "Last few exceptions"


class EmrServerlessLauncher:
    """Launcher for one application of EMR Serverless.

    Parameters
    ----------
    region : str, optional
        Region (default: that of the environment or the configuration file).
    """

    log_delay_seconds = 60.0

    def __init__(self, region: str | None = None) -> None:
        self._client = get_client("emr-serverless", region)

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Check the application; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        found = describe_place(
            "the application of EMR Serverless cannot be read",
            self._client.get_application,
            applicationId=parameters["applicationId"],
        ).get("application", {})
        if found.get("state") == "TERMINATED" or found.get("type", "Spark").upper() != "SPARK":
            raise JobError("the application of EMR Serverless takes no runs of Spark; give another")
        if not str(found.get("releaseLabel", _RELEASE)).startswith(_RELEASE):
            raise JobError(
                f"the application has the release {found['releaseLabel']}; Safelight needs "
                f"{_RELEASE}…: create an application with that release"
            )
        _warn(parameters, found)

    def start(self, parameters: Mapping[str, Any]) -> SubmittedRun:
        """Start a run; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        answer = start_run(
            "the run cannot be started on EMR Serverless",
            "emr-serverless:StartJobRun on the application, and iam:PassRole on the role of --role "
            "for emr-serverless.amazonaws.com",
            self._client.start_job_run,
            parameters,
        )
        stored = parameters["configurationOverrides"]["monitoringConfiguration"]
        application, run_id = answer["applicationId"], answer["jobRunId"]
        logs = _log_folder(stored["s3MonitoringConfiguration"]["logUri"], application, run_id)
        run = SubmittedRun("emr-serverless", run_id, parameters["name"], logs, application)
        return replace(run, was_submitted_before=is_earlier(self._describe(run)["createdAt"]))

    def read_state(self, run: SubmittedRun) -> RunState:
        """Return the state; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        found = self._describe(run)
        state, details = str(found["state"]), str(found.get("stateDetails") or "")
        outcome = _OUTCOMES.get(state)
        code = _EXIT_CODE.search(details)
        reason = "" if code or _EXCEPTIONS in details else details
        return RunState(
            state,
            outcome,
            int(code[1]) if code else None,
            reason if outcome is Outcome.FAILED else "",
        )

    def read_output(self, run: SubmittedRun) -> str | None:
        """Return the stdout; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        folder = parse_uri(run.logs)
        found = self._describe(run)
        if found.get("retryPolicy", {}).get("maxAttempts", 1) > 1:
            folder = folder.child(f"attempts/{found.get('attempt', 1)}")
        return read_stored(folder.child("SPARK_DRIVER/stdout.gz"))

    def _describe(self, run: SubmittedRun) -> Mapping[str, Any]:
        answer = request(
            "the state of the run cannot be read from EMR Serverless",
            self._client.get_job_run,
            applicationId=run.owner,
            jobRunId=run.run_id,
        )
        found: Mapping[str, Any] = answer["jobRun"]
        return found


def _warn(parameters: Mapping[str, Any], application: Mapping[str, Any]) -> None:
    """Report settings of an application with which a run fails or waits."""
    if not application:
        return
    driver = parameters["jobDriver"]["sparkSubmit"]
    has_image = "imageConfiguration" in application or "workerTypeSpecifications" in application
    if not has_image:
        needed = "Python" if driver["entryPoint"].startswith("s3") else "Safelight"
        log_event(
            "application_without_image",
            "the application uses the base image of EMR, which must have the "
            f"{needed} of the request; docs/cluster.md describes an image that has it",
        )
    runs = application.get("schedulerConfiguration", {}).get("maxConcurrentRuns")
    if runs != 1 and find_value(driver["entryPointArguments"], "--lease") is None:
        log_event(
            "concurrent_runs",
            "the application may run several runs at once, and one at a time writes a folder of "
            "tables; set its maxConcurrentRuns to 1, or give --lease",
        )


def _log_folder(log_uri: str, application_id: str, run_id: str) -> str:
    """Return the folder of the logs of a run (EMR Serverless User Guide, "Storing logs")."""
    return f"{log_uri.rstrip('/')}/applications/{application_id}/jobs/{run_id}/"
