"""Read the settings of the trigger from environment variables. They hold no secret."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from jobs.common.cli.errors import UsageError
from jobs.common.storage.location import Location, parse_uri

#: Variables that must be set, and what they hold.
REQUIRED_VARIABLES = {
    "SAFELIGHT_CONTROL": "folder of pending events and manifests, s3://BUCKET/trigger",
    "SAFELIGHT_BATCHES_TABLE": "DynamoDB table of the batches",
    "SAFELIGHT_RAW_BUCKET": "bucket of the uploads",
    "SAFELIGHT_APPLICATION_ID": "application of EMR Serverless",
    "SAFELIGHT_JOB_ROLE_ARN": "execution role of the runs",
    "SAFELIGHT_LOGS": "folder on S3 for the logs of the runs",
    "SAFELIGHT_OUTPUT": "--output of the runs",
    "SAFELIGHT_TABLES": "--tables of the runs",
    "SAFELIGHT_KEY": "--key of the runs: the reference of a secret",
}

#: Variables with a default.
DEFAULTS = {
    "SAFELIGHT_RAW_PREFIX": "",
    "SAFELIGHT_COMMAND": "deidentify",
    "SAFELIGHT_ARGUMENTS": "",
    "SAFELIGHT_MAPPING": "",
    "SAFELIGHT_LEASE_TABLE": "",
    "SAFELIGHT_RELEASE": "",
    "SAFELIGHT_NODES": "1",
    "SAFELIGHT_LOG_KEY_ARN": "",
    "SAFELIGHT_DISK_KEY_ARN": "",
    "SAFELIGHT_MAX_OBJECTS": "100000",
    "SAFELIGHT_MAX_AGE_SECONDS": "900",
    "SAFELIGHT_QUIET_SECONDS": "120",
    "SAFELIGHT_MAX_ATTEMPTS": "3",
}

#: Commands that take a manifest.
_COMMANDS = ("deidentify", "notes")

#: A key in an environment variable would be a secret in the settings of a run.
_KEY_SCHEMES = ("aws-secretsmanager:", "aws-kms:")


@dataclass(frozen=True)
class BatchLimits:
    """Limits that end the collection of a batch, and the number of its runs.

    Attributes
    ----------
    max_objects : int
        Events that one manifest is made of. It bounds the memory of the function.
    max_age_seconds : float
        Age of the oldest event at which a batch starts while uploads continue.
    quiet_seconds : float
        Time without new events after which a batch starts.
    max_attempts : int
        Runs of one batch, of which all but the last one have failed.
    """

    max_objects: int = 100_000
    max_age_seconds: float = 900.0
    quiet_seconds: float = 120.0
    max_attempts: int = 3


@dataclass(frozen=True)
class Settings:
    """Settings of the trigger.

    Attributes
    ----------
    control : Location
        Folder of pending events and manifests.
    batches_table : str
        DynamoDB table of the batches.
    lease_table : str or None
        DynamoDB table of the leases of tables folders.
    raw_bucket, raw_prefix : str
        Uploads elsewhere are refused.
    tables : str
        Tables folder of the runs.
    arguments : tuple of str
        Command and arguments of a run, except the manifest and the run ID.
    limits : BatchLimits
    application_id, role_arn, logs : str
        Application, execution role and folder of logs of the runs.
    release : str or None
        URI of ``release.json``; ``None`` if the image of the application holds Safelight.
    nodes : int
        Largest number of nodes of a run.
    log_key_arn, disk_key_arn : str or None
        KMS keys of the logs and of the disks of the workers.
    """

    control: Location
    batches_table: str
    lease_table: Optional[str]
    raw_bucket: str
    raw_prefix: str
    tables: str
    arguments: tuple[str, ...]
    limits: BatchLimits
    application_id: str
    role_arn: str
    logs: str
    release: Optional[str]
    nodes: int
    log_key_arn: Optional[str]
    disk_key_arn: Optional[str]


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Return the settings in environment variables.

    Parameters
    ----------
    environment : mapping of str to str
        See :data:`REQUIRED_VARIABLES` and :data:`DEFAULTS`.

    Raises
    ------
    UsageError
        If a variable is missing or wrong; the message names the variable, not its value.
    """
    missing = [name for name in REQUIRED_VARIABLES if not environment.get(name)]
    if missing:
        raise UsageError(
            f"the trigger lacks {', '.join(missing)}; set them on the function, as trigger.yaml "
            "does"
        )
    given = DEFAULTS | {name: text for name, text in environment.items() if text}
    control = parse_uri(given["SAFELIGHT_CONTROL"])
    if not control.on_s3:
        raise UsageError("SAFELIGHT_CONTROL must be a folder on S3; give s3://BUCKET/PREFIX")
    return Settings(
        control=control,
        batches_table=given["SAFELIGHT_BATCHES_TABLE"],
        lease_table=given["SAFELIGHT_LEASE_TABLE"] or None,
        raw_bucket=given["SAFELIGHT_RAW_BUCKET"],
        raw_prefix=given["SAFELIGHT_RAW_PREFIX"],
        tables=given["SAFELIGHT_TABLES"],
        arguments=_read_arguments(given),
        limits=read_limits(given),
        application_id=given["SAFELIGHT_APPLICATION_ID"],
        role_arn=given["SAFELIGHT_JOB_ROLE_ARN"],
        logs=given["SAFELIGHT_LOGS"],
        release=given["SAFELIGHT_RELEASE"] or None,
        nodes=_read_number(given, "SAFELIGHT_NODES", 1),
        log_key_arn=given["SAFELIGHT_LOG_KEY_ARN"] or None,
        disk_key_arn=given["SAFELIGHT_DISK_KEY_ARN"] or None,
    )


def _read_arguments(given: Mapping[str, str]) -> tuple[str, ...]:
    """Return the command and the arguments of a run."""
    if given["SAFELIGHT_COMMAND"] not in _COMMANDS:
        raise UsageError(f"SAFELIGHT_COMMAND must be one of {', '.join(_COMMANDS)}")
    if not given["SAFELIGHT_KEY"].startswith(_KEY_SCHEMES):
        raise UsageError(
            f"SAFELIGHT_KEY must be a reference that begins with {' or '.join(_KEY_SCHEMES)}"
        )
    arguments = [given["SAFELIGHT_COMMAND"]]
    for name in ("output", "tables", "key", "mapping"):
        if value := given[f"SAFELIGHT_{name.upper()}"]:
            arguments += [f"--{name}", value]
    if given["SAFELIGHT_LEASE_TABLE"]:
        arguments += ["--lease", given["SAFELIGHT_LEASE_TABLE"]]
    try:
        return (*arguments, *shlex.split(given["SAFELIGHT_ARGUMENTS"]))
    except ValueError:
        raise UsageError(
            "SAFELIGHT_ARGUMENTS has an open quotation mark; write it as in a shell"
        ) from None


def read_limits(given: Mapping[str, str]) -> BatchLimits:
    """Return the limits of a batch.

    Parameters
    ----------
    given : mapping of str to str
        All variables of :data:`DEFAULTS`.

    Raises
    ------
    UsageError
        If a limit is not a number of at least 1, or 0 for the times.
    """
    return BatchLimits(
        max_objects=_read_number(given, "SAFELIGHT_MAX_OBJECTS", 1),
        max_age_seconds=_read_number(given, "SAFELIGHT_MAX_AGE_SECONDS", 0),
        quiet_seconds=_read_number(given, "SAFELIGHT_QUIET_SECONDS", 0),
        max_attempts=_read_number(given, "SAFELIGHT_MAX_ATTEMPTS", 1),
    )


def _read_number(given: Mapping[str, str], name: str, smallest: int) -> int:
    try:
        number = int(given[name])
    except ValueError:
        number = smallest - 1
    if number < smallest:
        raise UsageError(f"{name} must be a whole number of at least {smallest}")
    return number
