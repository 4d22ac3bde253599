"""Start processing jobs of SageMaker, and read their states and outputs."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from jobs.aws.submit.launchers.base import Outcome, RunState, SubmittedRun, start_run
from jobs.common.aws.client_errors import error_code
from jobs.common.aws.clients import get_client, request

#: States in which a job is finished (Amazon SageMaker API Reference, "DescribeProcessingJob").
_OUTCOMES = {
    "Completed": Outcome.SUCCEEDED,
    "Failed": Outcome.FAILED,
    "Stopped": Outcome.FAILED,
}

#: Code for a second job with the name of an earlier one.
_NAME_IN_USE = "ResourceInUse"

#: Group of logs of all processing jobs, and the stream of the driver, on the first instance.
LOG_GROUP = "/aws/sagemaker/ProcessingJobs"
_DRIVER_HOST = "algo-1"

#: Lines of the end of the log that are read.
_LOG_LINES = 500

#: A reason that begins with this word is that of the program, and may hold anything.
_PROGRAM_ERROR = "AlgorithmError"
_EXIT_CODE = re.compile(r"exit code:? (\d+)", re.IGNORECASE)


class SageMakerLauncher:
    """Launcher for processing jobs of SageMaker.

    Parameters
    ----------
    region : str, optional
        Region (default: that of the environment or the configuration file).
    """

    log_delay_seconds = 60.0

    def __init__(self, region: str | None = None) -> None:
        self._client = get_client("sagemaker", region)
        self._logs = get_client("logs", region)

    def check(self, parameters: Mapping[str, Any]) -> None:
        """Check nothing: a job brings its instances along."""

    def start(self, parameters: Mapping[str, Any]) -> SubmittedRun:
        """Start a job; see :class:`jobs.aws.submit.launchers.base.Launcher`.

        The name of a job is unique, and so is the token that other services have.
        """
        name = parameters["ProcessingJobName"]
        run = SubmittedRun("sagemaker", name, name, f"CloudWatch {LOG_GROUP}, streams {name}/")

        def create(**given: Any) -> Any:
            try:
                return self._client.create_processing_job(**given)
            except Exception as error:  # classes of botocore
                if error_code(error) == _NAME_IN_USE:
                    return None
                raise

        answer = start_run(
            "the processing job cannot be started on SageMaker",
            "sagemaker:CreateProcessingJob, and iam:PassRole on the role of --role for "
            "sagemaker.amazonaws.com",
            create,
            parameters,
        )
        if answer is None:
            return SubmittedRun(run.service, run.run_id, run.name, run.logs, "", True)
        return run

    def read_state(self, run: SubmittedRun) -> RunState:
        """Return the state; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        found = request(
            "the state of the processing job cannot be read from SageMaker",
            self._client.describe_processing_job,
            ProcessingJobName=run.run_id,
        )
        state, reason = str(found["ProcessingJobStatus"]), str(found.get("FailureReason") or "")
        code = _EXIT_CODE.search(reason)
        return RunState(
            state,
            _OUTCOMES.get(state),
            int(code[1]) if code else None,
            "" if reason.startswith(_PROGRAM_ERROR) else reason,
        )

    def read_output(self, run: SubmittedRun) -> str | None:
        """Return the log of the driver; see :class:`jobs.aws.submit.launchers.base.Launcher`."""
        sentence = "the log of the processing job cannot be read from CloudWatch"
        answer = request(
            sentence, self._describe_streams, logStreamNamePrefix=f"{run.run_id}/{_DRIVER_HOST}"
        )
        streams = answer["logStreams"]
        if not streams:
            return None
        answer = request(
            sentence,
            self._logs.get_log_events,
            logGroupName=LOG_GROUP,
            logStreamName=streams[-1]["logStreamName"],
            limit=_LOG_LINES,
            startFromHead=False,
        )
        return "\n".join(event["message"] for event in answer["events"])

    def _describe_streams(self, **parameters: str) -> Any:
        """Return the streams of logs; none if the group does not exist yet."""
        try:
            return self._logs.describe_log_streams(logGroupName=LOG_GROUP, **parameters)
        except Exception as error:  # classes of botocore
            if error_code(error) == "ResourceNotFoundException":
                return {"logStreams": []}
            raise
