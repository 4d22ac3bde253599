"""Rows of a table of known values: whom they are about, and what to look for."""

from __future__ import annotations

import datetime
import re
from typing import Any, Optional

from safelight.notes.field_actions import FieldOp
from safelight.notes.models import PatientFacts
from safelight.notes.record_subject import NotesOptions
from safelight.notes.tables.columns import column_table
from safelight.text.dates.parsing import parse_date_text
from safelight.text.known.known_phi import KnownValue

#: Columns that say nothing that could be looked for.
_NOT_KNOWN = frozenset(
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


def known_row(row: dict[str, Any], options: NotesOptions) -> Optional[PatientFacts]:
    """What one row says; ``None`` if it names no patient.

    Columns are known by their names (``conf/notes/columns.yaml``); of others, the values tell:
    dates, addresses of mail and web, numbers, and names for all else. A value may hold several,
    separated by ``;`` or ``|``.
    """
    table = column_table()
    column = options.patient_column if options.patient_column in row else None
    column = column or table.first(FieldOp.PATIENT_ID, list(row))
    patient_id = str(row.get(column or "") or "").strip()
    if not patient_id:
        return None
    issuer_column = table.first(FieldOp.ISSUER, list(row))
    issuer = str(row.get(issuer_column or "") or "").strip()
    known = []
    for name, value in row.items():
        rule = table.rule(name)
        if name in (issuer_column, column) or value is None or isinstance(value, (bool, bytes)):
            continue
        if rule is not None and rule.op in _NOT_KNOWN:
            continue
        values = value if isinstance(value, (list, tuple)) else [value]
        for one in values:
            text = one.isoformat() if isinstance(one, datetime.date) else str(one)
            for part in filter(None, _SEPARATORS.split(text.strip())):
                if rule is not None and rule.op is FieldOp.DATE:
                    label = ("DATE", "")
                else:
                    label = (rule.known if rule is not None else None) or _guess(part)
                known.append(KnownValue(label[0], part, label[1]))
    return PatientFacts(options.identity(patient_id, issuer), tuple(known))


def _guess(value: str) -> tuple[str, str]:
    if parse_date_text(value) is not None:
        return "DATE", ""
    if "@" in value or "://" in value:
        return "CONTACT", ""
    return ("ID", "") if any(map(str.isdigit, value)) else ("NAME", "")
