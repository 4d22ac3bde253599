"""Attributes that the Basic Profile protects, with the codes that allow their values.

``profile_attributes.csv`` lists PS3.15, Table E.1-1 (edition 2026d). It was transcribed apart from
the table of the engine, so that a mistake in one of them does not occur in the other.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files


@dataclass(frozen=True)
class ProfileAttribute:
    """Row of Table E.1-1.

    Attributes
    ----------
    vr : str
        Empty if the row has none.
    granted_by : frozenset of str
        CID 7050 codes whose options keep or clean the value.
    is_removed_sequence : bool
        Whether the Basic Profile removes the attribute, a sequence, with all that it holds.
    """

    vr: str
    granted_by: frozenset[str]
    is_removed_sequence: bool = False


@lru_cache(maxsize=1)
def load_profile_attributes() -> dict[int, ProfileAttribute]:
    """Return the rows of Table E.1-1 by tag, without repeating groups and private elements."""
    text = (files("safelight.verify") / "profile_attributes.csv").read_text(encoding="utf-8")
    return {
        int(row["tag"], 16): ProfileAttribute(
            row["vr"], frozenset(row["granted_by"].split()), bool(row["removed"])
        )
        for row in csv.DictReader(text.splitlines())
    }


def is_protected(tag: int, codes: frozenset[str]) -> bool:
    """Return whether Table E.1-1 removes or replaces the value of an attribute.

    Parameters
    ----------
    tag : int
    codes : frozenset of str
        CID 7050 codes in force.
    """
    return tag in load_profile_attributes() and not is_retained(tag, codes)


def is_retained(tag: int, codes: frozenset[str]) -> bool:
    """Return whether Table E.1-1 has an attribute, and an option in force retains it."""
    row = load_profile_attributes().get(tag)
    return row is not None and bool(row.granted_by & codes)
