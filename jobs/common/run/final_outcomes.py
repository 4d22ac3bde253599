"""Decide which committed outcomes are final, so that later runs skip their sources."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow.dataset as ds

from jobs.common.delta.tables.table_set import Tables
from jobs.common.spark.object_limits import ObjectLimits
from safelight.records import Reason

#: Reason codes after which the next run tries an object again: the cause may have gone.
TRANSIENT_REASONS = (Reason.UNREADABLE_SOURCE.value,)

#: Parameter of a run, as ``runs`` records it, that limits what a reason code is about.
_PARAMETERS = {
    Reason.OBJECT_TIMEOUT: "object_seconds",
    Reason.OBJECT_MEMORY: "object_memory",
}


def limit_parameters(limits: ObjectLimits) -> dict[str, str]:
    """Return the limits of an object as ``runs`` records them."""
    return {
        "object_seconds": f"{limits.seconds:.15g}",
        "object_memory": str(limits.memory_bytes),
    }


def is_final(tables: Tables, limits: ObjectLimits) -> ds.Expression:
    """Return the condition for rows of ``instances`` or ``note_files`` with a final outcome.

    An object that exceeded a limit is tried again once the limit is higher than it was.

    Parameters
    ----------
    tables : Tables
        Tables with the rows and with the parameters of their runs.
    limits : ObjectLimits
        Limits of this run.

    Returns
    -------
    pyarrow.dataset.Expression
        Condition on the columns ``reason_code`` and ``run_id``.

    Raises
    ------
    JobError
        If a table cannot be read.
    """
    final = ~ds.field("reason_code").isin(list(TRANSIENT_REASONS))
    for reason, runs in find_runs_with_lower_limits(tables, limits).items():
        if runs:
            below = ds.field("run_id").isin(sorted(runs))
            final &= ~((ds.field("reason_code") == reason.value) & below)
    return final


def find_runs_with_lower_limits(
    tables: Tables, limits: ObjectLimits
) -> dict[Reason, Collection[str]]:
    """Return the IDs of the runs whose limit was lower, by the reason code that it leads to.

    Parameters
    ----------
    tables : Tables
        Tables with the parameters of the runs.
    limits : ObjectLimits
        Limits of this run.
    """
    if not tables.exists("runs"):
        return {}
    ours = {name: float(value) for name, value in limit_parameters(limits).items()}
    found: dict[Reason, set[str]] = {reason: set() for reason in _PARAMETERS}
    for row in tables.rows("runs", ["run_id", "parameters"], ds.scalar(True)):
        theirs = dict(row["parameters"] or ())
        for reason, name in _PARAMETERS.items():
            if name in theirs and float(theirs[name]) < ours[name]:
                found[reason].add(row["run_id"])
    return dict(found)
