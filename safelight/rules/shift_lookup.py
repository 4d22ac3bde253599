"""Find the date shift of a patient in a lookup table, as ``dates: {lookup: …}`` says."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import TypeAlias

from safelight.pseudonyms import is_usable_shift
from safelight.records import Reason, Refusal
from safelight.rules.lookups import LookupRows, LookupTable, normalize_key
from safelight.rules.model import RuleSet

#: Returns the days of a patient by its identity; None derives them from the key.
ShiftFinder: TypeAlias = Callable[[str], int | None]

#: Patient ID and issuer in an identity, and the words before it in one without a Patient ID.
_SEPARATOR = "\x1f"
_DAYS = re.compile(r"[+-]?\d{1,6}")


def make_shift_finder(rules: RuleSet, rows: Mapping[str, LookupRows]) -> ShiftFinder | None:
    """Return a function that finds date shifts; None if the rules take none from a table.

    Parameters
    ----------
    rules : RuleSet
    rows : mapping of str to LookupRows
        Rows by the name of the table. PHI.
    """
    if rules.date_lookup is None:
        return None
    parameters = rules.date_lookup
    table = next(one for one in rules.lookups if one.name == parameters.table)
    days = {_fold(key): row.get(parameters.column, "") for key, row in rows[table.name].items()}

    def find(identity: str) -> int | None:
        # Identities are in upper case, except those of objects and records without a Patient ID.
        first, separator, _ = identity.partition(_SEPARATOR)
        has_patient_id = bool(first) and not (separator and first != first.upper())
        text = days.get(_fold(first), "") if has_patient_id else ""
        if not text and table.missing == "derive":
            return None
        if not _DAYS.fullmatch(text) or not is_usable_shift(int(text)):
            raise _make_refusal(table, parameters.column)
        return int(text)

    return find


def _fold(patient_id: str) -> str:
    """Return a Patient ID as identities and keys of tables are compared."""
    return normalize_key(unicodedata.normalize("NFKC", patient_id))


def _make_refusal(table: LookupTable, column: str) -> Refusal:
    return Refusal(
        Reason.LOOKUP_MISSING,
        f"the lookup table {table.name} has no usable {column} for the patient; add a whole number "
        "of days other than 0 and the multiples of a year",
    )
