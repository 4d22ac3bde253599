"""PS3.15 Table E.1-1: actions of the Basic Profile and of its options for each attribute."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from safelight.standard.options import Option

_DATA = Path(__file__).parent / "data"

#: Edition of PS3.15 from which the rows of the table were taken.
EDITION = "2026d"

_OPTION_COLUMNS = (
    Option.RETAIN_SAFE_PRIVATE, Option.RETAIN_UIDS, Option.RETAIN_DEVICE_IDENTITY,
    Option.RETAIN_INSTITUTION_IDENTITY, Option.RETAIN_PATIENT_CHARACTERISTICS,
    Option.RETAIN_LONG_FULL_DATES, Option.RETAIN_LONG_MODIFIED_DATES, Option.CLEAN_DESCRIPTORS,
    Option.CLEAN_STRUCTURED_CONTENT, Option.CLEAN_GRAPHICS,
)  # fmt: skip


@dataclass(frozen=True)
class ProfileRow:
    """Row of Table E.1-1.

    Attributes
    ----------
    tag : str
        Eight hexadecimal digits; ``x`` is any digit (repeating groups).
    name : str
        Attribute name.
    vr : str
        Empty for a repeating group whose attributes have different VRs.
    basic : str
        Code of the Basic Profile: X, Z, D, U or a compound such as ``X/Z/D``.
    options : mapping of Option to str
        K (keep) or C (clean), for the options that name the attribute.
    """

    tag: str
    name: str
    vr: str
    basic: str
    options: Mapping[Option, str]


@lru_cache(maxsize=1)
def load_table() -> Mapping[str, ProfileRow]:
    """Return the rows of the table by :attr:`ProfileRow.tag`, in the order of tags."""
    rows = {}
    with (_DATA / "confidentiality.csv").open(newline="", encoding="utf-8") as stream:
        lines = csv.reader(stream)
        header = next(lines)
        columns = [(option, header.index(option.value)) for option in _OPTION_COLUMNS]
        for line in lines:
            options = {option: line[index] for option, index in columns if line[index]}
            rows[line[0]] = ProfileRow(line[0], line[1], line[3], line[4], options)
    return rows


@lru_cache(maxsize=1)
def _load_rows_by_number() -> Mapping[int, ProfileRow]:
    """Return the rows that have a single tag, by the tag as a number."""
    return {int(tag, 16): row for tag, row in load_table().items() if "x" not in tag}


def find_row(tag: int) -> ProfileRow | None:
    """Return the row of a standard attribute, also of repeating groups; None if unlisted."""
    row = _load_rows_by_number().get(tag)
    if row is not None:
        return row
    group, element = tag >> 16, tag & 0xFFFF
    if group & 0xFF00 == 0x5000:
        return load_table()["50xxxxxx"]
    if group & 0xFF00 == 0x6000:
        return load_table().get(f"60xx{element:04X}")
    return None
