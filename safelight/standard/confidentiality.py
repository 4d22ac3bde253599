"""PS3.15 Table E.1-1: what the Basic Profile and each option do to an attribute."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from safelight.standard.options import Option

_DATA = Path(__file__).parent / "data"

#: Edition of PS3.15 whose rows the table holds.
EDITION = "2026d"

_OPTION_COLUMNS = (
    Option.RETAIN_SAFE_PRIVATE, Option.RETAIN_UIDS, Option.RETAIN_DEVICE_IDENTITY,
    Option.RETAIN_INSTITUTION_IDENTITY, Option.RETAIN_PATIENT_CHARACTERISTICS,
    Option.RETAIN_LONG_FULL_DATES, Option.RETAIN_LONG_MODIFIED_DATES, Option.CLEAN_DESCRIPTORS,
    Option.CLEAN_STRUCTURED_CONTENT, Option.CLEAN_GRAPHICS,
)  # fmt: skip


@dataclass(frozen=True)
class ProfileRow:
    """One row of Table E.1-1.

    Attributes
    ----------
    tag : str
        Eight digits; ``x`` stands for any digit (repeating groups).
    vr : str
        Empty for repeating groups of mixed content.
    basic : str
        Code of the Basic Profile: X, Z, D, U or a compound such as ``X/Z/D``.
    options : mapping
        Option → K (keep) or C (clean).
    """

    tag: str
    name: str
    vr: str
    basic: str
    options: Mapping[Option, str]


@lru_cache(maxsize=1)
def load_table() -> Mapping[str, ProfileRow]:
    """The whole table by :attr:`ProfileRow.tag`, in order of tag."""
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
def _by_number() -> Mapping[int, ProfileRow]:
    return {int(tag, 16): row for tag, row in load_table().items() if "x" not in tag}


def find_row(tag: int) -> ProfileRow | None:
    """The row of a standard attribute, repeating groups included; ``None`` if unlisted."""
    row = _by_number().get(tag)
    if row is not None:
        return row
    group, element = tag >> 16, tag & 0xFFFF
    if group & 0xFF00 == 0x5000:
        return load_table()["50xxxxxx"]
    if group & 0xFF00 == 0x6000:
        return load_table().get(f"60xx{element:04X}")
    return None
