"""Identifying fields of CDA documents by their paths (``fields.yaml``)."""

from __future__ import annotations

import re
from functools import cache
from importlib import resources

import yaml

#: Elements with identifiers of the standard itself.
STANDARD_ID_ELEMENTS = frozenset(("templateId", "typeId"))
#: HL7 V3 data type TS, to the day or more precise.
TIME_STAMP = re.compile(
    r"(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])(?:\d{2,6}(?:\.\d+)?)?(?:[+-]\d{4})?"
)
_BOUNDS = frozenset(("low", "high", "center"))


@cache
def _load_fields() -> dict[str, dict[tuple[str, ...], tuple[str, str]]]:
    text = (resources.files("safelight.documents.cda") / "fields.yaml").read_text("utf-8")
    data: dict[str, dict[str, list[str]]] = yaml.load(text, Loader=yaml.BaseLoader)
    return {
        kind: {tuple(path.split("/")): (entry[0], entry[1]) for path, entry in entries.items()}
        for kind, entries in data.items()
    }


def text_field(path: tuple[str, ...]) -> tuple[str, str] | None:
    """Return entity and kind of an element's text, by the longest entry that ends its path."""
    fields = _load_fields()["text"]
    return next((field for size in (2, 1) if (field := fields.get(path[-size:]))), None)


def attribute_field(path: tuple[str, ...], attribute: str) -> tuple[str, str] | None:
    """Return entity and kind of an attribute; identifiers are found by their name alone.

    Parameters
    ----------
    path : tuple of str
        Local names from the root to the element.
    attribute : str
        Name of the attribute, with or without namespace.
    """
    local = attribute.rpartition("}")[2]
    if local == "extension" and path[-1] not in STANDARD_ID_ELEMENTS:
        return ("ID", "")
    if path[-1] in _BOUNDS and not any(name.endswith(("Time", "time")) for name in path[-3:-1]):
        return None  # the bounds of a quantity
    fields = _load_fields()["attribute"]
    return fields.get((*path[-2:], local)) or fields.get((path[-1], local))
