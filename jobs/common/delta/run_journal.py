"""Record runs that have begun and not ended, and recover from those that died.

A batch counts once ``instances``, or ``note_files``, has its rows: they are committed last. Rows
that a dead run wrote of a later batch are removed before the same sources are processed again.
"""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import datetime, timezone

from jobs.common.delta.rows import RunRow
from jobs.common.delta.schemas import (
    IMAGE_TABLES,
    LAST_TABLES,
    NOTES_TABLES,
    RESTRICTED_TABLES,
)
from jobs.common.delta.table_set import Tables
from jobs.common.storage.location import Location
from jobs.common.storage.objects import backend_of, delete_object, read_text, write_text

FOLDER = "_unfinished"


class RunJournal:
    """One small JSON file per unfinished run, below the folder of the tables. It holds no PHI.

    Parameters
    ----------
    root : Location
        Folder of the tables.
    """

    def __init__(self, root: Location):
        self._folder = root.child(FOLDER)

    def begin(self, run: RunRow) -> None:
        """Record that a run has begun."""
        columns = {name: value for name, value in asdict(run).items() if value is not None}
        text = json.dumps(columns | {"started_at": run.started_at.isoformat()})
        write_text(self._file(run.run_id), text)

    def end(self, run_id: str) -> None:
        """Record that a run has ended and has its row in ``runs``."""
        delete_object(self._file(run_id).uri)

    def unfinished(self) -> list[RunRow]:
        """Return the runs that have begun and not ended."""
        files = backend_of(self._folder).list_objects(self._folder)
        texts = [read_text(file.uri) for file in sorted(files) if file.uri.endswith(".json")]
        return [_parse_run(text) for text in texts if text]

    def _file(self, run_id: str) -> Location:
        return self._folder.child(f"{run_id}.json")


def _parse_run(text: str) -> RunRow:
    columns = json.loads(text)
    return RunRow(**columns | {"started_at": datetime.fromisoformat(columns["started_at"])})


def recover(tables: Tables, journal: RunJournal, run_id: str) -> int:
    """Remove the rows of incomplete batches of dead runs, and record how these runs ended.

    The caller must hold the lease.

    Parameters
    ----------
    tables : Tables
    journal : RunJournal
    run_id : str
        The run that begins now. If it is one of the dead runs, it is resumed.

    Returns
    -------
    int
        Number of dead runs.
    """
    dead = journal.unfinished()
    for run in dead:
        _remove_uncommitted(tables, run.run_id)
        if run.run_id != run_id:
            if not has_run(tables, run.run_id):
                ended_at = datetime.now(timezone.utc)
                tables.append_rows([replace(run, outcome="interrupted", ended_at=ended_at)])
            journal.end(run.run_id)
    return len(dead)


def has_run(tables: Tables, run_id: str) -> bool:
    """Return whether ``runs`` has the row of a run.

    Parameters
    ----------
    tables : Tables
        Tables of the run.
    run_id : str
        ID of the run.
    """
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

    def remove(table: str) -> None:
        column = "first_run_id" if table in RESTRICTED_TABLES else "run_id"
        stale = (F.col(column) == run_id) & ~F.col("batch").isin(committed)
        tables.check_lease()
        DeltaTable.forPath(tables.spark, tables.path(table)).delete(stale)

    written = dict.fromkeys(IMAGE_TABLES + NOTES_TABLES)
    existing = [t for t in written if t not in LAST_TABLES and tables.exists(t)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(remove, existing))
