"""Check the command of a run on this machine, before anything is submitted."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator, Sequence

from jobs.aws.submit.spark_settings import check_settings
from jobs.common.cli.errors import UsageError
from jobs.common.cli.log import log_event
from jobs.common.run.run_ids import new_run_id

#: Commands that a cluster runs. `reidentify` is not one: it prints originals, which would become
#: part of the log.
COMMANDS = ("deidentify", "notes", "verify", "export")

#: Schemes of keys that a cluster reads without a secret in the request of a run.
_KEY_SCHEMES = ("aws-secretsmanager:", "aws-kms:")

#: Schemes of places that all machines of a cluster reach.
_SHARED_SCHEMES = ("s3://", "s3a://", "healthimaging://")

#: Slashes in the URI of a bucket.
_BUCKET_SLASHES = 2

#: Name of a shipped rule set, in contrast to the path of a file.
_RULE_SET_NAME = re.compile(r"[A-Za-z0-9_-]+")

#: Options whose files only the machine that submits has, or that the service sets itself.
_LOCAL_OPTIONS = {
    "--master": "the service sets it",
    "--metrics": "the machine of the driver is gone after the run; give --metrics-cloudwatch",
    "--report": "the machine of the driver is gone after the run; the table `verification` has the "
    "outcomes",
    "--worklist": "the machine of the driver is gone after the run; verify with a local master",
}


def check_command(arguments: Sequence[str]) -> tuple[str, ...]:
    """Return the command of a run as the cluster gets it.

    The file of ``--conf`` is replaced by its arguments, and a run ID is added if there is none, so
    that the service, the log and the tables have one name for the run.

    Parameters
    ----------
    arguments : sequence of str
        Command of Safelight and its arguments.

    Returns
    -------
    tuple of str
        Complete command.

    Raises
    ------
    UsageError
        If a cluster does not run the command, or cannot use an argument.
    SystemExit
        If an argument is unknown, missing or wrong; the error is logged.
    """
    from jobs.cli import parse_command

    if not arguments or arguments[0] not in COMMANDS:
        raise UsageError(f"give one of {', '.join(COMMANDS)} and its arguments after --")
    parsed = parse_command(arguments)
    given = parsed.arguments
    for action in parsed.parser._actions:
        values = _values(given, action)
        _check_local(action, values)
        for value in values:
            _check_place(action, value)
    _check_key(getattr(given, "key", None))
    _warn_of_names(getattr(given, "input", []) or [])
    _check_spark(given.spark_conf)
    words = tuple(_drop_conf(parsed.words))
    if "run_id" in given and given.run_id is None:
        words += ("--run-id", new_run_id())
    return words


def _values(given: argparse.Namespace, action: argparse.Action) -> list[str]:
    """Return the values of an option that differ from its default."""
    value = getattr(given, action.dest, None)
    if value is None or value == action.default:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


def _check_local(action: argparse.Action, values: list[str]) -> None:
    """Refuse options that mean nothing on a cluster."""
    for option in action.option_strings:
        if values and option in _LOCAL_OPTIONS:
            raise UsageError(
                f"{option} cannot be used in a submitted run: {_LOCAL_OPTIONS[option]}"
            )


def _check_place(action: argparse.Action, value: str) -> None:
    """Refuse places that the machines of a cluster do not share."""
    metavar = str(action.metavar or "")
    if "URI" not in metavar or value.startswith(_SHARED_SCHEMES):
        return
    if metavar.startswith("NAME") and _RULE_SET_NAME.fullmatch(value):
        return
    raise UsageError(
        f"{action.option_strings[0]} must be on S3, because the cluster has no access to this "
        "machine; copy it, and give its s3:// URI"
    )


def _warn_of_names(inputs: Sequence[str] | str) -> None:
    """Report inputs that may be names of uploads, which may hold PHI."""
    given = [inputs] if isinstance(inputs, str) else inputs
    if any(not uri.endswith("/") and uri.count("/") > _BUCKET_SLASHES for uri in given):
        log_event(
            "names_in_request",
            "everyone who may describe the run sees the URIs of --input; if they are names of "
            "uploads, which may hold PHI, give --manifest instead",
        )


def _check_key(reference: str | None) -> None:
    """Refuse keys that only this machine has; the message never holds the key."""
    if reference is not None and not reference.startswith(_KEY_SCHEMES):
        raise UsageError(
            "--key of a submitted run takes aws-secretsmanager:NAME or aws-kms:…, which the role "
            "of the run reads; never the key itself, a file or a variable of this machine"
        )


def _check_spark(pairs: Sequence[str]) -> None:
    """Check the settings of Spark among the arguments."""
    from jobs.common.spark.session import parse_settings

    try:
        check_settings(parse_settings(pairs))
    except ValueError as error:
        raise UsageError(f"--spark-conf: {error}") from None


def _drop_conf(words: Sequence[str]) -> Iterator[str]:
    """Yield the words of a command line without ``--conf FILE``, which is on this machine."""
    drop_next = False
    for word in words:
        if drop_next:
            drop_next = False
        elif word == "--conf":
            drop_next = True
        elif not word.startswith("--conf="):
            yield word
