"""Columns as :mod:`jobs.common.schemas` writes them, in Arrow's and in Delta's terms."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

#: By the name in DDL: Arrow's type, and the name in the schema of a Delta log.
_PLAIN: dict[str, tuple[pa.DataType, str]] = {
    "STRING": (pa.string(), "string"),
    "INT": (pa.int32(), "integer"),
    "BIGINT": (pa.int64(), "long"),
    "DOUBLE": (pa.float64(), "double"),
    "BOOLEAN": (pa.bool_(), "boolean"),
    "BINARY": (pa.binary(), "binary"),
    "TIMESTAMP": (pa.timestamp("us", "UTC"), "timestamp"),
}


def columns_of(ddl: str) -> dict[str, str]:
    """DDL type by column, in their order."""
    pairs = (part.replace(":", "", 1).split(" ", 1) for part in _parts(ddl))
    return {name.strip("`"): kind for name, kind in pairs}


def arrow_schema(ddl: str) -> pa.Schema:
    """The columns for Arrow."""
    return pa.schema([(name, _arrow(kind)) for name, kind in columns_of(ddl).items()])


def delta_schema(ddl: str) -> dict[str, Any]:
    """The columns as the schema in a Delta log: JSON as Spark serialises a StructType."""
    fields = [
        {"name": name, "type": _delta(kind), "nullable": True, "metadata": {}}
        for name, kind in columns_of(ddl).items()
    ]
    return {"type": "struct", "fields": fields}


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


def _inner(kind: str) -> tuple[str, str]:
    outer, _, inside = kind.partition("<")
    return outer, inside.removesuffix(">")


def _arrow(kind: str) -> pa.DataType:
    outer, inside = _inner(kind)
    if outer == "ARRAY":
        return pa.list_(_arrow(inside))
    if outer == "MAP":
        return pa.map_(*map(_arrow, _parts(inside)))
    if outer == "STRUCT":
        return pa.struct(list(arrow_schema(inside)))
    return _PLAIN[kind][0]


def _delta(kind: str) -> Any:
    outer, inside = _inner(kind)
    if outer == "ARRAY":
        return {"type": "array", "elementType": _delta(inside), "containsNull": True}
    if outer == "MAP":
        key, value = map(_delta, _parts(inside))
        return {"type": "map", "keyType": key, "valueType": value, "valueContainsNull": True}
    if outer == "STRUCT":
        return delta_schema(inside)
    return _PLAIN[kind][1]
