"""Columns as :mod:`jobs.common.delta.schemas` writes them, in Arrow's terms."""

from __future__ import annotations

import pyarrow as pa

#: Arrow's type by the name in DDL.
_PLAIN: dict[str, pa.DataType] = {
    "STRING": pa.string(),
    "INT": pa.int32(),
    "BIGINT": pa.int64(),
    "DOUBLE": pa.float64(),
    "BOOLEAN": pa.bool_(),
    "BINARY": pa.binary(),
    "TIMESTAMP": pa.timestamp("us", "UTC"),
}


def columns_of(ddl: str) -> dict[str, str]:
    """DDL type by column, in their order."""
    pairs = (part.replace(":", "", 1).split(" ", 1) for part in _parts(ddl))
    return {name.strip("`"): kind for name, kind in pairs}


def arrow_schema(ddl: str) -> pa.Schema:
    """The columns for Arrow."""
    return pa.schema([(name, _arrow(kind)) for name, kind in columns_of(ddl).items()])


def _parts(text: str) -> list[str]:
    """What stands between the commas that are in no angle brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "<") - (character == ">")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return [part.strip() for part in parts]


def _arrow(kind: str) -> pa.DataType:
    outer, _, inside = kind.removesuffix(">").partition("<")
    if outer == "ARRAY":
        return pa.list_(_arrow(inside))
    if outer == "MAP":
        return pa.map_(*map(_arrow, _parts(inside)))
    if outer == "STRUCT":
        return pa.struct(list(arrow_schema(inside)))
    return _PLAIN[kind]
