"""Withdraw patients: from the tables, the outputs, the releases and all later releases.

The rows in ``withdrawals`` are written first, so that no later release holds these patients even
if the command is killed. The same command then completes it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import JobError, UsageError
from jobs.common.cli.log import log_event
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.rows import WithdrawalRow
from jobs.common.delta.sql_literals import list_conditions, sql_literal
from jobs.common.delta.tables.table_set import Tables
from jobs.common.export.withdrawals.notes import remove_notes
from jobs.common.export.withdrawals.releases import (
    PatientKey,
    ReleasedObject,
    find_released,
    remove_released,
)
from jobs.common.export.withdrawals.request import RequestedPatient
from jobs.common.mapping_store.backoff import MappingStoreError
from jobs.common.mapping_store.dynamodb_table import find_table
from jobs.common.run.failures import describe_failure
from jobs.common.storage.location import Location
from jobs.common.storage.objects import delete_object
from safelight.records import Status
from safelight.version import VERSION

#: Reason code of the objects of withdrawn patients in ``instances``.
WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class WithdrawalPlan:
    """Checked arguments of a withdrawal.

    Attributes
    ----------
    tables, restricted : Location
        Folder of the tables, and folder of the restricted tables.
    namespace : str
        Namespace of the pseudonyms.
    requested : sequence of RequestedPatient
        Patients.
    reason : str
        Reason for the record.
    key_id : str
        ID of the current key.
    key_ids : tuple of str
        IDs of all keys of the pseudonyms.
    mapping_store : str
        Store of the mapping: ``delta`` or ``dynamodb:TABLE``.
    lease_table : str, optional
        DynamoDB table of the lease.
    """

    tables: Location
    restricted: Location
    namespace: str
    requested: Sequence[RequestedPatient]
    reason: str
    key_id: str
    key_ids: tuple[str, ...]
    mapping_store: str = "delta"
    lease_table: Optional[str] = None


class Withdrawal:
    """One withdrawal, without Spark.

    Parameters
    ----------
    plan : WithdrawalPlan
        Checked arguments.
    """

    def __init__(self, plan: WithdrawalPlan):
        self._plan = plan
        self._started = time.time()

    def run(self) -> tuple[str, ...]:
        """Withdraw all patients, print the last line and return their pseudonyms.

        The pseudonyms are those of the first pass and of all recipients.

        Raises
        ------
        UsageError, JobError
            If a table cannot be read or changed.
        """
        plan = self._plan
        with hold_lease(plan.tables, plan.lease_table) as lease:
            elsewhere = {"mapping"} if find_table(plan.mapping_store) else frozenset()
            self._tables = Tables(None, plan.tables, plan.restricted, lease, frozenset(elsewhere))
            self._tables.evolve(["withdrawals"])
            patients, unknown = self._resolve()
            keys = {(plan.namespace, patient) for patient in patients}
            objects = self._read_objects(patients)
            released = find_released(self._tables, keys)
            self._record(patients, objects, released)
            removed = remove_released(self._tables, keys, self._read_withdrawn())
            notes = remove_notes(self._tables, frozenset(patients), WITHDRAWN)
            self._remove_rows(patients, objects)
            pairs = self._remove_pairs(patients)
            for row in objects:
                if row["output_uri"]:
                    delete_object(row["output_uri"])
        if unknown:
            lines = ", ".join(map(str, unknown[:20]))
            log_event(
                "patients_without_objects",
                f"{len(unknown)} patients have no object and no note in this namespace; they are "
                f"left out of later releases all the same (--file, lines {lines})",
                count=len(unknown),
            )
        if notes.left:
            log_event(
                "notes_of_withdrawn_patients",
                f"{notes.left} notes of these patients are in files or tables that were changed "
                "since; remove them there",
                count=notes.left,
            )
        summary = {
            "patients": len(patients),
            "objects": sum(bool(row["output_uri"]) for row in objects),
            "released_objects": removed,
            "notes": notes.removed,
            "notes_left": notes.left,
            "pairs": pairs,
            "patients_without_objects": len(unknown),
            "seconds": round(time.time() - self._started, 3),
        }
        print(json.dumps(summary))
        return tuple(sorted({*patients, *(one.patient for one in released)}))

    def _resolve(self) -> tuple[tuple[str, ...], list[int]]:
        """Return the pseudonyms of all patients, and the lines of those without any output."""
        column, condition = "patient_pseudonym", ds.field("namespace") == self._plan.namespace
        of_objects = self._tables.rows("instances", [column], condition)
        of_notes = self._tables.rows("notes", [column])  # pseudonyms of namespaces never meet
        known = sorted({row[column] for row in (*of_objects, *of_notes) if row[column]})
        patients: set[str] = set()
        answered: set[int] = set()
        for one in self._plan.requested:
            found = one.find(known)
            patients.update(found or [one.pseudonym])
            answered.update([one.line] if found else [])
        lines = {one.line for one in self._plan.requested}
        return tuple(sorted(patients)), sorted(lines - answered)

    def _read_objects(self, patients: Sequence[str]) -> list[dict[str, Any]]:
        """Return the rows of the patients in ``instances``."""
        condition = (ds.field("namespace") == self._plan.namespace) & ds.field(
            "patient_pseudonym"
        ).isin(list(patients))
        columns = ["patient_pseudonym", "sop_uid", "output_uri"]
        return list(self._tables.rows("instances", columns, condition))

    def _record(
        self,
        patients: Sequence[str],
        objects: Sequence[dict[str, Any]],
        released: Sequence[ReleasedObject],
    ) -> None:
        """Add a row for each patient that was not withdrawn before."""
        condition = ds.field("namespace") == self._plan.namespace
        rows = self._tables.rows("withdrawals", ["patient_pseudonym"], condition)
        before = {row["patient_pseudonym"] for row in rows}
        new = [
            WithdrawalRow(
                namespace=self._plan.namespace,
                patient_pseudonym=patient,
                reason=self._plan.reason,
                withdrawn_at=datetime.now(timezone.utc),
                objects=sum(row["patient_pseudonym"] == patient for row in objects),
                releases=sorted({one.label for one in released if one.original == patient}),
                key_id=self._plan.key_id,
                software_version=VERSION,
            )
            for patient in patients
            if patient not in before
        ]
        if new:
            self._tables.append_rows(new)

    def _read_withdrawn(self) -> dict[PatientKey, str]:
        """Return the day of the withdrawal of all patients who were ever withdrawn."""
        columns = ["namespace", "patient_pseudonym", "withdrawn_at"]
        return {
            (row["namespace"], row["patient_pseudonym"]): row["withdrawn_at"].date().isoformat()
            for row in self._tables.rows("withdrawals", columns)
        }

    def _remove_rows(self, patients: Sequence[str], objects: Sequence[dict[str, Any]]) -> None:
        """Delete the rows of the patients; their sources stay, so that no run repeats them."""
        tables = self._tables
        sop_uids = [row["sop_uid"] for row in objects if row["sop_uid"]]
        for table in ("catalog", "audit", "findings"):
            if tables.exists(table):
                for condition in list_conditions("sop_uid", sop_uids):
                    tables.delete(table, condition)
        namespace = f"namespace = {sql_literal(self._plan.namespace)}"
        for condition in list_conditions("patient_pseudonym", patients):
            if tables.exists("instances"):
                tables.check_lease()
                tables.folder("instances").update(
                    f"{namespace} AND {condition}",
                    {
                        "status": sql_literal(Status.FILTERED.value),
                        "reason_code": sql_literal(WITHDRAWN),
                        "reason": sql_literal("the patient was withdrawn"),
                        "output_uri": "NULL",
                    },
                )

    def _remove_pairs(self, patients: Sequence[str]) -> int:
        """Delete the pairs of the patients from the mapping, and return their number."""
        table = find_table(self._plan.mapping_store)
        if table is None:
            return self._remove_mapping_rows(patients)
        try:
            return sum(
                table.delete_patient(self._plan.namespace, key_id, patient)
                for key_id in self._plan.key_ids
                for patient in patients
            )
        except MappingStoreError as error:
            raise JobError(describe_failure(error, "the mapping still has the patients")) from None

    def _remove_mapping_rows(self, patients: Sequence[str]) -> int:
        if not self._tables.exists("mapping"):
            return 0
        namespace = f"namespace = {sql_literal(self._plan.namespace)}"
        return sum(
            self._tables.delete("mapping", f"{namespace} AND {condition}")
            for condition in list_conditions("patient_pseudonym", patients)
        )


def check_reason(reason: str) -> str:
    """Return the reason of a withdrawal.

    Raises
    ------
    UsageError
        If it is empty or too long for the record.
    """
    reason = reason.strip()
    if not 1 <= len(reason) <= 200:
        raise UsageError("--reason must have 1 to 200 characters")
    return reason
