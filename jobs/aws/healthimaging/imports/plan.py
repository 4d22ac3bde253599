"""Check the arguments of an import before any work."""

from __future__ import annotations

import argparse
import re
from dataclasses import dataclass, field
from typing import Optional

from jobs.aws.healthimaging.imports.chunks import STOW_LIMITS, ChunkLimits
from jobs.aws.healthimaging.imports.selection import ItemFilter
from jobs.aws.healthimaging.warning_policy import WarningPolicy, parse_policy
from jobs.common.cli.errors import UsageError
from jobs.common.run.lookup_tables import cover_lookups
from jobs.common.run.preflight import ensure_writable, is_inside, require_tables
from jobs.common.run.rule_sets import load_rule_set
from jobs.common.storage.location import Location

_DATASTORE_ID = re.compile(r"[0-9a-z]{32}")
_ROLE_ARN = re.compile(r"arn:aws(-[^:]+)?:iam::[0-9]{12}:role/.+")


@dataclass(frozen=True)
class ImportPlan:
    """Checked arguments of an import.

    Attributes
    ----------
    tables, staging : Location
        Folder of the Delta tables, and folder for the files of import jobs.
    wanted : ItemFilter
        Conditions on the objects.
    role_arn : str
        Role with which the service reads the staging folder; empty with STOW-RS.
    region, lease_table : str, optional
        Region of the data store, and DynamoDB table of the lease.
    stow, in_place : bool
        Send objects by STOW-RS; import folders where they are.
    wait : bool
        Wait for the jobs to end.
    fail_on_held : bool
        Exit with code 3 if an instance is held or failed.
    compare_frames, search_warnings : bool
        Gates that ask the data store.
    policy : WarningPolicy
        Action of each warning type.
    limits : ChunkLimits
        Limits of a chunk.
    jobs, threads : int
        Concurrent import jobs, and objects that are checked at one time.
    poll_seconds : float
        Seconds before the first poll of a job.
    """

    tables: Location
    staging: Location
    wanted: ItemFilter
    role_arn: str = ""
    region: Optional[str] = None
    lease_table: Optional[str] = None
    stow: bool = False
    in_place: bool = False
    wait: bool = True
    fail_on_held: bool = False
    compare_frames: bool = True
    search_warnings: bool = True
    policy: WarningPolicy = field(default_factory=WarningPolicy)
    limits: ChunkLimits = ChunkLimits()
    jobs: int = 100
    threads: int = 8
    poll_seconds: float = 5.0


def plan_import(given: argparse.Namespace) -> ImportPlan:
    """Check the arguments of an import.

    Raises
    ------
    UsageError, JobError
        If an argument is wrong, or a folder cannot be used.
    """
    datastore_id = check_datastore_id(given.datastore)
    policy = parse_policy(given.warning_policy)
    tables = require_tables(given.tables, "instances")
    staging = ensure_writable("--staging", given.staging)
    if is_inside(staging, tables) or is_inside(tables, staging):
        raise UsageError("--tables and --staging overlap; give separate folders")
    _check_way(given, staging)
    _check_release(given)
    return ImportPlan(
        tables=tables,
        staging=staging,
        wanted=ItemFilter(
            datastore_id,
            cover_lookups(load_rule_set(given.rules)).hash if given.rules else "",
            given.namespace or "",
            given.release or "",
            given.recipient or "",
            given.retry_failed,
            given.retry_held,
        ),
        role_arn=given.role or "",
        region=given.region,
        lease_table=given.lease,
        stow=given.stow,
        in_place=given.in_place,
        wait=not given.no_wait,
        fail_on_held=given.fail_on_held,
        compare_frames=given.frame_checksums == "on",
        search_warnings=given.warning_search == "on",
        policy=policy,
        limits=STOW_LIMITS if given.stow else ChunkLimits(files=given.job_files),
        jobs=given.jobs,
        threads=given.threads,
        poll_seconds=given.poll_seconds,
    )


def _check_release(given: argparse.Namespace) -> None:
    """Reject conditions that a release to a recipient does not have."""
    if given.recipient is None:
        return
    if given.rules or given.namespace or given.in_place:
        raise UsageError(
            "--recipient takes no --rules, --namespace and --in-place: its releases decide which "
            "objects are imported; omit them"
        )


def _check_way(given: argparse.Namespace, staging: Location) -> None:
    """Reject arguments about import jobs that contradict each other."""
    if given.stow:
        if given.role or given.in_place or given.no_wait:
            raise UsageError("--stow takes no --role, --in-place and --no-wait; omit them")
        return
    if not given.role:
        raise UsageError(
            "an import job needs --role, the ARN of the role with which HealthImaging reads "
            "--staging; or give --stow for a small import without a job"
        )
    if not _ROLE_ARN.fullmatch(given.role):
        raise UsageError("--role must be the ARN of a role, arn:aws:iam::ACCOUNT:role/NAME")
    if not staging.on_s3:
        raise UsageError("--staging must be on S3, where an import job reads its input")


def check_datastore_id(text: str) -> str:
    """Return the ID of a data store.

    Raises
    ------
    UsageError
        If it is not one.
    """
    if not _DATASTORE_ID.fullmatch(text):
        raise UsageError(
            "--datastore must be the ID of a data store: 32 lower-case letters and digits"
        )
    return text
