"""Find the time from which ``--since`` lists modified objects."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from typing import Any, Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import UsageError
from jobs.common.delta.tables.table_set import Tables

#: Value of ``--since`` for the newest finished run of the same inputs and settings.
LAST_RUN = "last-run"

#: Time before the start of a run from which objects are listed again. It covers the listing of
#: that run and clocks that differ. What is done is skipped, so that it costs little.
SINCE_MARGIN = timedelta(hours=24)

_COLUMNS = ("run_id", "started_at", "outcome", "parameters", "rules_hash")


def resolve_since(
    text: str, tables: Tables, command: str, settings: Mapping[str, str]
) -> Optional[datetime]:
    """Return the time of the oldest modification that is listed.

    Parameters
    ----------
    text : str
        Time in ISO 8601 (UTC without an offset), ID of a finished run, or ``last-run``.
    tables : Tables
        Tables with the runs.
    command : str
        Name of the sub-command; runs of others do not count.
    settings : mapping
        Rules hash as ``rules_hash``, and parameters of `runs` that the newest run must share.

    Returns
    -------
    datetime or None
        The time, or 24 hours before the start of the run; ``None`` if no run fits ``last-run``.

    Raises
    ------
    UsageError
        If the text is neither a time nor a finished run of these tables.
    JobError
        If the table of the runs cannot be read.
    """
    if text != LAST_RUN and (time := _parse_time(text)) is not None:
        return time
    condition = (ds.field("command") == command) & (ds.field("outcome") == "done")
    runs = list(tables.rows("runs", _COLUMNS, condition))
    if text == LAST_RUN:
        starts = [row["started_at"] for row in runs if _has_settings(row, settings)]
        return max(starts) - SINCE_MARGIN if starts else None
    starts = [row["started_at"] for row in runs if row["run_id"] == text]
    if not starts:
        raise UsageError(
            f"--since {text} is neither a time such as 2026-11-30T02:00:00Z nor a finished run of "
            f"these tables; give one of them, or {LAST_RUN}"
        )
    start: datetime = max(starts)
    return start - SINCE_MARGIN


def _parse_time(text: str) -> Optional[datetime]:
    try:
        time = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    return time if time.tzinfo is not None else time.replace(tzinfo=timezone.utc)


def _has_settings(row: Mapping[str, Any], settings: Mapping[str, str]) -> bool:
    recorded = dict(row["parameters"] or {}) | {"rules_hash": row["rules_hash"]}
    return all(recorded.get(name) == value for name, value in settings.items())
