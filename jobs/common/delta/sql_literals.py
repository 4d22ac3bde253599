"""Write values as literals in the SQL of delta-rs (DataFusion)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timezone

#: Values of one condition of :func:`list_conditions`.
_VALUES_PER_CONDITION = 1000


def sql_literal(value: object) -> str:
    """Return a value as an expression in SQL.

    Parameters
    ----------
    value : str, int, float, bool, datetime, mapping or None
        A mapping has text as keys; its values are all texts or all numbers.

    Returns
    -------
    str
        Expression of the type that the column of such a value has.
    """
    if value is None:
        return "NULL"
    if isinstance(value, datetime):
        text = value.astimezone(timezone.utc).isoformat(timespec="microseconds")
        return f"arrow_cast({sql_literal(text)}, 'Timestamp(Microsecond, Some(\"UTC\"))')"
    if isinstance(value, str):
        return "'" + value.replace("'", "''") + "'"
    if isinstance(value, Mapping):
        keys = ", ".join(map(sql_literal, value))
        values = ", ".join(map(sql_literal, value.values()))
        return f"map(make_array({keys}), make_array({values}))" if value else "NULL"
    return str(value)


def list_conditions(column: str, values: Iterable[str]) -> Iterator[str]:
    """Yield SQL conditions that each name a part of the values of a column.

    Parameters
    ----------
    column : str
        Name of the column.
    values : iterable of str
        Values, which may repeat.
    """
    ordered = sorted(set(values))
    for begin in range(0, len(ordered), _VALUES_PER_CONDITION):
        quoted = ", ".join(map(sql_literal, ordered[begin : begin + _VALUES_PER_CONDITION]))
        yield f"{column} IN ({quoted})"
