"""Select the de-identified objects that a data store does not hold yet."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timezone
from typing import Any, Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import UsageError
from jobs.common.delta.table_set import Tables
from jobs.common.export.release_manifest import read_release, read_releases
from safelight.records import Status

#: Values of ``status`` in ``imports``.
IMPORTED, FAILED, REFUSED, UNLISTED = "imported", "failed", "refused", "unlisted"

_COLUMNS = (
    "output_uri", "output_sha256", "output_bytes", "patient_pseudonym", "study_uid", "series_uid",
    "sop_uid", "processed_at",
)  # fmt: skip

#: URI and SHA-256 of an output.
_Output = tuple[str, str]

_EARLIEST = datetime.min.replace(tzinfo=timezone.utc)


@dataclass(frozen=True, order=True, slots=True)
class ImportItem:
    """One de-identified object, as ``instances`` records it.

    Attributes
    ----------
    study_uid, series_uid, sop_uid : str
        New UIDs.
    uri : str
        URI of the output.
    sha256 : str
        Hexadecimal SHA-256.
    size : int
        Bytes.
    patient : str
        Pseudonym of the patient.
    attempts : int
        Earlier imports of the same bytes that failed, or whose instance is held.
    is_withdrawn : bool
        Whether the object was deleted from its release, because its patient was withdrawn.
    """

    study_uid: str
    series_uid: str
    sop_uid: str
    uri: str
    sha256: str
    size: int
    patient: str
    attempts: int = 0
    is_withdrawn: bool = False

    @property
    def file_name(self) -> str:
        """Name of the file in the input of an import job."""
        return f"{self.sop_uid}.dcm"


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
    items : list of ImportItem
        Objects to import, in the order of their UIDs.
    done, failed_before, withdrawn, not_released : int
        Objects that are imported already, that failed before, whose patient was deleted, and that
        are not in the release.
    """

    items: list[ImportItem] = field(default_factory=list)
    done: int = 0
    not_released: int = 0
    failed_before: int = 0
    withdrawn: int = 0


def select_items(tables: Tables, wanted: ItemFilter) -> Selection:
    """Return the de-identified objects that a data store does not hold yet.

    Parameters
    ----------
    tables : Tables
        Tables with ``instances``, ``imports`` and ``image_set_deletions``.
    wanted : ItemFilter
        Conditions on the objects.

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
    if wanted.recipient:
        found, released = _read_released(tables, wanted), None
    else:
        found, released = _read_outputs(tables, wanted), _read_plain_release(tables, wanted)
    imported, attempts, is_failed = _read_imports(tables, wanted)
    withdrawn = read_deleted_patients(tables, wanted.datastore_id) | _read_withdrawn(tables)
    selection = Selection()
    by_uid: dict[str, ImportItem] = {}
    for item in found:
        key = (item.uri, item.sha256)
        if released is not None and (item.sop_uid, item.sha256) not in released:
            selection.not_released += 1
        elif item.patient in withdrawn or item.is_withdrawn:
            selection.withdrawn += 1
        elif key in imported:
            selection.done += 1
        elif key in is_failed and not wanted.retry_failed:
            selection.failed_before += 1
        else:
            again = replace(item, attempts=attempts[key]) if attempts[key] else item
            if by_uid.setdefault(item.sop_uid, again) != again:
                raise UsageError(
                    "an instance exists in several versions; select one by --rules or --namespace"
                )
    selection.items = sorted(by_uid.values())
    return selection


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


def _read_plain_release(tables: Tables, wanted: ItemFilter) -> Optional[frozenset[_Output]]:
    """Return the SOP Instance UID and SHA-256 of the objects of a release; None for all objects."""
    if not wanted.release:
        return None
    lines = read_release(tables, wanted.release)
    return frozenset((line.sop_uid, line.sha256) for line in lines)


def _read_released(tables: Tables, wanted: ItemFilter) -> list[ImportItem]:
    """Return the objects of one release or all to a recipient; ``instances`` does not have them."""
    if wanted.release:
        lines = read_release(tables, wanted.release, wanted.recipient)
    else:
        lines = read_releases(tables, wanted.recipient)
    return [
        ImportItem(
            study_uid=sys.intern(line.study_uid),
            series_uid=sys.intern(line.series_uid),
            sop_uid=line.sop_uid,
            uri=line.uri,
            sha256=line.sha256,
            size=line.size,
            patient=sys.intern(line.patient),
            is_withdrawn=line.is_withdrawn,
        )
        for line in lines
    ]


def _read_outputs(tables: Tables, wanted: ItemFilter) -> list[ImportItem]:
    """Return the object of the newest row of each output."""
    condition = ds.field("status") == Status.DEIDENTIFIED.value
    if wanted.rules_hash:
        condition &= ds.field("rules_hash") == wanted.rules_hash
    if wanted.namespace:
        condition &= ds.field("namespace") == wanted.namespace
    newest: dict[str, tuple[datetime, ImportItem]] = {}
    for row in tables.rows("instances", _COLUMNS, condition):
        uri, moment = row["output_uri"], row["processed_at"] or _EARLIEST
        before = newest.get(uri)
        if uri and (before is None or moment >= before[0]):
            newest[uri] = (moment, _make_item(row))
    return [item for _, item in newest.values()]


def _read_imports(
    tables: Tables, wanted: ItemFilter
) -> tuple[set[_Output], Counter[_Output], set[_Output]]:
    """Return the outputs that need no import, the attempts of others, and those that failed."""
    imported: set[_Output] = set()
    failed: set[_Output] = set()
    attempts: Counter[_Output] = Counter()
    columns = ["output_uri", "output_sha256", "status", "released"]
    condition = ds.field("datastore_id") == wanted.datastore_id
    for row in tables.rows("imports", columns, condition):
        key = (row["output_uri"], row["output_sha256"])
        if row["status"] == IMPORTED and (row["released"] or not wanted.retry_held):
            imported.add(key)
            continue
        attempts[key] += 1
        if row["status"] in (FAILED, REFUSED):
            failed.add(key)
    return imported, attempts, failed


def _make_item(row: Mapping[str, Any]) -> ImportItem:
    return ImportItem(
        # Many objects share these: one copy of each saves memory.
        study_uid=sys.intern(row["study_uid"]),
        series_uid=sys.intern(row["series_uid"]),
        sop_uid=row["sop_uid"],
        uri=row["output_uri"],
        sha256=row["output_sha256"],
        size=int(row["output_bytes"] or 0),
        patient=sys.intern(row["patient_pseudonym"]),
    )


def count_bytes(items: Iterable[ImportItem]) -> int:
    """Return the bytes of all items."""
    return sum(item.size for item in items)
