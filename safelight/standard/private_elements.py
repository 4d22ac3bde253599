"""Safe private elements (PS3.15 Table E.3.10-1 and the knowledge base of TCIA).

The list is ``data/private_safe.csv``. A private element that is not in it is removed, unless the
rules file names it.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "private_safe.csv"


@dataclass(frozen=True)
class SafePrivateElement:
    """Entry of the list of safe private elements.

    Attributes
    ----------
    vr : str
        VR of the element, for values that are stored as UN.
    action : str
        ``keep``, ``uid`` (map) or ``shift`` (date or time).
    name : str
        Attribute name.
    source : str
        ``E.3.10-1`` (list of the standard) or ``TCIA``.
    """

    vr: str
    action: str
    name: str
    source: str


def normalize_creator(creator: str) -> str:
    """Return a private creator in the form in which creators are compared.

    Case and white space are normalized, because devices of one vendor differ in them.
    """
    return " ".join(creator.split()).upper()


@lru_cache(maxsize=1)
def load_safe_elements() -> Mapping[tuple[str, int, int], SafePrivateElement]:
    """Return the list by (normalized creator, group, low byte of the element number)."""
    with _TABLE.open(newline="", encoding="utf-8") as stream:
        lines = csv.reader(stream)
        next(lines)
        return {
            (normalize_creator(creator), int(group, 16), int(element, 16)): SafePrivateElement(
                vr, action, name, source
            )
            for creator, group, element, vr, action, name, source in lines
        }


def find_safe_element(creator: str, group: int, low_byte: int) -> SafePrivateElement | None:
    """Return the entry of a private element, in any block; None if it is not safe.

    Parameters
    ----------
    creator : str
        Private creator of the element's block.
    group : int
    low_byte : int
        Low byte of the element number.
    """
    return load_safe_elements().get((normalize_creator(creator), group, low_byte))
