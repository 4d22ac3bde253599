"""Show what a data store holds according to the tables, and the import jobs of the service."""

from __future__ import annotations

import argparse
import json
from collections import Counter
from dataclasses import dataclass
from typing import Any, Optional

import pyarrow.dataset as ds

from jobs.aws.healthimaging.imports.items import IMPORTED
from jobs.aws.healthimaging.imports.plan import check_datastore_id
from jobs.aws.healthimaging.service import DataStoreClient
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.delta.rows import ImageSetDeletionRow, ImportRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.preflight import require_tables
from jobs.common.storage.location import Location


@dataclass(frozen=True)
class StatusPlan:
    """Checked arguments of ``safelight healthimaging status``.

    Attributes
    ----------
    tables : Location
        Folder of the Delta tables.
    datastore_id : str
        ID of the data store.
    region : str, optional
        Region of the data store.
    lists_held : bool
        Print one line per held instance.
    """

    tables: Location
    datastore_id: str
    region: Optional[str] = None
    lists_held: bool = False


def plan_status(given: argparse.Namespace) -> StatusPlan:
    """Check the arguments.

    Raises
    ------
    UsageError, JobError
        If an argument is wrong, or the tables cannot be read.
    """
    datastore_id = check_datastore_id(given.datastore)
    tables = require_tables(given.tables, "imports")
    return StatusPlan(tables, datastore_id, given.region, given.held)


def show_status(plan: StatusPlan) -> int:
    """Print the counts by status, gate, warning and exception, then one line of JSON.

    Parameters
    ----------
    plan : StatusPlan
        Checked arguments.

    Raises
    ------
    JobError
        If the tables or the data store cannot be read.
    """
    tables = Tables(None, plan.tables)
    counts: dict[str, Counter[str]] = {
        name: Counter() for name in ("statuses", "gates", "warnings", "exceptions", "jobs")
    }
    released = held = 0
    for row in _latest_rows(tables, plan.datastore_id):
        counts["statuses"][row["status"]] += 1
        counts["gates"].update(row["gates"] or ())
        counts["warnings"].update(row["warnings"] or ())
        if row["exception_type"]:
            counts["exceptions"][row["exception_type"]] += 1
        released += bool(row["released"])
        held += row["status"] == IMPORTED and bool(row["gates"])
        if plan.lists_held and row["gates"]:
            gates = ",".join(row["gates"])
            print(f"held {row['image_set_id']} {row['sop_uid'] or '-'} {gates}")
    client = DataStoreClient(plan.datastore_id, plan.region)
    counts["jobs"].update(str(job["jobStatus"]) for job in client.list_jobs())
    for name, values in counts.items():
        for value, count in sorted(values.items()):
            print(f"{name:<12}{value:<44}{count:>12}")
    summary: dict[str, Any] = {
        "released": released,
        "held": held,
        **{name: dict(sorted(values.items())) for name, values in counts.items()},
        "deletions": _count_deletions(tables, plan.datastore_id),
    }
    print(json.dumps(summary))
    return ExitCode.DONE


def _latest_rows(tables: Tables, datastore_id: str) -> list[dict[str, Any]]:
    """Return the latest row of each output; a later import replaces a failure."""
    columns = [
        "output_uri", "output_sha256", "status", "gates", "warnings", "exception_type", "released",
        "imported_at", "image_set_id", "sop_uid",
    ]  # fmt: skip
    latest: dict[tuple[str, ...], dict[str, Any]] = {}
    condition = ds.field("datastore_id") == datastore_id
    for number, row in enumerate(tables.rows(ImportRow.table, columns, condition)):
        key = (row["output_uri"], row["output_sha256"])
        if not row["output_uri"]:
            key = ("", str(number))  # a file that no chunk holds
        before = latest.get(key)
        if before is None or row["imported_at"] >= before["imported_at"]:
            latest[key] = row
    return list(latest.values())


def _count_deletions(tables: Tables, datastore_id: str) -> dict[str, int]:
    condition = ds.field("datastore_id") == datastore_id
    states: dict[str, str] = {}
    columns = ["image_set_id", "state"]
    for row in tables.rows(ImageSetDeletionRow.table, columns, condition):
        if row["image_set_id"] and states.get(row["image_set_id"]) != "deleted":
            states[row["image_set_id"]] = row["state"]
    return dict(sorted(Counter(states.values()).items()))
