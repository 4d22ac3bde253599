"""Write values as literals in the SQL of delta-rs (DataFusion)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timezone


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
