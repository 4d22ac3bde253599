"""One row of a table, or one JSON object: a rule for each field by its column's name."""

from __future__ import annotations

import datetime
import decimal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Optional

from safelight.notes.field_actions import FieldOp, FieldRule, parse_rule
from safelight.notes.field_cleaner import FieldVisitor
from safelight.notes.field_values import IDENTIFIER_DIGITS, is_number, is_short_number
from safelight.notes.record_subject import NotesOptions, Subject
from safelight.notes.tables.columns import column_table
from safelight.records import Reason, Refusal
from safelight.text.dates.parsing import parse_date_text
from safelight.text.known.known_phi import KnownValue

_TEXT = FieldRule(FieldOp.TEXT)
_NUMBER = FieldRule(FieldOp.NUMBER)
_DATE = FieldRule(FieldOp.DATE)

#: What becomes a string in every column type.
AS_STRING = frozenset(
    {FieldOp.NAME, FieldOp.PATIENT_NAME, FieldOp.PATIENT_ID, FieldOp.NOTE_ID, FieldOp.TOKEN,
     FieldOp.UID, FieldOp.ZIP, FieldOp.ENTITY}
)  # fmt: skip


@dataclass(frozen=True)
class RowPlan:
    """The rules of a table's columns.

    Attributes
    ----------
    rules : dict
        By column; ``None`` where nothing is known of the name, so that the type decides.
    """

    rules: dict[str, Optional[FieldRule]]
    patient: Optional[str]
    note: Optional[str]
    issuer: Optional[str]


def plan_row(names: Sequence[str], options: NotesOptions) -> RowPlan:
    """The plan of a table with these columns.

    Raises
    ------
    Refusal
        If a column that the user named is not there.
    """
    named = [*options.text_columns, options.patient_column, options.note_column]
    if not all(name in names for name in named if name):
        raise Refusal(
            Reason.MALFORMED,
            f"{sum(1 for name in named if name and name not in names)} of the columns named by "
            f"the arguments are not among the {len(names)} of the input; correct the names",
        )
    table = column_table()
    chosen_rules = {name: parse_rule(action) for name, action in options.columns}
    by_rule: dict[FieldOp, Optional[str]] = {}
    for op, chosen in (
        (FieldOp.PATIENT_ID, options.patient_column),
        (FieldOp.NOTE_ID, options.note_column),
        (FieldOp.ISSUER, ""),
    ):
        by_rule[op] = chosen or table.first(op, list(names))
    rules: dict[str, Optional[FieldRule]] = {}
    for name in names:
        rule = table.rule(name)
        if rule is not None and rule.op in by_rule and by_rule[rule.op] != name:
            rule = FieldRule(FieldOp.TOKEN)
        if name in chosen_rules:
            rule = chosen_rules[name]
        elif name in options.text_columns:
            rule = _TEXT
        else:
            for op, column in by_rule.items():
                if name == column:
                    rule = FieldRule(op)
        rules[name] = rule
    return RowPlan(
        rules, by_rule[FieldOp.PATIENT_ID], by_rule[FieldOp.NOTE_ID], by_rule[FieldOp.ISSUER]
    )


class RowNote:
    """Rows as notes.

    Parameters
    ----------
    options : NotesOptions
    """

    def __init__(self, options: NotesOptions):
        self._options = options
        self.plan = lru_cache(maxsize=256)(self._plan)

    def _plan(self, names: tuple[str, ...]) -> RowPlan:
        return plan_row(names, self._options)

    def subject(self, row: dict[str, Any]) -> Subject:
        """Patient, note ID and known values of a row."""
        plan = self.plan(tuple(row))
        patient_id = _plain(row[plan.patient]) if plan.patient is not None else ""
        issuer = _plain(row[plan.issuer]) if plan.issuer is not None else ""
        identity = self._options.identity(patient_id, issuer) if patient_id else ""
        known = [
            KnownValue(entity, text, kind)
            for name, value in row.items()
            for (entity, kind), text in _known_of(plan.rules[name], value)
        ]
        note_id = _plain(row[plan.note]) if plan.note is not None else ""
        return Subject(identity, (identity,) if identity else (), note_id, tuple(known))

    def walk(self, row: dict[str, Any], visitor: FieldVisitor) -> dict[str, Any]:
        """The row with every value as its rule says."""
        rules = self.plan(tuple(row)).rules
        return {name: _walk(value, rules[name], visitor, name) for name, value in row.items()}

    def walk_object(self, row: dict[str, Any], visitor: FieldVisitor) -> dict[str, Any]:
        """As :meth:`walk`, for members that each row names anew: their names are values, too."""
        rules = self.plan(tuple(row)).rules
        named = _named(row, visitor)
        return {new: _walk(row[name], rules[name], visitor, new) for name, new in named.items()}


def _plain(value: Any) -> str:
    """An identifier as a string: no ``.0`` after whole numbers, which spreadsheets add."""
    if value is None or isinstance(value, (bytes, dict, list)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _known_of(rule: Optional[FieldRule], value: Any) -> Iterator[tuple[tuple[str, str], str]]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _known_of(column_table().rule(name) or rule, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _known_of(rule, inner)
    elif rule is not None and rule.known is not None:
        text = value.isoformat() if isinstance(value, datetime.date) else _plain(value)
        if text:
            yield rule.known, text


def _named(members: dict[str, Any], visitor: FieldVisitor) -> dict[str, str]:
    """The members that may stay, each with its new name: one that is data identifies."""
    word = FieldRule(FieldOp.WORD)
    new: dict[str, str] = {}
    for name in members:
        known = column_table().rule(name) is not None
        rule = _DATE if parse_date_text(name) is not None else word
        changed = name if known else visitor.value(rule, name, "name of a member")
        if changed is not None and changed not in new.values():
            new[name] = changed
    return new


def _walk(value: Any, rule: Optional[FieldRule], visitor: FieldVisitor, where: str) -> Any:
    """One value of any JSON or Arrow type."""
    if value is None or (rule is not None and rule.op in (FieldOp.REMOVE, FieldOp.ISSUER)):
        return None
    if isinstance(value, dict):
        return {
            new: _walk(value[name], column_table().rule(name) or rule, visitor, f"{where}.{new}")
            for name, new in _named(value, visitor).items()
        }
    if isinstance(value, (list, tuple)):
        if value and isinstance(value[0], tuple):
            return list(_walk_map(value, rule, visitor, where))
        return [_walk(inner, rule, visitor, where) for inner in value]
    if isinstance(value, str):
        return visitor.value(rule or _guess(value), value, where)
    if rule is not None and rule.op in (FieldOp.KEEP, FieldOp.VERBATIM):
        return value
    if isinstance(value, bool):
        return value
    if isinstance(value, (datetime.datetime, datetime.date)):
        return _walk_date(value, rule, visitor, where)
    if isinstance(value, (int, float, decimal.Decimal)):
        return _walk_number(value, rule, visitor, where)
    if isinstance(value, datetime.time):
        return value if rule is None or rule.op is FieldOp.DATE else None
    return None  # binary, durations and whatever else: nothing can tell what it holds


def _walk_map(
    pairs: Sequence[tuple[Any, Any]],
    rule: Optional[FieldRule],
    visitor: FieldVisitor,
    where: str,
) -> Iterator[tuple[Any, Any]]:
    """The entries of an Arrow map, whose values are all of one type."""
    named = _named({str(key): None for key, _ in pairs}, visitor)
    for key, value in pairs:
        if str(key) not in named:
            continue
        own = column_table().rule(str(key)) or rule
        if own is not None and own.op in AS_STRING and not isinstance(value, (str, type(None))):
            own = FieldRule(FieldOp.REMOVE)  # nowhere to put a token
        new = named[str(key)] if isinstance(key, str) else key
        yield new, _walk(value, own, visitor, f"{where}.{named[str(key)]}")


def _guess(value: str) -> FieldRule:
    """The rule for a string in a column of which nothing is known."""
    if not is_number(value):
        return _TEXT
    # A long number is a date or an identifier: what cannot be shifted then goes.
    return _NUMBER if is_short_number(value) else _DATE


def _walk_date(
    value: datetime.date, rule: Optional[FieldRule], visitor: FieldVisitor, where: str
) -> Any:
    op = rule.op if rule is not None else FieldOp.DATE
    if op in AS_STRING or op is FieldOp.AGE:
        return visitor.value(rule or FieldRule(op), value.isoformat(), where)
    if op not in (FieldOp.BIRTH_DATE, FieldOp.DATE, FieldOp.TEXT, FieldOp.NUMBER):
        return None
    day = value.date() if isinstance(value, datetime.datetime) else value
    wanted = FieldRule(op if op is FieldOp.BIRTH_DATE else FieldOp.DATE)
    moved = visitor.value(wanted, day.isoformat(), where)
    if moved is None:
        return None
    new = datetime.date.fromisoformat(moved if len(moved) == 10 else f"{moved}-01-01")
    if not isinstance(value, datetime.datetime):
        return new
    if len(moved) != 10:  # a birth date: its time goes as well
        return datetime.datetime(new.year, 1, 1, tzinfo=value.tzinfo)
    return datetime.datetime.combine(new, value.timetz())


def _walk_number(
    value: int | float | decimal.Decimal,
    rule: Optional[FieldRule],
    visitor: FieldVisitor,
    where: str,
) -> Any:
    if rule is None or rule.op in (FieldOp.NUMBER, FieldOp.TEXT, FieldOp.WORD):
        return value if abs(value) < 10 ** (IDENTIFIER_DIGITS - 1) or value != value else None
    if rule.op in AS_STRING:
        return visitor.value(rule, _plain(value), where)
    if rule.op is FieldOp.AGE:
        return type(value)(min(value, 90))
    if rule.op in (FieldOp.BIRTH_DATE, FieldOp.DATE) and 1800 <= value <= 2199:
        year = visitor.value(rule, str(int(value)), where)
        return type(value)(int(year)) if year and year.isdigit() else None
    return None
