"""Convert the tags and tag paths of Karnak profiles into selectors."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.rules.importers.tag_patterns import convert_tag

#: Levels of a path: any sequence at exactly one level, or at one level or more.
_ANY_SEQUENCE, _ANY_DEPTH = "*", "**"
ANY_TAG = "(xxxx,xxxx)"


@dataclass(frozen=True)
class KarnakTag:
    """Elements that a tag or a path of a profile selects.

    Attributes
    ----------
    selector : str
        Selector without a prefix for the depth.
    depth : str
        Prefix: ``*/`` for a tag or a path at any depth, ``+/`` inside sequences only, empty for
        the top level.
    """

    selector: str
    depth: str = "*/"

    @property
    def text(self) -> str:
        """The selector with its prefix."""
        return f"{self.depth}{self.selector}"


def convert_karnak_tag(text: str) -> list[KarnakTag]:
    """Return what a tag or a path selects; an empty list if it has no counterpart.

    A path such as ``(0040,0275).(0040,0009)`` names the sequences around an element; with a point
    at the start, the first one is at the top level.

    Parameters
    ----------
    text : str
    """
    is_anchored = text.strip().startswith(".")
    *sequences, last = re.split(r"\s*\.\s*", text.strip().removeprefix("."))
    depth = "" if is_anchored else "*/"
    if sequences[:1] == [_ANY_DEPTH] and not is_anchored:
        depth, sequences = "+/", sequences[1:]
    steps = ["{SQ}" if one == _ANY_SEQUENCE else _convert_sequence(one) for one in sequences]
    elements = [ANY_TAG] if last == _ANY_SEQUENCE else convert_tag(last)
    if "" in steps:
        return []
    return [KarnakTag("/".join([*steps, element]), depth) for element in elements]


def convert_last_tag(text: str) -> list[KarnakTag]:
    """Return what the last tag of a path selects at any depth; an empty list if it is not a tag.

    Parameters
    ----------
    text : str
    """
    last = re.split(r"\s*\.\s*", text.strip())[-1]
    return [KarnakTag(element) for element in convert_tag(last)]


def _convert_sequence(text: str) -> str:
    """Return the selector of one sequence of a path; empty if there is none."""
    selectors = convert_tag(text)
    return selectors[0] if len(selectors) == 1 else ""
