"""Submit a run: check its command, copy the distribution, start it, and wait for its end."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from typing import Any

from jobs.aws.submit import staging
from jobs.aws.submit.command_check import check_command
from jobs.aws.submit.emr_serverless import EmrServerlessRun
from jobs.aws.submit.emr_serverless import build_request as build_emr_serverless
from jobs.aws.submit.launchers.base import Launcher, Outcome, SubmittedRun
from jobs.aws.submit.launchers.emr_serverless import EmrServerlessLauncher
from jobs.aws.submit.release import Release, image_release, read_release
from jobs.aws.submit.waiting import wait_for_end
from jobs.common.cli.errors import UsageError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_error, log_event

#: Builder of the request from the arguments, the release and the command of a run.
_Builder = Callable[[argparse.Namespace, Release, tuple[str, ...]], Mapping[str, Any]]


def _emr_serverless(
    given: argparse.Namespace, release: Release, command: tuple[str, ...]
) -> Mapping[str, Any]:
    """Return the request of a run on EMR Serverless."""
    return build_emr_serverless(
        EmrServerlessRun(
            application_id=given.application,
            role_arn=given.role,
            release=release,
            arguments=command,
            log_uri=given.logs,
            log_key_arn=given.log_key,
            disk_key_arn=given.disk_key,
            nodes=given.nodes,
            settings=dict(given.spark_setting),
            name=given.name,
            client_token=given.client_token,
            timeout_minutes=given.timeout_minutes,
            max_attempts=given.attempts,
            flex=given.flex,
            tags=dict(given.tag),
        )
    )


#: Builder and launcher of each service.
_SERVICES: dict[str, tuple[_Builder, Callable[[str | None], Launcher]]] = {
    "emr-serverless": (_emr_serverless, EmrServerlessLauncher),
}


def submit(given: argparse.Namespace) -> int:
    """Submit a run.

    Parameters
    ----------
    given : argparse.Namespace
        Arguments of ``safelight submit``; ``passed`` is the command of the run.

    Returns
    -------
    int
        Exit code: 0 if the run was accepted; with ``--wait``, that of the run.

    Raises
    ------
    UsageError
        If an argument is wrong.
    JobError
        If the distribution cannot be copied or the run cannot be started.
    """
    build, connect = _SERVICES[given.service]
    command = check_command(given.passed)
    plan = _plan_staging(given)
    release = plan.release if plan else _find_release(given)
    try:
        parameters = build(given, release, command)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if given.dry_run:
        print(json.dumps(parameters, indent=2))
        return ExitCode.DONE
    launcher = connect(given.region)
    if plan:
        copied = staging.stage(plan)
        log_event("staged", f"{copied} of {len(plan.files)} files were copied", count=copied)
    run = launcher.start(parameters)
    _report(run)
    if given.wait:
        return _wait(launcher, run)
    _print_run(run, "SUBMITTED")
    return ExitCode.DONE


def _plan_staging(given: argparse.Namespace) -> staging.StagingPlan | None:
    """Return the plan to copy the distribution; ``None`` if an earlier copy or an image is used."""
    if given.distribution is None:
        return None
    if given.staging is None:
        raise UsageError("--distribution needs --staging s3://BUCKET/FOLDER/")
    return staging.plan_staging(given.distribution, given.staging)


def _find_release(given: argparse.Namespace) -> Release:
    """Return the release of the image or of an earlier copy."""
    if getattr(given, "image", False):
        return image_release()
    if given.release is None:
        raise UsageError(
            "give --distribution FOLDER and --staging URI, --release URI, or --image if the image "
            "of the machines has Safelight"
        )
    try:
        return read_release(staging.read_staged_release(given.release))
    except ValueError as error:
        raise UsageError(f"--release: {error}") from None


def _report(run: SubmittedRun) -> None:
    """Report which run the service has started or returned."""
    if run.was_submitted_before:
        log_event(
            "submitted_before",
            f"{run.name} was submitted before as {run.run_id}, and no other run was started; to "
            "start another one, give --client-token another value",
        )
    else:
        log_event("submitted", f"{run.name} was submitted as {run.run_id}; logs: {run.logs}")


def _wait(launcher: Launcher, run: SubmittedRun) -> int:
    """Wait for the end of a run, and print its last line."""
    finished = wait_for_end(launcher, run)
    if finished.state.outcome is Outcome.FAILED:
        reason = f": {finished.state.reason}" if finished.state.reason else ""
        log_error(
            "submitted_run_failed",
            f"{run.name} ended as {finished.state.name}{reason}; see the logs: {run.logs}",
            status=finished.state.name,
        )
    if finished.last_line is None:
        _print_run(run, finished.state.name)
    else:
        print(finished.last_line)
    return finished.exit_code


def _print_run(run: SubmittedRun, state: str) -> None:
    """Print the last line of the command."""
    summary = {
        "service": run.service,
        "id": run.run_id,
        "name": run.name,
        "state": state,
        "logs": run.logs,
    }
    print(json.dumps(summary))
