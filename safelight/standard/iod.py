"""Which attributes an IOD defines, at which nesting, and of which Type (PS3.3)."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

_TABLE = Path(__file__).parent / "data" / "iod.json.gz"
_TYPES = ("", "1", "1C", "2", "2C", "3")


@lru_cache(maxsize=1)
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(gzip.decompress(_TABLE.read_bytes()))
    return loaded


@lru_cache(maxsize=1)
def _defined_anywhere() -> frozenset[str]:
    return frozenset(tag for node in _data()["nodes"] for tag in node)


def get_edition() -> str:
    """Edition of PS3.3 that the table was made from."""
    return str(_data()["edition"])


@dataclass(frozen=True)
class IodLevel:
    """What the modules of an IOD say of the attributes at one nesting level.

    Attributes
    ----------
    nodes : tuple of int
        Numbers of the tables that hold at this level, one for each module or macro.
    complete : bool
        Whether these are all. When not (unknown SOP class, or a module that the source
        lacks), an attribute that any module of any IOD defines counts as defined.
    """

    nodes: tuple[int, ...]
    complete: bool

    def _packed(self, tag: int) -> list[int]:
        key, nodes = f"{tag:08x}", _data()["nodes"]
        return [nodes[number - 1][key] for number in self.nodes if key in nodes[number - 1]]

    def defines(self, tag: int) -> bool:
        """Whether some module has this attribute at this level."""
        if self._packed(tag):
            return True
        return not self.complete and f"{tag:08x}" in _defined_anywhere()

    def get_type(self, tag: int) -> str:
        """``1``, ``1C``, ``2``, ``2C`` or ``3``; the strictest if modules differ; else empty."""
        kinds = [value % 8 for value in self._packed(tag)]
        return _TYPES[min((kind for kind in kinds if kind), default=0)]

    def item(self, tag: int) -> IodLevel:
        """What holds inside the items of a sequence of this level.

        A content item may hold content items without end (PS3.3, section C.17.3), so a
        Content Sequence that stands in one is defined as its parent is.
        """
        packed = self._packed(tag)
        children = tuple(sorted({value // 8 for value in packed} - {0}))
        if not children and tag == _CONTENT_SEQUENCE:
            return IodLevel(self.nodes, self.complete)
        return IodLevel(children, self.complete and bool(children))


_CONTENT_SEQUENCE = 0x0040A730


@lru_cache(maxsize=256)
def find_iod_level(sop_class_uid: str) -> IodLevel:
    """The top level of the IOD of a SOP class; an incomplete one if it is not known."""
    data = _data()
    iod = data["sop_classes"].get(sop_class_uid)
    if iod is None:
        return UNKNOWN_IOD
    return IodLevel(tuple(data["iods"][iod]), iod not in data["incomplete"])


#: Of a private or newer SOP class, or of an item of a private sequence.
UNKNOWN_IOD = IodLevel((), False)


def is_sop_class(uid: str) -> bool:
    """Whether the standard defines a storage SOP class with this UID."""
    return uid in _data()["sop_classes"]
