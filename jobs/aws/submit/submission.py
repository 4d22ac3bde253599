"""Submit a run: check its command, copy the distribution, start it, and wait for its end."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence

from jobs.aws.submit import staging
from jobs.aws.submit.bucket_check import check_buckets
from jobs.aws.submit.command_check import check_command
from jobs.aws.submit.launchers.base import Launcher, Outcome, SubmittedRun
from jobs.aws.submit.release import Release, image_release, read_release
from jobs.aws.submit.services import SERVICES, Service
from jobs.aws.submit.tokens import find_value
from jobs.aws.submit.waiting import wait_for_end
from jobs.common.cli.errors import UsageError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_error, log_event


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
    service = SERVICES[given.service]
    command = check_command(given.passed)
    plan = _plan_staging(given) if service.has_release else None
    release = plan.release if plan else _find_release(given, service)
    try:
        prepared = service.prepare(given, release, command)
    except ValueError as error:
        raise UsageError(str(error)) from None
    if given.dry_run:
        print(json.dumps(prepared.parameters, indent=2))
        return ExitCode.DONE
    launcher = service.connect(given.region)
    launcher.check(prepared.parameters)
    check_buckets([*command, *(str(getattr(given, name, None)) for name in ("logs", "staging"))])
    if plan:
        copied = staging.stage(plan)
        log_event("staged", f"{copied} of {len(plan.files)} files were copied", count=copied)
    for uri, text in prepared.files.items():
        staging.write_text(uri, text)
    run = launcher.start(prepared.parameters)
    _report(run)
    if given.wait:
        return _wait(launcher, run, command)
    _print_run(run, "SUBMITTED")
    return ExitCode.DONE


def _plan_staging(given: argparse.Namespace) -> staging.StagingPlan | None:
    """Return the plan to copy the distribution; ``None`` if an earlier copy or an image is used."""
    if given.distribution is None:
        return None
    if given.staging is None:
        raise UsageError("--distribution needs --staging s3://BUCKET/FOLDER/")
    return staging.plan_staging(given.distribution, given.staging)


def _find_release(given: argparse.Namespace, service: Service) -> Release:
    """Return the release of the image or of an earlier copy."""
    if not service.has_release or getattr(given, "image", False):
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


def _wait(launcher: Launcher, run: SubmittedRun, command: Sequence[str]) -> int:
    """Wait for the end of a run, and print its last line."""
    try:
        finished = wait_for_end(launcher, run)
    except KeyboardInterrupt:
        again = find_value(command, "--run-id")
        hint = f"; --run-id {again} in the same command waits for it again" if again else ""
        log_event("run_continues", f"{run.name} continues in the service as {run.run_id}{hint}")
        raise
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
