"""Which runs have begun and not ended: a small note beside the tables for each of them.

A batch counts once ``instances``, or ``note_files``, has its rows: they are written last. What
a run that died had written of a later batch is removed before the same sources are processed
again.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

from jobs.common.delta.schemas import LAST_TABLES, NOTES_TABLES, RESTRICTED, TABLES
from jobs.common.delta.table_set import Tables
from jobs.common.storage.location import Location
from jobs.common.storage.objects import backend_of, delete_object, read_text, write_text

FOLDER = "_unfinished"


class RunJournal:
    """The notes below one folder of tables. They hold no PHI."""

    def __init__(self, root: Location):
        self._folder = root.child(FOLDER)

    def begin(self, run: dict[str, Any]) -> None:
        """Note that a run, described by its row for ``runs``, has begun."""
        place = self._folder.child(f"{run['run_id']}.json")
        text = json.dumps(run | {"started_at": run["started_at"].isoformat()})
        write_text(place, text)

    def end(self, run_id: str) -> None:
        """Note that a run has ended and has its row."""
        delete_object(self._folder.child(f"{run_id}.json").uri)

    def unfinished(self) -> list[dict[str, Any]]:
        """The runs that have begun and not ended, as they were noted."""
        runs = [json.loads(text) for text in self._texts() if text]
        for run in runs:
            run["started_at"] = datetime.fromisoformat(run["started_at"])
        return runs

    def _texts(self) -> list[str]:
        notes = backend_of(self._folder).list_objects(self._folder)
        return [read_text(note.uri) for note in sorted(notes) if note.uri.endswith(".json")]


def recover(tables: Tables, journal: RunJournal, run_id: str) -> int:
    """Finish the bookkeeping of runs that died, under the lease.

    Parameters
    ----------
    run_id : str
        The run that begins now; if it is one of those that died, it goes on.

    Returns
    -------
    int
        How many had died.
    """
    dead = journal.unfinished()
    for run in dead:
        _remove_uncommitted(tables, run["run_id"])
        if run["run_id"] != run_id:
            if not has_run(tables, run["run_id"]):
                ended = {"outcome": "interrupted", "ended_at": datetime.now(timezone.utc)}
                tables.append_rows("runs", [run | ended])
            journal.end(run["run_id"])
    return len(dead)


def has_run(tables: Tables, run_id: str) -> bool:
    """Whether ``runs`` has the row of a run."""
    from pyspark.sql import functions as F

    return not tables.read("runs").where(F.col("run_id") == run_id).isEmpty()


def _remove_uncommitted(tables: Tables, run_id: str) -> None:
    from delta.tables import DeltaTable
    from pyspark.sql import functions as F

    committed = [
        row.batch
        for last in LAST_TABLES
        for row in tables.read(last)
        .where(F.col("run_id") == run_id)
        .select("batch")
        .distinct()
        .collect()
    ]

    def clear(table: str) -> None:
        column = "first_run_id" if table in RESTRICTED else "run_id"
        stale = (F.col(column) == run_id) & ~F.col("batch").isin(committed)
        tables.check_lease()
        DeltaTable.forPath(tables.spark, tables.path(table)).delete(stale)

    there = [t for t in TABLES | NOTES_TABLES if t not in LAST_TABLES and tables.exists(t)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(clear, there))
