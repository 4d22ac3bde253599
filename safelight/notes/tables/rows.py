"""Read the subject of table rows and JSON objects, and rewrite each value by its column's rule."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, Optional

from safelight.notes.field_actions import FieldOp, FieldRule, parse_rule
from safelight.notes.field_values import IDENTIFIER_DIGITS, is_number, is_short_number
from safelight.notes.field_visitor import FieldVisitor
from safelight.notes.options import NotesOptions
from safelight.notes.plain_values import has_many_digits
from safelight.notes.record_subject import RecordSubject
from safelight.notes.tables.columns import load_column_rules
from safelight.notes.tables.new_names import rename
from safelight.records import Reason, Refusal
from safelight.text.dates.parsing import parse_date_text
from safelight.text.generalization import OLDEST_AGE
from safelight.text.known.known_phi import KnownValue

_TEXT = FieldRule(FieldOp.TEXT)
_NUMBER = FieldRule(FieldOp.NUMBER)
_DATE = FieldRule(FieldOp.DATE)
_WORD = FieldRule(FieldOp.WORD)

#: Actions whose result is a string, whatever the type of the column is.
STRING_OPS = frozenset(
    {FieldOp.NAME, FieldOp.PATIENT_NAME, FieldOp.PATIENT_ID, FieldOp.NOTE_ID, FieldOp.TOKEN,
     FieldOp.UID, FieldOp.ZIP, FieldOp.ENTITY}
)  # fmt: skip
_REMOVING_OPS = frozenset({FieldOp.REMOVE, FieldOp.ISSUER})
_KEEPING_OPS = frozenset({FieldOp.KEEP, FieldOp.VERBATIM})
_DATE_OPS = frozenset({FieldOp.DATE, FieldOp.BIRTH_DATE, FieldOp.SHARED_DATE})
#: Numbers in this range in a column of dates are years.
_YEARS = (1800, 2199)


@dataclass(frozen=True)
class ColumnRules:
    """Rules of the columns of one table.

    Attributes
    ----------
    rules : dict
        Rules by column; ``None`` where the type of the value decides, because the name of the
        column is unknown.
    patient, note, issuer : str or None
        Columns of the patient ID, the note ID and the issuer of patient IDs.
    new_names : dict
        Names of the output by column.
    """

    rules: dict[str, Optional[FieldRule]]
    patient: Optional[str]
    note: Optional[str]
    issuer: Optional[str]
    new_names: dict[str, str]


def make_column_rules(names: Sequence[str], options: NotesOptions) -> ColumnRules:
    """Return the rules of a table with these columns.

    Only one column is the patient ID, the note ID or the issuer; others with one of these
    actions become tokens.

    Parameters
    ----------
    names : sequence of str
    options : NotesOptions

    Raises
    ------
    Refusal
        If the table lacks a column that the user named.
    """
    _check_named_columns(names, options)
    table = load_column_rules()
    chosen = {
        FieldOp.PATIENT_ID: options.patient_column or table.first(FieldOp.PATIENT_ID, list(names)),
        FieldOp.NOTE_ID: options.note_column or table.first(FieldOp.NOTE_ID, list(names)),
        FieldOp.ISSUER: table.first(FieldOp.ISSUER, list(names)),
    }
    ops_of_chosen = {column: op for op, column in chosen.items()}
    user_rules = {name: parse_rule(action) for name, action in options.columns}
    rules: dict[str, Optional[FieldRule]] = {}
    for name in names:
        rule = table.rule(name)
        if name in user_rules:
            rule = user_rules[name]
        elif name in options.text_columns:
            rule = _TEXT
        elif name in ops_of_chosen:
            rule = FieldRule(ops_of_chosen[name])
        elif rule is not None and rule.op in chosen:
            rule = FieldRule(FieldOp.TOKEN)
        rules[name] = rule
    return ColumnRules(
        rules,
        chosen[FieldOp.PATIENT_ID],
        chosen[FieldOp.NOTE_ID],
        chosen[FieldOp.ISSUER],
        rename(names, options.named_columns, "column"),
    )


def _check_named_columns(names: Sequence[str], options: NotesOptions) -> None:
    named = [*options.text_columns, options.patient_column, options.note_column]
    missing = sum(1 for name in named if name and name not in names)
    if missing:
        raise Refusal(
            Reason.MALFORMED,
            f"{missing} of the columns named by the arguments are not among the {len(names)} "
            "columns of the input; correct the names",
        )


class TableRowHandler:
    """Read and rewrite the rows of tables.

    Parameters
    ----------
    options : NotesOptions
    """

    def __init__(self, options: NotesOptions):
        self._options = options
        self.column_rules = lru_cache(maxsize=256)(self._make_column_rules)

    def _make_column_rules(self, names: tuple[str, ...]) -> ColumnRules:
        return make_column_rules(names, self._options)

    def find_subject(self, row: dict[str, Any]) -> RecordSubject:
        """Return the patient, the note ID and the known values of a row."""
        columns = self.column_rules(tuple(row))
        patient_id = _identifier_text(row[columns.patient]) if columns.patient is not None else ""
        issuer = _identifier_text(row[columns.issuer]) if columns.issuer is not None else ""
        identity = self._options.identity(patient_id, issuer) if patient_id else ""
        known = [
            KnownValue(entity, text, kind)
            for name, value in row.items()
            for (entity, kind), text in _known_values(columns.rules[name], value)
        ]
        note_id = _identifier_text(row[columns.note]) if columns.note is not None else ""
        return RecordSubject(identity, (identity,) if identity else (), note_id, tuple(known))

    def visit_row(self, row: dict[str, Any], visitor: FieldVisitor) -> dict[str, Any]:
        """Return the row with every value changed by the rule of its column.

        Parameters
        ----------
        row : dict
            Values by column, of any JSON or Arrow type.
        visitor : FieldVisitor
            Returns the new value of each string, number or date.

        Returns
        -------
        dict
            New values by the new name of each column; ``None`` for a removed value.

        Raises
        ------
        Refusal
            If the row lacks a column that the user named, or a value cannot be cleaned.
        """
        columns = self.column_rules(tuple(row))
        walk = _ValueWalk(visitor, has_fixed_names=True)
        return {
            columns.new_names[name]: walk.visit(value, columns.rules[name], columns.new_names[name])
            for name, value in row.items()
        }

    def visit_object(self, row: dict[str, Any], visitor: FieldVisitor) -> dict[str, Any]:
        """Return a JSON object with every value changed by the rule of its member.

        The names of members differ from object to object and may be PHI, so they are changed
        as well.

        Parameters
        ----------
        row : dict
            Values by member, of any JSON type.
        visitor : FieldVisitor
            Returns the new name of each unknown member and the new value of each member.

        Returns
        -------
        dict
            New values by new name, without the members whose names are removed; ``None`` for a
            removed value.

        Raises
        ------
        Refusal
            If the object lacks a member that the user named as a column, or a value cannot be
            cleaned.
        """
        rules = self.column_rules(tuple(row)).rules
        walk = _ValueWalk(visitor, has_fixed_names=False)
        new_names = walk.visit_names(row, self._options.named_columns)
        return {new: walk.visit(row[name], rules[name], new) for name, new in new_names.items()}


def _identifier_text(value: Any) -> str:
    """Return an identifier as text, without the ``.0`` that spreadsheets add to whole numbers."""
    if value is None or isinstance(value, (bytes, dict, list)):
        return ""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return str(value).strip()


def _known_values(rule: Optional[FieldRule], value: Any) -> Iterator[tuple[tuple[str, str], str]]:
    """Return entity and kind, and text, of the identifying values in a value."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _known_values(load_column_rules().rule(name) or rule, inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _known_values(rule, inner)
    elif rule is not None and rule.known is not None:
        is_date = isinstance(value, datetime.date)
        text = value.isoformat() if is_date else _identifier_text(value)
        if text:
            yield rule.known, text


@dataclass(frozen=True)
class _ValueWalk:
    """Pass the values of one row to a visitor, with the values nested in them.

    Attributes
    ----------
    visitor : FieldVisitor
    has_fixed_names : bool
        The names of nested members belong to the type of a column, so they do not depend on the
        patient.
    """

    visitor: FieldVisitor
    has_fixed_names: bool

    def visit_names(
        self, members: Mapping[str, Any], kept: Container[str] = frozenset()
    ) -> dict[str, str]:
        """Return the members to keep, each with its new name.

        A name that is a date is shifted. One that is an identifier is removed with its value.
        """
        new_names = rename(members, kept, "member")
        if self.has_fixed_names:
            return new_names
        taken: dict[str, str] = {}
        for name, new in new_names.items():
            changed: Optional[str] = new
            if name not in kept and load_column_rules().rule(name) is None:
                changed = self._visit_name(name, new)
            if changed is not None and changed not in taken:
                taken[changed] = name
        return {name: new for new, name in taken.items()}

    def _visit_name(self, name: str, new: str) -> Optional[str]:
        """Return the new name of a member that no rule names."""
        if parse_date_text(name) is not None:
            return self.visitor.visit_value(_DATE, name, "name of a member")
        if has_many_digits(name):
            return None
        return self.visitor.visit_value(_WORD, new, "name of a member")

    def visit(self, value: Any, rule: Optional[FieldRule], location: str) -> Any:
        """Return the new value for a value of any JSON or Arrow type."""
        if value is None or (rule is not None and rule.op in _REMOVING_OPS):
            return None
        if isinstance(value, str):
            return self.visitor.visit_value(rule or _rule_for_string(value), value, location)
        if isinstance(value, (dict, list, tuple)):
            return self._visit_nested(value, rule, location)
        if isinstance(value, bool) or (rule is not None and rule.op in _KEEPING_OPS):
            return value
        if isinstance(value, datetime.date):
            return _visit_date(value, rule, self.visitor, location)
        if isinstance(value, (int, float, decimal.Decimal)):
            return _visit_number(value, rule, self.visitor, location)
        if isinstance(value, datetime.time):
            return value if rule is None or rule.op is FieldOp.DATE else None
        return None  # bytes, durations and other types cannot be checked

    def _visit_nested(
        self, value: dict[str, Any] | Sequence[Any], rule: Optional[FieldRule], location: str
    ) -> Any:
        if isinstance(value, dict):
            table = load_column_rules()
            return {
                new: self.visit(value[name], table.rule(name) or rule, f"{location}.{new}")
                for name, new in self.visit_names(value).items()
            }
        if value and isinstance(value[0], tuple):
            return list(self._visit_map(value, rule, location))
        return [self.visit(inner, rule, location) for inner in value]

    def _visit_map(
        self, pairs: Sequence[tuple[Any, Any]], rule: Optional[FieldRule], location: str
    ) -> Iterator[tuple[Any, Any]]:
        """Return the new entries of an Arrow map; all its values have one type."""
        keys = replace(self, has_fixed_names=False)
        new_names = keys.visit_names({str(key): None for key, _ in pairs})
        for key, value in pairs:
            new = new_names.get(str(key))
            if new is None or (not isinstance(key, str) and new != str(key)):
                continue
            own_rule = load_column_rules().rule(str(key)) or rule
            is_string = isinstance(value, (str, type(None)))
            if own_rule is not None and own_rule.op in STRING_OPS and not is_string:
                own_rule = FieldRule(FieldOp.REMOVE)  # a token does not fit into the type
            yield (
                new if isinstance(key, str) else key,
                self.visit(value, own_rule, f"{location}.{new}"),
            )


def _rule_for_string(value: str) -> FieldRule:
    """Return the rule of a string in a column with an unknown name.

    A long number may be a date or an identifier. As a date it is shifted or else removed.
    """
    if not is_number(value):
        return _TEXT
    return _NUMBER if is_short_number(value) else _DATE


def _visit_date(
    value: datetime.date, rule: Optional[FieldRule], visitor: FieldVisitor, location: str
) -> Any:
    op = rule.op if rule is not None else FieldOp.DATE
    if op in STRING_OPS or op is FieldOp.AGE:
        return visitor.visit_value(rule or FieldRule(op), value.isoformat(), location)
    if op not in _DATE_OPS and op not in (FieldOp.TEXT, FieldOp.NUMBER):
        return None
    day = value.date() if isinstance(value, datetime.datetime) else value
    date_rule = FieldRule(op if op in _DATE_OPS else FieldOp.DATE)
    shifted = visitor.visit_value(date_rule, day.isoformat(), location)
    if shifted is None:
        return None
    is_year = len(shifted) != len("YYYY-MM-DD")
    new = datetime.date.fromisoformat(f"{shifted}-01-01" if is_year else shifted)
    if not isinstance(value, datetime.datetime):
        return new
    if is_year:  # of a birth date; the time is removed as well
        return datetime.datetime(new.year, 1, 1, tzinfo=value.tzinfo)
    return datetime.datetime.combine(new, value.timetz())


def _visit_number(
    value: int | float | decimal.Decimal,
    rule: Optional[FieldRule],
    visitor: FieldVisitor,
    location: str,
) -> Any:
    if rule is None or rule.op in (FieldOp.NUMBER, FieldOp.TEXT, FieldOp.WORD):
        is_nan = isinstance(value, float) and math.isnan(value)
        return value if abs(value) < 10 ** (IDENTIFIER_DIGITS - 1) or is_nan else None
    if rule.op in STRING_OPS:
        return visitor.visit_value(rule, _identifier_text(value), location)
    if rule.op is FieldOp.AGE:
        return type(value)(min(value, OLDEST_AGE + 1))
    if rule.op in _DATE_OPS and _YEARS[0] <= value <= _YEARS[1]:
        year = visitor.visit_value(rule, str(int(value)), location)
        return type(value)(int(year)) if year and year.isdigit() else None
    return None
