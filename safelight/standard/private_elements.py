"""Private elements known to be safe (PS3.15 Table E.3.10-1 and TCIA's knowledge base)."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_TABLE = Path(__file__).parent / "data" / "private_safe.csv"


@dataclass(frozen=True)
class SafePrivateElement:
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


def normalize_creator(creator: str) -> str:
    """A creator as it is compared: devices of one vendor write it in different letters."""
    return " ".join(creator.split()).upper()


@lru_cache(maxsize=1)
def load_safe_elements() -> Mapping[tuple[str, int, int], SafePrivateElement]:
    """(folded creator, group, low byte of the element) → how to keep it."""
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
    """The entry of a private element, whatever block it stands in; ``None`` if not safe."""
    return load_safe_elements().get((normalize_creator(creator), group, low_byte))
