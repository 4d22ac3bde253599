"""Read header values that may be missing, empty or invalid, without an exception."""

from __future__ import annotations

from collections.abc import Callable
from math import isnan
from typing import Any

from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sequence import Sequence

#: Keyword → header value as text: values joined by a backslash, empty if missing.
HeaderGetter = Callable[[str], str]


def read_number(dataset: Dataset, keyword: str, default: float | None = None) -> float | None:
    """Return the first value of an attribute as a number; ``default`` if there is none.

    Parameters
    ----------
    dataset : Dataset
        Data set or sequence item to read.
    keyword : str
        DICOM keyword of the attribute.
    default : float or None
        Result if the attribute is missing, empty or not convertible to a number.

    Returns
    -------
    float or None
        Infinity and NaN are returned if the attribute holds them.
    """
    value = read_values(dataset, keyword)
    try:
        return float(value[0])
    except (IndexError, TypeError, ValueError):
        return default


def read_integer(dataset: Dataset, keyword: str, default: int = 0) -> int:
    """Return the first value of an attribute as an integer; ``default`` if there is none.

    Parameters
    ----------
    dataset : Dataset
        Data set or sequence item to read.
    keyword : str
        DICOM keyword of the attribute.
    default : int
        Result if the attribute is missing, empty, NaN or not convertible to a number.

    Returns
    -------
    int
        The value without its fraction.

    Raises
    ------
    OverflowError
        If the value is infinite.
    """
    found = read_number(dataset, keyword)
    return default if found is None or isnan(found) else int(found)


def read_values(dataset: Dataset, keyword: str) -> list[Any]:
    """Return the values of an attribute; none if it is missing, empty or not convertible.

    Parameters
    ----------
    dataset : Dataset
        Data set or sequence item to read.
    keyword : str
        DICOM keyword of the attribute.

    Returns
    -------
    list
        Values as pydicom converts them; the items of a sequence are data sets.
    """
    try:
        value = dataset.get(keyword)
    except MemoryError:
        raise
    except Exception:  # pydicom raises many kinds of errors for invalid values
        return []
    if value is None or value == "":
        return []
    if isinstance(value, (MultiValue, Sequence, list, tuple)):
        return list(value)
    return [value]


def read_text(dataset: Dataset, keyword: str) -> str:
    """Return the values of an attribute joined by a backslash; empty if it is missing.

    A sequence with items is ``present``; its content is never returned.

    Parameters
    ----------
    dataset : Dataset
        Data set or sequence item to read.
    keyword : str
        DICOM keyword of the attribute.

    Returns
    -------
    str
        Text without spaces at its ends.
    """
    found = read_values(dataset, keyword)
    if any(isinstance(value, Dataset) for value in found):
        return "present"
    return "\\".join(str(value) for value in found).strip()


def read_items(dataset: Dataset, keyword: str) -> list[Dataset]:
    """Return the items of a sequence; none if it is missing or not a sequence.

    Parameters
    ----------
    dataset : Dataset
        Data set or sequence item to read.
    keyword : str
        DICOM keyword of the sequence.
    """
    found = read_values(dataset, keyword)
    return [item for item in found if isinstance(item, Dataset)]
