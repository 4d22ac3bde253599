"""Attributes and attribute Types that an IOD defines at each nesting level (PS3.3)."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).parent / "data" / "iod.json.gz"
_TYPES = ("", "1", "1C", "2", "2C", "3")

_CONTENT_SEQUENCE = 0x0040A730


@lru_cache(maxsize=1)
def _load() -> dict[str, Any]:
    """Return the content of the table.

    ``nodes`` has one mapping for each module or macro and each sequence in one: from the tag to
    the number of the node of its items times 8, plus the index of its Type in ``_TYPES``. Nodes
    are numbered from 1; 0 means that there is no node.
    """
    loaded: dict[str, Any] = json.loads(gzip.decompress(_TABLE.read_bytes()))
    return loaded


@lru_cache(maxsize=1)
def _load_defined_tags() -> frozenset[str]:
    """Return the tags that any module of any IOD defines at any level."""
    return frozenset(tag for node in _load()["nodes"] for tag in node)


def get_edition() -> str:
    """Return the edition of PS3.3 from which the table was made."""
    return str(_load()["edition"])


@dataclass(frozen=True)
class IodLevel:
    """Attributes that the modules of an IOD define at one nesting level.

    Attributes
    ----------
    nodes : tuple of int
        Numbers of the nodes of the table for this level, one for each module or macro.
    complete : bool
        Whether these are all nodes. If not (unknown SOP class, or a module that the source
        lacks), an attribute that any module of any IOD defines counts as defined.
    """

    nodes: tuple[int, ...]
    complete: bool

    def _find_packed(self, tag: int) -> list[int]:
        """Return the packed values of an attribute, one for each module that defines it."""
        key, nodes = f"{tag:08x}", _load()["nodes"]
        return [nodes[number - 1][key] for number in self.nodes if key in nodes[number - 1]]

    def defines(self, tag: int) -> bool:
        """Return whether a module defines this attribute at this level."""
        if self._find_packed(tag):
            return True
        return not self.complete and f"{tag:08x}" in _load_defined_tags()

    def get_type(self, tag: int) -> str:
        """Return the Type of an attribute, the strictest one if modules differ.

        Returns
        -------
        str
            ``1``, ``1C``, ``2``, ``2C`` or ``3``; empty if the level does not define it.
        """
        types = [value % 8 for value in self._find_packed(tag)]
        return _TYPES[min((index for index in types if index), default=0)]

    def get_item_level(self, tag: int) -> IodLevel:
        """Return the level of the items of a sequence of this level.

        Content items may be nested without limit (PS3.3, section C.17.3), so a Content Sequence
        inside a content item has the same definition as the one that contains it.
        """
        packed = self._find_packed(tag)
        children = tuple(sorted({value // 8 for value in packed} - {0}))
        if not children and tag == _CONTENT_SEQUENCE:
            return IodLevel(self.nodes, self.complete)
        return IodLevel(children, self.complete and bool(children))


#: Level of a private or newer SOP class, and of the items of private sequences.
UNKNOWN_IOD = IodLevel((), False)


@lru_cache(maxsize=256)
def find_iod_level(sop_class_uid: str) -> IodLevel:
    """Return the top level of the IOD of a SOP class; `UNKNOWN_IOD` if it is not known."""
    data = _load()
    iod = data["sop_classes"].get(sop_class_uid)
    if iod is None:
        return UNKNOWN_IOD
    return IodLevel(tuple(data["iods"][iod]), iod not in data["incomplete"])


def is_sop_class(uid: str) -> bool:
    """Return whether the standard defines a storage SOP class with this UID."""
    return uid in _load()["sop_classes"]
