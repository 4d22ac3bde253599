"""Private elements known to be safe (PS3.15 Table E.3.10-1 and TCIA's knowledge base)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "private_safe.csv"


@dataclass(frozen=True)
class SafeElement:
    """How one private element may be kept.

    Attributes
    ----------
    vr : str
        Its VR when it is stored as UN.
    action : str
        ``keep``, ``uid`` (map) or ``shift`` (date or time).
    source : str
        ``E.3.10-1`` (the standard's own list) or ``TCIA``.
    """

    vr: str
    action: str
    name: str
    source: str


def fold(creator: str) -> str:
    """A creator as it is compared: devices of one vendor write it in different letters."""
    return " ".join(creator.split()).upper()


@lru_cache(maxsize=1)
def safe_elements() -> Mapping[tuple[str, int, int], SafeElement]:
    """(folded creator, group, low byte of the element) → how to keep it."""
    with _TABLE.open(newline="", encoding="utf-8") as stream:
        lines = csv.reader(stream)
        next(lines)
        return {
            (fold(creator), int(group, 16), int(element, 16)): SafeElement(vr, action, name, source)
            for creator, group, element, vr, action, name, source in lines
        }


def safe_element(creator: str, group: int, low_byte: int) -> SafeElement | None:
    """The entry of a private element, whatever block it stands in; ``None`` if not safe."""
    return safe_elements().get((fold(creator), group, low_byte))
