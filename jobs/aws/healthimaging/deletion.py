"""Delete the image sets of withdrawn patients, with all their versions, and record it.

HealthImaging cannot delete by patient. The image sets of a patient are therefore searched, primary
and not, and deleted one by one within the rate of DeleteImageSet, 0.25 a second (page "AWS
HealthImaging throttling limits"): 10,000 image sets take 11 hours. The table
``image_set_deletions`` is the queue: each image set has a row ``requested`` before it is deleted
and a row ``deleted`` after the data store has confirmed it. The same command resumes. Before the
first deletion, the rows of these patients in ``imports`` are set to ``released = false``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Optional

import pyarrow.dataset as ds

from jobs.aws.healthimaging.imports.plan import check_datastore_id
from jobs.aws.healthimaging.service import DataStoreClient, ServiceError
from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.exit_codes import ExitCode
from jobs.common.cli.log import log_event
from jobs.common.delta.lease import Lease, hold_lease
from jobs.common.delta.rows import ImageSetDeletionRow, ImportRow
from jobs.common.delta.tables.table_set import Tables
from jobs.common.run.preflight import require_tables
from jobs.common.storage.location import Location
from jobs.common.storage.objects import read_text
from safelight.version import VERSION

#: Values of ``state`` in ``image_set_deletions``.
REQUESTED, DELETED = "requested", "deleted"

#: Row of a patient without an image set: the patient is kept out of later imports all the same.
_NO_IMAGE_SET = ""

#: Image sets whose deletion is confirmed in one commit.
_RECORD_EVERY = 50

#: Waits for the end of a deletion, which the service performs in the background.
_CONFIRM_WAITS_SECONDS = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0)

#: Waits between the attempts to change `imports`.
_UPDATE_WAITS_SECONDS = (0.5, 2.0, 5.0)

_MAX_REASON_CHARACTERS = 200


@dataclass(frozen=True)
class DeletionPlan:
    """Checked arguments of a deletion.

    Attributes
    ----------
    tables : Location
        Folder of the Delta tables.
    datastore_id : str
        ID of the data store.
    patients : tuple of str
        Pseudonyms of the patients; may be empty to resume an earlier deletion.
    reason : str
        Reason for the record.
    region, lease_table : str, optional
        Region of the data store, and DynamoDB table of the lease.
    """

    tables: Location
    datastore_id: str
    patients: tuple[str, ...]
    reason: str
    region: Optional[str] = None
    lease_table: Optional[str] = None


def plan_deletion(given: argparse.Namespace) -> DeletionPlan:
    """Check the arguments of a deletion.

    Raises
    ------
    UsageError, JobError
        If an argument is wrong, or a file cannot be read.
    """
    datastore_id = check_datastore_id(given.datastore)
    patients = list(given.patient)
    if given.patients:
        patients += [line.strip() for line in read_text(given.patients).splitlines()]
    patients = sorted({one for one in patients if one})
    if not patients:
        raise UsageError("give pseudonyms of patients by --patient or --patients")
    reason = given.reason.strip()
    if not 1 <= len(reason) <= _MAX_REASON_CHARACTERS:
        raise UsageError(f"--reason must have 1 to {_MAX_REASON_CHARACTERS} characters")
    tables = require_tables(given.tables, "instances", "imports")
    return DeletionPlan(tables, datastore_id, tuple(patients), reason, given.region, given.lease)


class Deletion:
    """One deletion.

    Parameters
    ----------
    plan : DeletionPlan
        Checked arguments.
    sleep : callable, optional
        Waits for a number of seconds.
    """

    def __init__(self, plan: DeletionPlan, sleep: Callable[[float], None] = time.sleep):
        self._plan = plan
        self._sleep = sleep
        self._started = time.time()

    def run(self) -> int:
        """Delete all image sets of the patients, and print the last line.

        Raises
        ------
        JobError
            If an image set cannot be deleted.
        """
        plan = self._plan
        self._client = DataStoreClient(plan.datastore_id, plan.region, self._sleep)
        self._client.require_active()
        folder = plan.tables.child(ImageSetDeletionRow.table)
        with hold_lease(folder, plan.lease_table) as lease:
            self._tables = Tables(None, plan.tables, lease=Lease(lease.check))
            self._tables.evolve([ImageSetDeletionRow.table])
            queue = self._fill_queue()
            log_event(
                "image_sets_queued",
                f"{len(queue)} image sets are to be deleted, 0.25 a second by default",
                objects=len(queue),
            )
            for begin in range(0, len(queue), _RECORD_EVERY):
                self._delete(queue[begin : begin + _RECORD_EVERY])
            left = self._count_left()
        summary = {
            "patients": len(plan.patients),
            "deleted": len(queue),
            "left": left,
            "seconds": round(time.time() - self._started, 3),
        }
        print(json.dumps(summary))
        if left:
            raise JobError(
                f"the data store still finds {left} image sets of these patients; run the same "
                "command again"
            )
        return ExitCode.DONE

    def _fill_queue(self) -> list[ImageSetDeletionRow]:
        """Record and return the image sets to delete, also those of an interrupted deletion."""
        queued, done = self._read_queue()
        new: list[ImageSetDeletionRow] = []
        for patient in self._plan.patients:
            found = [one.id for one in self._client.search("DICOMPatientId", patient)]
            known = {one for of_patient, one in queued if of_patient == patient}
            for image_set_id in found or ([] if known else [_NO_IMAGE_SET]):
                if image_set_id not in known:
                    versions = self._client.count_versions(image_set_id) if image_set_id else 0
                    new.append(self._make_row(patient, image_set_id, versions, REQUESTED))
        if new:
            self._tables.append_rows(new)
        self._withdraw_releases()
        rows = [*queued.values(), *new]
        return [row for row in rows if row.image_set_id and row.image_set_id not in done]

    def _withdraw_releases(self) -> None:
        """Let the rows of the patients in ``imports`` say that their instances are not released.

        An import may append rows at the same time, which can refuse the change of a table.

        Raises
        ------
        JobError
            If the table cannot be changed.
        """
        condition = (ds.field("datastore_id") == self._plan.datastore_id) & ds.field("released")
        rows = self._tables.rows(ImportRow.table, ["patient_pseudonym"], condition)
        released = {row["patient_pseudonym"] for row in rows}
        for patient in sorted(released.intersection(self._plan.patients)):
            key = {"datastore_id": self._plan.datastore_id, "patient_pseudonym": patient}
            for wait in (*_UPDATE_WAITS_SECONDS, None):
                try:
                    self._tables.update(ImportRow.table, key, {"released": False})
                    break
                except JobError:
                    if wait is None:
                        raise
                    self._sleep(wait)

    def _read_queue(self) -> tuple[dict[tuple[str, str], ImageSetDeletionRow], set[str]]:
        """Return the requested image sets of all patients, and those that are deleted."""
        queued: dict[tuple[str, str], ImageSetDeletionRow] = {}
        done: set[str] = set()
        columns = ["patient_pseudonym", "image_set_id", "versions", "state"]
        condition = ds.field("datastore_id") == self._plan.datastore_id
        for row in self._tables.rows(ImageSetDeletionRow.table, columns, condition):
            patient, image_set_id = row["patient_pseudonym"], row["image_set_id"]
            if row["state"] == DELETED:
                done.add(image_set_id)
            else:
                queued[patient, image_set_id] = self._make_row(
                    patient, image_set_id, row["versions"], REQUESTED
                )
        return queued, done

    def _delete(self, rows: Sequence[ImageSetDeletionRow]) -> None:
        """Delete image sets, wait until the data store confirms it, and record it."""
        for row in rows:
            self._request_deletion(row.image_set_id)
        for row in rows:
            self._confirm(row.image_set_id)
        self._tables.append_rows(
            [
                self._make_row(row.patient_pseudonym, row.image_set_id, row.versions, DELETED)
                for row in rows
            ]
        )
        log_event("image_sets_deleted", f"{len(rows)} image sets are deleted", objects=len(rows))

    def _request_deletion(self, image_set_id: str) -> None:
        if self._client.image_set_state(image_set_id) == "ACTIVE":
            self._client.delete_image_set(image_set_id)

    def _confirm(self, image_set_id: str) -> None:
        for wait in (*_CONFIRM_WAITS_SECONDS, None):
            if self._client.image_set_state(image_set_id) == DELETED.upper():
                return
            if wait is None:
                break
            self._sleep(wait)
        raise ServiceError(
            "the data store has not deleted an image set yet; run the same command again",
            "DeletionPending",
        )

    def _count_left(self) -> int:
        """Return the number of image sets that the data store still finds."""
        states: Iterable[str] = (
            self._client.image_set_state(found.id)
            for patient in self._plan.patients
            for found in self._client.search("DICOMPatientId", patient)
        )
        return sum(state != DELETED.upper() for state in states)

    def _make_row(
        self, patient: str, image_set_id: str, versions: int, state: str
    ) -> ImageSetDeletionRow:
        return ImageSetDeletionRow(
            datastore_id=self._plan.datastore_id,
            patient_pseudonym=patient,
            image_set_id=image_set_id,
            versions=versions,
            state=state,
            reason=self._plan.reason,
            recorded_at=datetime.now(timezone.utc),
            software_version=VERSION,
        )
