"""Read the patients of a withdrawal from a CSV file."""

from __future__ import annotations

import csv
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from jobs.common.cli.errors import UsageError
from safelight.headers.patient_identity import make_patient_identity
from safelight.pseudonyms import Pseudonyms

#: Columns of the file: an original Patient ID with its issuer, or a pseudonym.
PATIENT_ID, ISSUER, PSEUDONYM = "patient_id", "issuer", "pseudonym"


@dataclass(frozen=True)
class RequestedPatient:
    """One patient of the file, without the original Patient ID.

    Attributes
    ----------
    line : int
        Line of the file.
    pseudonym : str
        Pseudonym; that of an original Patient ID lacks the prefix of the rules.
    is_derived : bool
        Whether the pseudonym was derived from an original Patient ID.
    """

    line: int
    pseudonym: str
    is_derived: bool

    def find(self, known: Iterable[str]) -> list[str]:
        """Return the known pseudonyms of this patient, with any prefix if it was derived."""
        if not self.is_derived:
            return [one for one in known if one == self.pseudonym]
        return [one for one in known if one.endswith(self.pseudonym)]


def read_request(text: str, names: Collection[Pseudonyms]) -> list[RequestedPatient]:
    """Return the patients of a CSV file.

    Parameters
    ----------
    text : str
        Content of the file. Its header names the column ``patient_id``, and ``issuer`` if one
        distinguishes patients, or the column ``pseudonym``.
    names : collection of Pseudonyms
        Pseudonyms of each key of the key ring.

    Raises
    ------
    UsageError
        If the file has no such column, or no patient.
    """
    lines = csv.DictReader(text.splitlines())
    columns = {name.strip().lower(): name for name in lines.fieldnames or ()}
    if PATIENT_ID not in columns and PSEUDONYM not in columns:
        raise UsageError(
            f"--file has neither a column `{PATIENT_ID}` nor `{PSEUDONYM}`; add a header"
        )
    found: list[RequestedPatient] = []
    for row in lines:
        values = {key: (row.get(name) or "").strip() for key, name in columns.items()}
        if values.get(PSEUDONYM):
            found.append(RequestedPatient(lines.line_num, values[PSEUDONYM], False))
        elif values.get(PATIENT_ID):
            identity = make_patient_identity(values[PATIENT_ID], values.get(ISSUER, ""))
            found += [
                RequestedPatient(lines.line_num, one.patient(identity).pseudonym, True)
                for one in names
            ]
    if not found:
        raise UsageError("--file names no patient; add one a line")
    return found
