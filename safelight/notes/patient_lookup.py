"""Replace Patient IDs in notes by a lookup table, as the rules do in images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Optional

from safelight.dicom.tags import PATIENT_ID
from safelight.records import Reason, Refusal
from safelight.rules import Operation, RuleSet
from safelight.rules.lookups import LookupRows, LookupTable, normalize_key
from safelight.rules.parsing.settings import PATIENT_ID_REFERENCES
from safelight.rules.references import THIS

#: References of ``match`` that name the Patient ID, in an entry for it.
_PATIENT_ID_REFERENCES = (THIS, *PATIENT_ID_REFERENCES)


@dataclass(frozen=True)
class PatientIdLookup:
    """Lookup table for Patient IDs. HOLDS PHI.

    Attributes
    ----------
    table : LookupTable
    column : str
    rows : mapping
        Rows by the normalized Patient ID.
    """

    table: LookupTable
    column: str
    rows: LookupRows

    def replace(self, patient_id: str, pseudonym: str) -> Optional[str]:
        """Return the new value of a Patient ID; None to remove it.

        Parameters
        ----------
        patient_id : str
            The original. PHI.
        pseudonym : str
            Keyed pseudonym of the patient, for ``missing: derive``.

        Raises
        ------
        Refusal
            ``LOOKUP_MISSING`` if the table has no value, and the rules quarantine such records.
        """
        value = self.rows.get(normalize_key(patient_id), {}).get(self.column) or None
        if value is None and self.table.missing == "quarantine":
            raise Refusal(
                Reason.LOOKUP_MISSING,
                f"the lookup table {self.table.name} has no {self.column} for the patient of this "
                "record; add a row, or let the rules say another action for missing rows",
            )
        if value is not None:
            return value
        missing = {"derive": pseudonym, "keep": patient_id, "default": self.table.default}
        return missing.get(self.table.missing)


def make_patient_id_lookup(
    rules: RuleSet, rows: Mapping[str, LookupRows]
) -> Optional[PatientIdLookup]:
    """Return the lookup table that the rules use for the Patient ID; None if they use none.

    Parameters
    ----------
    rules : RuleSet
        A rule under a condition does not count, because notes have no elements to compare.
    rows : mapping of str to LookupRows
        Rows by the name of the table. PHI.
    """
    entry = next((one for one in rules.elements if one.selects((), PATIENT_ID, "LO")), None)
    if entry is None or entry.condition is not None or entry.operation is not Operation.LOOKUP:
        return None
    parameters = entry.parameters
    name = parameters.table if parameters is not None else ""
    table = next((one for one in rules.lookups if one.name == name), None)
    if parameters is None or table is None or table.match not in _PATIENT_ID_REFERENCES:
        return None
    return PatientIdLookup(table, parameters.column, rows[table.name])
