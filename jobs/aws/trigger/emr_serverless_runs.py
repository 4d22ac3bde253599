"""Start runs on EMR Serverless, and read their states."""

from __future__ import annotations

from jobs.aws.submit.emr_serverless import EmrServerlessRun, build_request
from jobs.aws.submit.release import Release, image_release, read_release
from jobs.aws.trigger.batch_table import Batch
from jobs.aws.trigger.runs import RunState, make_client_token, make_run_id
from jobs.aws.trigger.settings import Settings
from jobs.common.aws.client_errors import describe_error, error_code
from jobs.common.aws.clients import get_client, request
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.storage import s3_client
from jobs.common.storage.location import parse_uri

#: States of a job run ("Job run states" in the user guide of EMR Serverless). Others are active.
_SUCCEEDED_STATES = frozenset({"SUCCESS"})
_FAILED_STATES = frozenset({"FAILED", "CANCELLED"})


class EmrServerlessRuns:
    """Runs on an application of EMR Serverless.

    Parameters
    ----------
    settings : Settings
    """

    def __init__(self, settings: Settings):
        self._settings = settings

    def start(self, batch: Batch, manifest_uri: str) -> str:
        """Start the run of a batch; see :meth:`jobs.aws.trigger.runs.Runs.start`."""
        settings = self._settings
        arguments = (
            *settings.arguments,
            *("--manifest", manifest_uri),
            *("--run-id", make_run_id(batch)),
        )
        parameters = build_request(
            EmrServerlessRun(
                application_id=settings.application_id,
                role_arn=settings.role_arn,
                release=_find_release(settings.release),
                arguments=arguments,
                log_uri=settings.logs,
                log_key_arn=settings.log_key_arn,
                disk_key_arn=settings.disk_key_arn,
                nodes=settings.nodes,
                name=f"safelight-{make_run_id(batch)}",
                client_token=make_client_token(batch),
            )
        )
        answer = request(
            "the run of a batch cannot be started",
            get_client("emr-serverless").start_job_run,
            **parameters,
        )
        return str(answer["jobRunId"])

    def get_state(self, job_run_id: str) -> RunState:
        """Return the state of a run; see :meth:`jobs.aws.trigger.runs.Runs.get_state`."""
        try:
            answer = get_client("emr-serverless").get_job_run(
                applicationId=self._settings.application_id, jobRunId=job_run_id
            )
        except Exception as error:  # classes of botocore
            if error_code(error) == "ResourceNotFoundException":
                return RunState.FAILED
            raise JobError(
                describe_error(
                    "the state of a run cannot be read", error, "check SAFELIGHT_APPLICATION_ID"
                )
            ) from None
        state = answer["jobRun"]["state"]
        if state in _SUCCEEDED_STATES:
            return RunState.SUCCEEDED
        return RunState.FAILED if state in _FAILED_STATES else RunState.ACTIVE


def _find_release(uri: str | None) -> Release:
    """Return the release that a file describes, or that of the image.

    Raises
    ------
    JobError
        If the file cannot be read.
    UsageError
        If the file does not describe a release.
    """
    if uri is None:
        return image_release()
    location = parse_uri(uri)
    answer = request(
        "the release that SAFELIGHT_RELEASE names cannot be read",
        s3_client.get_client().get_object,
        Bucket=location.bucket,
        Key=location.path,
    )
    try:
        return read_release(answer["Body"].read().decode())
    except ValueError:
        raise UsageError(
            "SAFELIGHT_RELEASE names no release; stage the distribution again"
        ) from None
