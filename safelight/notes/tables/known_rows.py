"""Read the rows of a table of known values (option ``--known``)."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from typing import Any, Optional

from safelight.notes.field_actions import FieldOp, FieldRule
from safelight.notes.models import EVERYONE, PatientFacts
from safelight.notes.options import NotesOptions
from safelight.notes.tables.columns import load_column_rules
from safelight.text.dates.parsing import parse_date_text
from safelight.text.known.known_phi import KnownValue

#: Actions of columns that do not identify a person.
_NOT_IDENTIFYING_OPS = frozenset(
    {
        FieldOp.KEEP,
        FieldOp.WORD,
        FieldOp.TEXT,
        FieldOp.AGE,
        FieldOp.NUMBER,
        FieldOp.ISSUER,
        FieldOp.NOTE_ID,
    }
)
_SEPARATORS = re.compile(r"\s*[;|\n]\s*")


def read_known_values(row: dict[str, Any], options: NotesOptions) -> Optional[PatientFacts]:
    """Return the patient of a row and the values known of that patient.

    The entity of a value is that of its column in ``conf/notes/columns.yaml``; in other columns
    it depends on the value. A value may be a list separated by ``;``, ``|`` or line ends.

    Parameters
    ----------
    row : dict
        Values by column.
    options : NotesOptions

    Returns
    -------
    PatientFacts or None
        ``None`` if the row does not name a patient. Without an identity if the patient ID is
        ``*``: the values, such as the names of clinicians, are known of all patients.
    """
    table = load_column_rules()
    names = list(row)
    patient_column = options.patient_column if options.patient_column in row else None
    patient_column = patient_column or table.first(FieldOp.PATIENT_ID, names)
    issuer_column = table.first(FieldOp.ISSUER, names)
    patient_id = _as_text(row, patient_column)
    if not patient_id:
        return None
    known: list[KnownValue] = []
    for name, value in row.items():
        rule = table.rule(name)
        if name in (issuer_column, patient_column) or not _is_identifying(rule):
            continue
        for text in _texts_in(value):
            entity, kind = _entity_of(rule, text)
            known.append(KnownValue(entity, text, kind))
    if patient_id == EVERYONE:
        return PatientFacts("", tuple(known))
    return PatientFacts(options.identity(patient_id, _as_text(row, issuer_column)), tuple(known))


def _as_text(row: dict[str, Any], column: Optional[str]) -> str:
    return str(row.get(column or "") or "").strip()


def _is_identifying(rule: Optional[FieldRule]) -> bool:
    return rule is None or rule.op not in _NOT_IDENTIFYING_OPS


def _texts_in(value: Any) -> Iterator[str]:
    """Return the texts in a value; none in booleans and bytes."""
    if value is None or isinstance(value, (bool, bytes)):
        return
    for one in value if isinstance(value, (list, tuple)) else [value]:
        text = one.isoformat() if isinstance(one, datetime.date) else str(one)
        yield from filter(None, _SEPARATORS.split(text.strip()))


def _entity_of(rule: Optional[FieldRule], text: str) -> tuple[str, str]:
    """Return entity and kind of a value, by the rule of its column or else by its content."""
    if rule is not None and rule.op is FieldOp.DATE:
        return "DATE", ""
    if rule is not None and rule.known is not None:
        return rule.known
    if parse_date_text(text) is not None:
        return "DATE", ""
    if "@" in text or "://" in text:
        return "CONTACT", ""
    return ("ID", "") if any(map(str.isdigit, text)) else ("NAME", "")
