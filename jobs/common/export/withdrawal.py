"""Withdraw patients: from the tables, the outputs, the releases and all later releases.

The rows in ``withdrawals`` are written first, so that no later release holds these patients even
if the command is killed. The same command then does what is left.
"""

from __future__ import annotations

import csv
import io
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Optional

import pyarrow.dataset as ds

from jobs.common.cli.errors import UsageError
from jobs.common.cli.log import log_event
from jobs.common.delta.lease import hold_lease
from jobs.common.delta.rows import WithdrawalRow
from jobs.common.delta.sql_literals import sql_literal
from jobs.common.delta.table import DeltaFolder
from jobs.common.delta.table_set import Tables
from jobs.common.export.withdrawal_request import RequestedPatient
from jobs.common.storage.location import Location, parse_uri
from jobs.common.storage.objects import delete_object, write_text
from safelight.records import Status
from safelight.version import VERSION

#: Reason code of the objects of withdrawn patients in ``instances``.
WITHDRAWN = "withdrawn"

#: File in the folder of a recipient that lists what the recipient has to delete.
WITHDRAWN_NAME = "withdrawn.csv"

_WITHDRAWN_COLUMNS = ("release", "patient_pseudonym", "sop_uid", "path", "withdrawn_at")
_ROWS_PER_CHANGE = 1000


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
    lease_table : str, optional
        DynamoDB table of the lease.
    """

    tables: Location
    restricted: Location
    namespace: str
    requested: Sequence[RequestedPatient]
    reason: str
    key_id: str
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

        Raises
        ------
        UsageError, JobError
            If a table cannot be read or changed.
        """
        plan = self._plan
        with hold_lease(plan.tables, plan.lease_table) as lease:
            self._tables = Tables(_start_no_session, plan.tables, plan.restricted, lease)
            self._tables.evolve(["withdrawals"])
            patients, unknown = self._resolve()
            objects = self._read_objects(patients)
            released = self._read_released(patients)
            self._record(patients, objects, released)
            removed = self._remove_released(released)
            self._remove_rows(patients, objects)
            for row in objects:
                if row["output_uri"]:
                    delete_object(row["output_uri"])
        if unknown:
            log_event(
                "patients_without_objects",
                f"{len(unknown)} patients have no object in this namespace; they are left out of "
                f"later releases all the same (--file, lines {', '.join(map(str, unknown[:20]))})",
                count=len(unknown),
            )
        self._report_notes(patients)
        summary = {
            "patients": len(patients),
            "objects": sum(bool(row["output_uri"]) for row in objects),
            "released_objects": removed,
            "patients_without_objects": len(unknown),
            "seconds": round(time.time() - self._started, 3),
        }
        print(json.dumps(summary))
        return patients

    def _resolve(self) -> tuple[tuple[str, ...], list[int]]:
        """Return the pseudonyms of all patients, and the lines of those without an object."""
        condition = ds.field("namespace") == self._plan.namespace
        rows = self._tables.rows("instances", ["patient_pseudonym"], condition)
        known = sorted({row["patient_pseudonym"] for row in rows if row["patient_pseudonym"]})
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

    def _read_released(self, patients: Sequence[str]) -> list[dict[str, Any]]:
        """Return the objects of the patients in releases to recipients."""
        condition = (ds.field("namespace") == self._plan.namespace) & ds.field(
            "patient_pseudonym"
        ).isin(list(patients))
        columns = [
            "release", "recipient", "patient_pseudonym", "released_patient", "released_sop_uid",
            "released_path",
        ]  # fmt: skip
        return list(self._tables.rows("release_objects", columns, condition))

    def _record(
        self,
        patients: Sequence[str],
        objects: Sequence[dict[str, Any]],
        released: Sequence[dict[str, Any]],
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
                releases=sorted(
                    {
                        f"{row['recipient']}/{row['release']}"
                        for row in released
                        if row["patient_pseudonym"] == patient
                    }
                ),
                key_id=self._plan.key_id,
                software_version=VERSION,
            )
            for patient in patients
            if patient not in before
        ]
        if new:
            self._tables.append_rows(new)

    def _remove_released(self, released: Sequence[dict[str, Any]]) -> int:
        """Delete the released objects, and list them for each recipient."""
        folders = self._read_release_folders()
        removed = 0
        by_folder: dict[str, list[dict[str, Any]]] = {}
        for row in released:
            uri = folders.get((row["recipient"], row["release"]))
            if uri is None:
                continue  # the release was not completed
            delete_object(parse_uri(uri).child(row["released_path"]).uri)
            by_folder.setdefault(uri.rstrip("/").rsplit("/", 1)[0], []).append(row)
            removed += 1
        for uri, rows in by_folder.items():
            self._update_recipient(parse_uri(uri), rows)
        return removed

    def _read_release_folders(self) -> dict[tuple[str, str], str]:
        """Return the folder of each release to a recipient."""
        rows = self._tables.rows("releases", ["release", "recipient", "parameters"])
        return {
            (row["recipient"], row["release"]): dict(row["parameters"])["output"]
            for row in rows
            if row["recipient"]
        }

    def _update_recipient(self, folder: Location, rows: Sequence[dict[str, Any]]) -> None:
        """Remove patients from the catalog of a recipient, and list their objects."""
        catalog = DeltaFolder(folder.child("catalog"))
        if catalog.exists:
            for condition in _conditions("sop_uid", [row["released_sop_uid"] for row in rows]):
                catalog.delete_rows(condition)
        recipient = rows[0]["recipient"]
        withdrawn = self._list_withdrawn(recipient)
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(_WITHDRAWN_COLUMNS)
        writer.writerows(withdrawn)
        write_text(folder.child(WITHDRAWN_NAME), text.getvalue())

    def _list_withdrawn(self, recipient: str) -> list[tuple[str, ...]]:
        """Return a line for each object of a recipient whose patient was ever withdrawn."""
        columns = ["namespace", "patient_pseudonym", "withdrawn_at"]
        withdrawn = {
            (row["namespace"], row["patient_pseudonym"]): row["withdrawn_at"].date().isoformat()
            for row in self._tables.rows("withdrawals", columns)
        }
        columns = [
            "release", "namespace", "patient_pseudonym", "released_patient", "released_sop_uid",
            "released_path",
        ]  # fmt: skip
        rows = self._tables.rows("release_objects", columns, ds.field("recipient") == recipient)
        return sorted(
            (
                row["release"], row["released_patient"], row["released_sop_uid"],
                row["released_path"], withdrawn[row["namespace"], row["patient_pseudonym"]],
            )
            for row in rows
            if (row["namespace"], row["patient_pseudonym"]) in withdrawn
        )  # fmt: skip

    def _remove_rows(self, patients: Sequence[str], objects: Sequence[dict[str, Any]]) -> None:
        """Delete the rows of the patients; their sources stay, so that no run repeats them."""
        tables = self._tables
        sop_uids = [row["sop_uid"] for row in objects if row["sop_uid"]]
        for table in ("catalog", "audit", "findings"):
            if tables.exists(table):
                for condition in _conditions("sop_uid", sop_uids):
                    tables.delete(table, condition)
        namespace = f"namespace = {sql_literal(self._plan.namespace)}"
        for condition in _conditions("patient_pseudonym", patients):
            if tables.exists("mapping"):
                tables.delete("mapping", f"{namespace} AND {condition}")
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

    def _report_notes(self, patients: Sequence[str]) -> None:
        """Report notes of the patients, which share files with notes of other patients."""
        if not self._tables.exists("notes"):
            return
        condition = ds.field("patient_pseudonym").isin(list(patients))
        notes = sum(1 for _ in self._tables.rows("notes", ["patient_pseudonym"], condition))
        if notes:
            log_event(
                "notes_of_withdrawn_patients",
                f"{notes} notes of these patients are in files with notes of other patients; "
                "remove them from the source, and de-identify these files again",
                count=notes,
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


def _conditions(column: str, values: Sequence[str]) -> Iterator[str]:
    """Yield SQL conditions that each name a part of the values of a column."""
    ordered = sorted(set(values))
    for begin in range(0, len(ordered), _ROWS_PER_CHANGE):
        quoted = ", ".join(map(sql_literal, ordered[begin : begin + _ROWS_PER_CHANGE]))
        yield f"{column} IN ({quoted})"


def _start_no_session() -> Any:
    raise AssertionError("a withdrawal needs no Spark")
