"""Elements of an object at all nesting levels, each with its location, texts and bytes."""

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

from safelight.verify.object_reader import UnreadableError
from safelight.verify.pdf_pages import UnreadablePdfError, is_pdf, read_pdf_texts

BYTE_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "UN"})
FREE_TEXT_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UR", "UT"})
PIXEL_TAGS = frozenset({0x7FE00008, 0x7FE00009, 0x7FE00010})

#: Item tag (FFFE,E000), little endian and big endian.
_ITEM_TAGS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
_MAX_DEPTH = 64

#: Shortest run of printable characters in bytes that counts as text.
_MIN_RUN_CHARACTERS = 4


@dataclass(frozen=True)
class LeafElement:
    """Element that is not a sequence. It holds values and must not be logged.

    Attributes
    ----------
    tag : int
    vr : str
    location : str
        Tag path.
    pairing_path : str
        Tag path that is equal in original and output even if a private block was moved, because
        it has the private creator instead of the block.
    keyword : str
        Empty for private and unknown elements.
    creator : str
        Private creator; empty for standard elements.
    texts : tuple of str
        Values as text; for bytes, the printable runs.
    value_bytes : bytes
        Value as encoded in the file, if pydicom still has it.
    """

    tag: int
    vr: str
    location: str
    pairing_path: str
    keyword: str
    creator: str
    texts: tuple[str, ...]
    value_bytes: bytes

    @property
    def is_private(self) -> bool:
        """True if the group is odd."""
        return bool(self.tag >> 16 & 1)


def iterate_elements(
    dataset: Dataset, location: str = "", pairing_path: str = "", depth: int = 0
) -> Iterator[LeafElement]:
    """Yield the elements of a data set and of all its sequences, in the order of tags.

    An element of VR UN that holds items is read as a sequence.

    Parameters
    ----------
    dataset : pydicom Dataset
    location, pairing_path : str
        Prefix of both paths, for a nested data set.
    depth : int
        Nesting level; 0 is the top level.

    Raises
    ------
    UnreadableError
        If sequences are nested more than 64 deep.
    """
    for tag in sorted(dataset.keys()):
        item = dataset.get_item(tag)
        raw = item.value if isinstance(item, RawDataElement) else None
        value_bytes = raw if isinstance(raw, bytes) else b""
        try:
            element: DataElement | None = dataset[tag]
        except Exception:
            element = None
        step = f"({tag.group:04X},{tag.element:04X})"
        creator = _find_creator(dataset, tag)
        pairing_step = step
        if creator:
            pairing_step = f'({tag.group:04X},"{creator}",{tag.element & 0xFF:02X})'
        items = _read_items(element, value_bytes)
        if items is not None:
            if depth >= _MAX_DEPTH:
                raise UnreadableError(f"sequences are nested more than {_MAX_DEPTH} deep")
            for number, child in enumerate(items):
                yield from iterate_elements(
                    child,
                    f"{location}{step}[{number}].",
                    f"{pairing_path}{pairing_step}[{number}].",
                    depth + 1,
                )
            continue
        value = element.value if element is not None else value_bytes
        yield LeafElement(
            tag=int(tag),
            vr=element.VR if element is not None else "UN",
            location=location + step,
            pairing_path=pairing_path + pairing_step,
            keyword="" if tag.is_private else keyword_for_tag(tag),
            creator=creator,
            texts=tuple(_convert_to_texts(value, int(tag))),
            value_bytes=value_bytes or (value if isinstance(value, bytes) else b""),
        )


def _find_creator(dataset: Dataset, tag: BaseTag) -> str:
    """Return the private creator of an element in capitals; empty for other elements."""
    if not tag.is_private or tag.element < 0x1000:
        return ""
    creator = dataset.get_item((tag.group, tag.element >> 8))
    value = creator.value if creator is not None else ""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value or "")
    return text.strip().upper()


def _read_items(element: DataElement | None, value_bytes: bytes) -> list[Dataset] | None:
    """Return the items of a sequence; None for an element that is not a sequence."""
    if element is not None and element.VR == "SQ":
        return list(element.value)
    if element is not None and element.VR not in ("UN", "OB"):
        return None
    if value_bytes[:4] not in _ITEM_TAGS or int(element.tag if element else 0) in PIXEL_TAGS:
        return None
    # PS3.5, section 6.2.2, note 2: a sequence of unknown VR is encoded as Implicit VR Little
    # Endian.
    is_little_endian = value_bytes[:4] == _ITEM_TAGS[0]
    try:
        stream = BytesIO(value_bytes)
        return list(read_sequence(stream, True, is_little_endian, len(value_bytes), "latin-1"))
    except Exception:
        return None


def _convert_to_texts(value: object, tag: int) -> Iterator[str]:
    """Yield the values of an element as text; none for pixel data."""
    if value is None or tag in PIXEL_TAGS:
        return
    if isinstance(value, bytes):
        yield from _read_document_texts(value) or find_printable_runs(value)
    elif isinstance(value, (str, PersonName)) or not hasattr(value, "__iter__"):
        yield str(value)
    else:
        for part in value:
            yield str(part)


def _read_document_texts(data: bytes) -> list[str]:
    """Return the texts of a PDF or XML document; none for other bytes."""
    try:
        if is_pdf(data):
            return list(read_pdf_texts(data))
        return [data.decode("utf-8").rstrip("\0")] if data.lstrip()[:1] == b"<" else []
    except (UnreadablePdfError, UnicodeDecodeError):
        return []


def find_printable_runs(data: bytes) -> Iterator[str]:
    """Yield the runs of printable ASCII in bytes, also of ASCII encoded as UTF-16LE."""
    for match in re.finditer(rb"[\x20-\x7e]{%d,}" % _MIN_RUN_CHARACTERS, data):
        yield match[0].decode("ascii")
    for match in re.finditer(rb"(?:[\x20-\x7e]\0){%d,}" % _MIN_RUN_CHARACTERS, data):
        yield match[0].decode("utf-16-le")
