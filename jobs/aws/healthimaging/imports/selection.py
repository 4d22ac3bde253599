"""Select the de-identified objects that a data store does not hold yet.

The rows of the tables are joined in a temporary database, so that their number needs no memory.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

import pyarrow.dataset as ds

from jobs.aws.healthimaging.imports.item_queue import DuplicateInstanceError, ItemQueue
from jobs.aws.healthimaging.imports.items import FAILED, IMPORTED, REFUSED, ImportItem
from jobs.common.cli.errors import UsageError
from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.release.manifest import read_release, read_releases
from safelight.records import Status

_OUTPUT_COLUMNS = (
    "study_uid", "series_uid", "sop_uid", "output_uri", "output_sha256", "output_bytes",
    "patient_pseudonym", "processed_at",
)  # fmt: skip

#: Released outputs, those of `instances` or of a recipient; earlier imports by content; objects of
#: a release without a recipient.
_SCHEMA = """
CREATE TABLE outputs (
    study_uid, series_uid, sop_uid, uri PRIMARY KEY, sha256, size, patient, is_withdrawn, moment
) WITHOUT ROWID;
CREATE TABLE imports (
    uri, sha256, is_done, is_failed, attempts, PRIMARY KEY (uri, sha256)
) WITHOUT ROWID;
CREATE TABLE released (sop_uid, sha256, PRIMARY KEY (sop_uid, sha256)) WITHOUT ROWID;
"""

#: The newest row of an output replaces earlier ones.
_ADD_OUTPUT = """
INSERT INTO outputs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (uri) DO UPDATE SET
    study_uid = excluded.study_uid, series_uid = excluded.series_uid, sop_uid = excluded.sop_uid,
    sha256 = excluded.sha256, size = excluded.size, patient = excluded.patient,
    is_withdrawn = excluded.is_withdrawn, moment = excluded.moment
WHERE excluded.moment >= moment
"""

_ADD_IMPORT = """
INSERT INTO imports VALUES (?, ?, ?, ?, ?)
ON CONFLICT (uri, sha256) DO UPDATE SET
    is_done = max(is_done, excluded.is_done), is_failed = max(is_failed, excluded.is_failed),
    attempts = attempts + excluded.attempts
"""

_JOINED = """
SELECT study_uid, series_uid, sop_uid, uri, sha256, size, patient, coalesce(attempts, 0),
    is_withdrawn, released.sop_uid IS NOT NULL, coalesce(is_done, 0), coalesce(is_failed, 0)
FROM outputs LEFT JOIN imports USING (uri, sha256) LEFT JOIN released USING (sop_uid, sha256)
ORDER BY study_uid, series_uid, sop_uid
"""


@dataclass(frozen=True)
class ItemFilter:
    """Conditions on the objects of an import.

    Attributes
    ----------
    datastore_id : str
        ID of the data store.
    rules_hash, namespace : str
        Hash of the rules and namespace; empty for all.
    release : str
        Name of a release; empty for all objects, or for all releases to the recipient.
    recipient : str
        Recipient whose objects are imported; empty for de-identified objects as they are.
    retry_failed, retry_held : bool
        Select objects that failed or were refused before, and those whose instance is held.
    """

    datastore_id: str
    rules_hash: str = ""
    namespace: str = ""
    release: str = ""
    recipient: str = ""
    retry_failed: bool = False
    retry_held: bool = False


@dataclass
class Selection:
    """Objects of an import, and counts of those that it leaves out.

    Attributes
    ----------
    items : ItemQueue
        Objects to import.
    done, failed_before, withdrawn, not_released : int
        Objects that are imported already, that failed before, whose patient was deleted, and that
        are not in the release.
    """

    items: ItemQueue
    done: int = 0
    not_released: int = 0
    failed_before: int = 0
    withdrawn: int = 0


def select_items(tables: Tables, wanted: ItemFilter, database: sqlite3.Connection) -> Selection:
    """Return the de-identified objects that a data store does not hold yet.

    Parameters
    ----------
    tables : Tables
        Tables with ``instances``, ``imports`` and ``image_set_deletions``.
    wanted : ItemFilter
        Conditions on the objects.
    database : sqlite3.Connection
        Empty database for the objects; see
        :func:`jobs.aws.healthimaging.imports.item_queue.open_temporary_database`.

    Returns
    -------
    Selection

    Raises
    ------
    JobError
        If a table cannot be read.
    UsageError
        If an instance exists in several versions, or the release was not made.
    """
    database.executescript(_SCHEMA)
    found = _read_released(tables, wanted) if wanted.recipient else _read_outputs(tables, wanted)
    database.executemany(_ADD_OUTPUT, found)
    database.executemany(_ADD_IMPORT, _read_imports(tables, wanted))
    if wanted.release and not wanted.recipient:
        lines = read_release(tables, wanted.release)
        keys = ((line.sop_uid, line.sha256) for line in lines)
        database.executemany("INSERT OR IGNORE INTO released VALUES (?, ?)", keys)
    selection = Selection(ItemQueue(database))
    withdrawn = read_deleted_patients(tables, wanted.datastore_id) | _read_withdrawn(tables)
    try:
        selection.items.add(_choose(database, wanted, withdrawn, selection))
    except DuplicateInstanceError:
        raise UsageError(
            "an instance exists in several versions; select one by --rules or --namespace"
        ) from None
    return selection


def _choose(
    database: sqlite3.Connection,
    wanted: ItemFilter,
    withdrawn: frozenset[str],
    selection: Selection,
) -> Iterator[ImportItem]:
    """Yield the objects to import, and count the others."""
    every = not wanted.release or bool(wanted.recipient)
    for *values, is_withdrawn, is_released, is_done, is_failed in database.execute(_JOINED):
        item = ImportItem(*values)
        if not (every or is_released):
            selection.not_released += 1
        elif is_withdrawn or item.patient in withdrawn:
            selection.withdrawn += 1
        elif is_done:
            selection.done += 1
        elif is_failed and not wanted.retry_failed:
            selection.failed_before += 1
        else:
            yield item


def read_deleted_patients(tables: Tables, datastore_id: str) -> frozenset[str]:
    """Return the pseudonyms of the patients whose image sets were deleted from a data store.

    Parameters
    ----------
    tables : Tables
        Tables with ``image_set_deletions``.
    datastore_id : str
        ID of the data store.
    """
    condition = ds.field("datastore_id") == datastore_id
    rows = tables.rows("image_set_deletions", ["patient_pseudonym"], condition)
    return frozenset(row["patient_pseudonym"] for row in rows)


def _read_withdrawn(tables: Tables) -> frozenset[str]:
    """Return the pseudonyms of patients who were withdrawn, whatever a later run has written."""
    rows = tables.rows("withdrawals", ["patient_pseudonym"])
    return frozenset(row["patient_pseudonym"] for row in rows)


def _read_released(tables: Tables, wanted: ItemFilter) -> Iterator[tuple[object, ...]]:
    """Yield the objects of one release or all to a recipient; ``instances`` does not have them."""
    if wanted.release:
        lines = read_release(tables, wanted.release, wanted.recipient)
    else:
        lines = read_releases(tables, wanted.recipient)
    for line in lines:
        yield (
            line.study_uid, line.series_uid, line.sop_uid, line.uri, line.sha256, line.size,
            line.patient, line.is_withdrawn, 0.0,
        )  # fmt: skip


def _read_outputs(tables: Tables, wanted: ItemFilter) -> Iterator[tuple[object, ...]]:
    """Yield all rows of outputs."""
    condition = ds.field("status") == Status.DEIDENTIFIED.value
    if wanted.rules_hash:
        condition &= ds.field("rules_hash") == wanted.rules_hash
    if wanted.namespace:
        condition &= ds.field("namespace") == wanted.namespace
    for row in tables.rows("instances", _OUTPUT_COLUMNS, condition):
        *identifiers, uri, sha256, size, patient, moment = (row[name] for name in _OUTPUT_COLUMNS)
        if uri:
            seconds = moment.timestamp() if moment else 0.0
            yield (*identifiers, uri, sha256, int(size or 0), patient, False, seconds)


def _read_imports(tables: Tables, wanted: ItemFilter) -> Iterator[tuple[object, ...]]:
    """Yield for each earlier import whether it is done or failed, and whether it was an attempt."""
    columns = ["output_uri", "output_sha256", "status", "released"]
    condition = ds.field("datastore_id") == wanted.datastore_id
    for row in tables.rows("imports", columns, condition):
        is_done = row["status"] == IMPORTED and (row["released"] or not wanted.retry_held)
        is_failed = row["status"] in (FAILED, REFUSED)
        yield row["output_uri"], row["output_sha256"], is_done, is_failed, not is_done
