"""Record runs that have begun and not ended, and recover from those that died.

A batch counts once ``instances``, or ``note_files``, has its rows: they are committed last. Rows
that a dead run wrote of a later batch are removed before the same sources are processed again.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, replace
from datetime import datetime, timezone

import pyarrow.dataset as ds

from jobs.common.delta.rows import RunRow
from jobs.common.delta.schemas import (
    IMAGE_TABLES,
    LAST_TABLES,
    NOTES_TABLES,
    RESTRICTED_TABLES,
)
from jobs.common.delta.sql_literals import sql_literal
from jobs.common.delta.tables.table_set import Tables
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
    if dead:  # a run that sleeps looks like a dead one
        tables.fence()
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
    return any(tables.rows("runs", ["run_id"], ds.field("run_id") == run_id))


def _remove_uncommitted(tables: Tables, run_id: str) -> None:
    """Remove the rows and the data files of batches that a dead run did not commit."""
    of_run = ds.field("run_id") == run_id
    committed = {
        number
        for last in LAST_TABLES
        for rows in tables.batches(last, ["batch"], of_run)
        for number in rows["batch"].unique().to_pylist()
    }

    def remove(table: str) -> None:
        if table not in LAST_TABLES and tables.exists(table):
            column = "first_run_id" if table in RESTRICTED_TABLES else "run_id"
            stale = f"{column} = {sql_literal(run_id)}{_exclude_batches(committed)}"
            tables.delete(table, stale)
        tables.delete_uncommitted_files(table, run_id, committed)

    written = dict.fromkeys(IMAGE_TABLES + NOTES_TABLES)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(remove, written))


def _exclude_batches(batches: Iterable[int]) -> str:
    """Return the end of a condition in SQL that excludes batches, as few ranges."""
    ranges: list[list[int]] = []
    for batch in sorted(batches):
        if ranges and batch == ranges[-1][1] + 1:
            ranges[-1][1] = batch
        else:
            ranges.append([batch, batch])
    return "".join(f" AND NOT (batch BETWEEN {first} AND {last})" for first, last in ranges)
