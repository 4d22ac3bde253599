"""Read the IDs of the keys under which the tables hold work."""

from __future__ import annotations

from jobs.common.delta.run_journal import RunJournal
from jobs.common.delta.tables.table_set import Tables
from jobs.common.storage.location import Location


def read_recorded_keys(tables: Tables, root: Location) -> frozenset[str]:
    """Return the IDs of the keys of all runs, finished or not.

    Parameters
    ----------
    tables : Tables
        Tables of the runs.
    root : Location
        Folder of the tables.

    Returns
    -------
    frozenset of str
        Key IDs; empty if there is no run, or runs of versions that recorded none.

    Raises
    ------
    JobError
        If a table cannot be read.
    """
    finished = (row["parameters"] for row in tables.rows("runs", ["parameters"]))
    unfinished = (run.parameters for run in RunJournal(root).unfinished())
    recorded = (dict(values or {}).get("key_id") for values in (*finished, *unfinished))
    return frozenset(key_id for key_id in recorded if key_id)
