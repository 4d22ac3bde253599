"""What the fields of a CDA document say of people (cda.yaml), by the way to them."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import yaml

#: Identifiers of the standard's own (templates, types): everybody has them.
SHARED_IDS = frozenset(("templateId", "typeId"))
#: HL7 V3 TS to the day or finer.
TIME_STAMP = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:\d{2,6}(?:\.\d+)?)?(?:[+-]\d{4})?"
)
_BOUNDS = frozenset(("low", "high", "center"))


@cache
def _table() -> dict[str, dict[tuple[str, ...], tuple[str, str]]]:
    text = (resources.files("safelight.documents.cda") / "fields.yaml").read_text("utf-8")
    data: dict[str, dict[str, list[str]]] = yaml.load(text, Loader=yaml.BaseLoader)
    return {
        kind: {tuple(path.split("/")): (entry[0], entry[1]) for path, entry in entries.items()}
        for kind, entries in data.items()
    }


def text_field(path: tuple[str, ...]) -> tuple[str, str] | None:
    """What the table says of an element's text: of the longest path that ends its own."""
    return next((f for size in (2, 1) if (f := _table()["text"].get(path[-size:]))), None)


def attribute_field(path: tuple[str, ...], attribute: str) -> tuple[str, str] | None:
    """What the table says of an attribute; identifiers are known by its name alone."""
    local = attribute.rpartition("}")[2]
    if local == "extension" and path[-1] not in SHARED_IDS:
        return ("ID", "")
    if path[-1] in _BOUNDS and not any(name.endswith(("Time", "time")) for name in path[-3:-1]):
        return None  # the bounds of a quantity
    return _table()["attribute"].get((path[-1], local))
