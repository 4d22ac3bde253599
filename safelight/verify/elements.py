"""All elements of an object at all depths, each with a path, its texts and its bytes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from pydicom.datadict import keyword_for_tag
from pydicom.dataelem import DataElement, RawDataElement
from pydicom.dataset import Dataset
from pydicom.filereader import read_sequence
from pydicom.tag import BaseTag
from pydicom.valuerep import PersonName

BYTE_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
FREE_TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
SINGLE_VALUE_VRS = frozenset({"LT", "ST", "UR", "UT"})
PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})

_ITEM = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
_MAX_DEPTH = 64


@dataclass(frozen=True)
class LeafElement:
    """One element that is no sequence. Holds values: never logged.

    Attributes
    ----------
    tag : int
    vr : str
    location : str
        Tag path, for people.
    pair : str
        Path that stays the same when private blocks are moved: creator instead of block.
    keyword : str
        Empty for private and unknown elements.
    creator : str
        Private creator; empty for standard elements.
    texts : tuple of str
        The values as text; for bytes the printable runs in them.
    raw : bytes
        The value as it stands in the file, where pydicom still has it.
    """

    tag: int
    vr: str
    location: str
    pair: str
    keyword: str
    creator: str
    texts: tuple[str, ...]
    raw: bytes

    @property
    def is_private(self) -> bool:
        """Whether the group is odd."""
        return bool(self.tag >> 16 & 1)


def iterate_elements(
    dataset: Dataset, location: str = "", pair: str = "", depth: int = 0
) -> Iterator[LeafElement]:
    """Every element of a data set, sequences opened, ``UN`` ones that hold items too."""
    for tag in sorted(dataset.keys()):
        item = dataset.get_item(tag)
        raw = item.value if isinstance(item, RawDataElement) else None
        raw = raw if isinstance(raw, bytes) else b""
        try:
            element: DataElement | None = dataset[tag]
        except Exception:
            element = None
        here = f"{location}({tag.group:04X},{tag.element:04X})"
        creator = _creator(dataset, tag)
        name = f'({tag.group:04X},"{creator}",{tag.element & 0xFF:02X})' if creator else here
        pair_here = f"{pair}{name if creator else here[len(location) :]}"
        items = _items(element, raw, dataset) if depth < _MAX_DEPTH else None
        if items is not None:
            for number, child in enumerate(items):
                step = f"[{number}]."
                yield from iterate_elements(child, here + step, pair_here + step, depth + 1)
            continue
        vr = element.VR if element is not None else "UN"
        value = element.value if element is not None else raw
        yield LeafElement(
            tag=int(tag),
            vr=vr,
            location=here,
            pair=pair_here,
            keyword="" if tag.is_private else keyword_for_tag(tag),
            creator=creator,
            texts=tuple(_texts(value, int(tag))),
            raw=raw or (value if isinstance(value, bytes) else b""),
        )


def _creator(dataset: Dataset, tag: BaseTag) -> str:
    if not tag.is_private or tag.element < 0x1000:
        return ""
    owner = dataset.get_item((tag.group, tag.element >> 8))
    value = owner.value if owner is not None else ""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
    return text.strip().upper()


def _items(element: DataElement | None, raw: bytes, dataset: Dataset) -> list[Dataset] | None:
    if element is not None and element.VR == "SQ":
        return list(element.value)
    if element is None or (element.VR in ("UN", "OB") and raw[:4] in _ITEM):
        # PS3.5, section 6.2.2, note 2: a sequence of unknown VR is Implicit VR Little Endian.
        little = raw[:4] == _ITEM[0]
        if raw[:4] not in _ITEM or int(element.tag if element else 0) in PIXEL_TAGS:
            return None
        try:
            return list(read_sequence(BytesIO(raw), True, little, len(raw), "latin-1"))
        except Exception:
            return None
    return None


def _texts(value: object, tag: int) -> Iterator[str]:
    if value is None or tag in PIXEL_TAGS:
        return
    if isinstance(value, bytes):
        yield from printable_runs(value)
    elif isinstance(value, (str, PersonName)) or not hasattr(value, "__iter__"):
        yield str(value)
    else:
        for part in value:
            yield str(part)


def printable_runs(data: bytes, shortest: int = 4) -> Iterator[str]:
    """Runs of printable ASCII, and of UTF-16LE that is ASCII, in bytes."""
    for match in re.finditer(rb"[\x20-\x7e]{%d,}" % shortest, data):
        yield match[0].decode("ascii")
    for match in re.finditer(rb"(?:[\x20-\x7e]\0){%d,}" % shortest, data):
        yield match[0].decode("utf-16-le")
