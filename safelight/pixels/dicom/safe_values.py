"""Header values as they come: missing, empty or breaking their VR, without an exception."""

from __future__ import annotations

from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence


def read_number(dataset: Dataset, keyword: str, default: float | None = None) -> float | None:
    """First value of an attribute as a number; ``default`` if missing or not a number."""
    value = read_values(dataset, keyword)
    try:
        return float(value[0])
    except (IndexError, TypeError, ValueError):
        return default


def read_integer(dataset: Dataset, keyword: str, default: int = 0) -> int:
    """First value of an attribute as an integer; ``default`` if missing or not a number."""
    found = read_number(dataset, keyword)
    return default if found is None or found != found else int(found)


def read_values(dataset: Dataset, keyword: str) -> list[Any]:
    """The values of an attribute, none if it is missing, empty or cannot be converted."""
    try:
        value = dataset.get(keyword)
    except Exception:  # pydicom raises many kinds for values that break their VR
        return []
    if value is None or value == "":
        return []
    if isinstance(value, (MultiValue, Sequence, list, tuple)):
        return list(value)
    return [value]


def read_text(dataset: Dataset, keyword: str) -> str:
    """The values of an attribute as they stand, joined by a backslash; empty if missing.

    A sequence with items is ``present``: what stands in it is nobody's business here.
    """
    found = read_values(dataset, keyword)
    if any(isinstance(value, Dataset) for value in found):
        return "present"
    return "\\".join(str(value) for value in found).strip()


def read_items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """The items of a sequence, none if it is missing or is no sequence."""
    found = read_values(dataset, keyword)
    return [item for item in found if isinstance(item, Dataset)]
