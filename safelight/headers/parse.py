"""Read one object into element positions, without copying or converting a value.

The walk over the bytes is what makes the header stage fast: an element is a tuple of
offsets into the original buffer, and what no rule changes is never looked at again.
"""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field
from typing import NamedTuple

from safelight.headers.dictionary import VR_OF
from safelight.headers.encoding import (
    DEFLATED_UID,
    EXPLICIT_BIG,
    EXPLICIT_BIG_UID,
    EXPLICIT_LITTLE,
    EXPLICIT_LITTLE_UID,
    IMPLICIT_LITTLE,
    IMPLICIT_LITTLE_UID,
    ITEM,
    ITEM_END,
    LONG_VRS,
    SEQUENCE_END,
    SHORT_VRS,
    UNDEFINED,
    Encoding,
    location,
)
from safelight.records import Reason, Refusal, Status

#: Deeper nesting than any IOD needs; beyond it the object is taken for a bomb.
MAX_DEPTH = 48
#: More elements than a 100,000-frame enhanced object holds.
MAX_ELEMENTS = 20_000_000
#: An inflated data set may be this large (deflated transfer syntax).
MAX_INFLATED = 4 << 30

_STANDARD_SYNTAX = re.compile(r"1\.2\.840\.10008\.1\.2\.[0-9.]{1,40}")
_VR_NAMES = {vr.encode(): vr for vr in LONG_VRS | SHORT_VRS}
_LONG = frozenset(vr.encode() for vr in LONG_VRS)


class Item(NamedTuple):
    """One item of a sequence: its elements, where its content stands, how its length was given."""

    elements: list[Element]
    start: int
    stop: int
    undefined: bool


class Element(NamedTuple):
    """Where one element stands.

    ``start`` is the offset of its tag, ``value`` of its value, ``stop`` one past its end (and
    past its delimiter). ``items`` is set for sequences that had to be walked to find their end.
    """

    tag: int
    vr: str
    start: int
    value: int
    stop: int
    items: list[Item] | None = None
    undefined: bool = False


@dataclass
class ParsedObject:
    """One object as positions in ``data`` (the inflated data set where it was deflated)."""

    data: bytes
    encoding: Encoding
    transfer_syntax: str
    meta: dict[int, bytes]
    elements: list[Element]
    _index: dict[int, Element] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._index = {element[0]: element for element in self.elements}

    def find(self, tag: int) -> Element | None:
        """The last top-level element with this tag (as other readers take it)."""
        return self._index.get(tag)

    def raw(self, tag: int) -> bytes:
        """Value bytes of a top-level element, empty if absent."""
        element = self._index.get(tag)
        return self.data[element.value : element.stop] if element else b""

    def text(self, tag: int) -> str:
        """A value of the default repertoire (UI, CS, …), without padding."""
        return self.raw(tag).decode("latin-1").strip("\0 ")


class Walker:
    """Walks the elements of one buffer.

    Raises
    ------
    Refusal
        ``TRUNCATED``, ``MALFORMED``, ``TOO_DEEP`` or ``TOO_LARGE``.
    """

    def __init__(self, data: bytes):
        self.data = data
        self.count = 0

    def elements(
        self, pos: int, end: int, encoding: Encoding, depth: int = 0, delimited: bool = False
    ) -> tuple[list[Element], int]:
        """Elements from ``pos`` up to ``end``, or up to an item delimiter where ``delimited``."""
        if depth > MAX_DEPTH:
            raise Refusal(
                Reason.TOO_DEEP,
                f"sequences are nested more than {MAX_DEPTH} deep; inspect the source by hand",
            )
        data = self.data
        found: list[Element] = []
        append, new = found.append, tuple.__new__  # the constructor of a named tuple is slow
        explicit = encoding.explicit
        short = struct.Struct(encoding.order + ("HH2sH" if explicit else "HHL")).unpack_from
        long = struct.Struct(encoding.order + "L").unpack_from
        while pos + 8 <= end:
            if explicit:
                group, number, code, length = short(data, pos)
                tag = group << 16 | number
                vr = _VR_NAMES.get(code)
                if vr is None:
                    if group == 0xFFFE:
                        if tag == ITEM_END and delimited:
                            return found, pos + 8
                        raise self._malformed(tag)
                    if not code.isalpha():
                        if tag == 0 and not data[pos:end].strip(b"\0"):
                            break  # zero padding after the last element
                        raise self._malformed(tag)
                    vr = "??"  # a VR of no edition: read by its short form, never kept
                if code in _LONG:
                    if pos + 12 > end:
                        raise self._truncated(tag)
                    (length,) = long(data, pos + 8)
                    value = pos + 12
                else:
                    value = pos + 8
            else:
                group, number, length = short(data, pos)
                tag = group << 16 | number
                if group == 0xFFFE:
                    if tag == ITEM_END and delimited:
                        return found, pos + 8
                    raise self._malformed(tag)
                if tag == 0 and length == 0 and not data[pos:end].strip(b"\0"):
                    break
                vr = VR_OF[tag]
                value = pos + 8
            if length == UNDEFINED:
                element = self._undefined(tag, vr, pos, value, end, encoding, depth)
            else:
                stop = value + length
                if stop > end:
                    raise self._truncated(tag)
                element = new(Element, (tag, vr, pos, value, stop, None, False))
            append(element)
            pos = element[4]
        else:
            if delimited:
                raise self._truncated(ITEM_END)
            if pos < end and data[pos:end].strip(b"\0"):
                raise self._truncated(0)
        self.count += len(found)
        if self.count > MAX_ELEMENTS:
            raise Refusal(
                Reason.TOO_LARGE,
                f"the object has more than {MAX_ELEMENTS} elements; inspect the source by hand",
            )
        return found, end

    def items(
        self, element: Element, end: int, encoding: Encoding, depth: int
    ) -> tuple[list[Item], int]:
        """Items of a sequence whose value ends at ``end`` or at a sequence delimiter."""
        data, pos = self.data, element.value
        head = struct.Struct(encoding.order + "HHL").unpack_from
        items: list[Item] = []
        while pos + 8 <= end:
            group, number, length = head(data, pos)
            tag = group << 16 | number
            pos += 8
            if tag == SEQUENCE_END:
                return items, pos
            if tag != ITEM:
                raise self._malformed(element.tag)
            if length == UNDEFINED:
                found, after = self.elements(pos, end, encoding, depth + 1, delimited=True)
                items.append(Item(found, pos, after - 8, True))
                pos = after
            else:
                stop = pos + length
                if stop > end:
                    raise self._truncated(element.tag)
                found, _ = self.elements(pos, stop, encoding, depth + 1)
                items.append(Item(found, pos, stop, False))
                pos = stop
        if element.undefined or pos != end:
            raise self._truncated(element.tag)
        return items, pos

    def _undefined(
        self, tag: int, vr: str, start: int, value: int, end: int, encoding: Encoding, depth: int
    ) -> Element:
        open_element = Element(tag, vr, start, value, end, None, True)
        if vr in ("OB", "OW") or (vr == "UN" and tag >> 16 == 0x7FE0):
            return Element(tag, vr, start, value, self._fragments(open_element, end), None, True)
        if vr == "UN" and encoding.explicit:
            # An unknown sequence is encoded in implicit little endian (PS3.5, section 6.2.2).
            encoding = IMPLICIT_LITTLE
        elif vr not in ("SQ", "UN"):
            raise self._malformed(tag)
        items, stop = self.items(open_element, end, encoding, depth)
        return Element(tag, vr, start, value, stop, items, True)

    def _fragments(self, element: Element, end: int) -> int:
        """The end of encapsulated pixel data (PS3.5, section A.4)."""
        pos = element.value
        while pos + 8 <= end:
            group, number, length = struct.unpack_from("<HHL", self.data, pos)
            pos += 8
            if (group, number) == (0xFFFE, 0xE0DD):
                return pos
            if (group, number) != (0xFFFE, 0xE000) or length == UNDEFINED:
                raise self._malformed(element.tag)
            pos += length
        raise self._truncated(element.tag)

    @staticmethod
    def _truncated(tag: int) -> Refusal:
        return Refusal(
            Reason.TRUNCATED,
            f"the data end inside element {location('', tag)}; "
            "fetch the object again from its source",
        )

    @staticmethod
    def _malformed(tag: int) -> Refusal:
        return Refusal(
            Reason.MALFORMED,
            f"element {location('', tag)} breaks the encoding rules of PS3.5; repair the source",
        )


def parse(data: bytes, size: int | None = None) -> ParsedObject:
    """Read one DICOM object, with or without the File Format of PS3.10.

    Parameters
    ----------
    data : bytes
        The whole object.
    size : int, optional
        Its size, if ``data`` is only its beginning: elements may then end past ``data``.

    Raises
    ------
    Refusal
        With a reason code; ``FILTERED`` for what is not DICOM and for a DICOMDIR.
    """
    meta, start = _file_meta(data)
    uid = meta.get(0x00020010, b"").decode("latin-1").strip("\0 ")
    if meta.get(0x00020002, b"").strip(b"\0 ") == b"1.2.840.10008.1.3.10":
        raise Refusal(
            Reason.DICOMDIR,
            "a DICOMDIR describes media and is no object; rebuild it from the output if needed",
            Status.FILTERED,
        )
    if not uid:
        encoding, uid = _guess(data, start)
    elif uid == DEFLATED_UID:
        data, start = _inflate(data, start), 0
        encoding = EXPLICIT_LITTLE
    elif uid == IMPLICIT_LITTLE_UID:
        encoding = IMPLICIT_LITTLE
        if _looks_explicit(data, start, "<"):  # a known error of writers; believe the bytes
            encoding, uid = EXPLICIT_LITTLE, EXPLICIT_LITTLE_UID
    elif uid == EXPLICIT_BIG_UID:
        encoding = EXPLICIT_BIG
    elif _STANDARD_SYNTAX.fullmatch(uid):
        encoding = EXPLICIT_LITTLE
        if not _looks_explicit(data, start, "<"):
            encoding, guessed = _guess(data, start)
            uid = guessed if uid == EXPLICIT_LITTLE_UID else uid
    else:
        raise Refusal(
            Reason.UNKNOWN_TRANSFER_SYNTAX,
            "the transfer syntax is private or unknown; export the object in a standard one",
        )
    end = len(data) if size is None else size
    elements, _ = Walker(data).elements(start, end, encoding)
    return ParsedObject(data, encoding, uid, meta, elements)


def _file_meta(data: bytes) -> tuple[dict[int, bytes], int]:
    """The group 0002 elements, and where the data set starts (PS3.10, section 7.1)."""
    if data[128:132] == b"DICM":
        pos = 132
    elif data[:4] == b"DICM":
        pos = 4
    else:
        pos = 0
        if data[:2] != b"\x02\x00" and not _plausible(data):
            raise Refusal(Reason.NOT_DICOM, "the file is not a DICOM object", Status.FILTERED)
    meta: dict[int, bytes] = {}
    while data[pos : pos + 2] == b"\x02\x00" and pos + 8 <= len(data):
        _, number, code, length = struct.unpack_from("<HH2sH", data, pos)
        value = pos + 8
        if code in _LONG:
            if pos + 12 > len(data):
                raise Walker._truncated(0x00020000 | number)
            (length,) = struct.unpack_from("<L", data, pos + 8)
            value = pos + 12
        elif code not in _VR_NAMES:  # implicit file meta: not allowed, but met
            (length,) = struct.unpack_from("<L", data, pos + 4)
        if value + length > len(data):
            raise Walker._truncated(0x00020000 | number)
        meta[0x00020000 | number] = data[value : value + length]
        pos = value + length
    if pos + 8 > len(data):
        raise Refusal(
            Reason.TRUNCATED, "the file ends before its data set; fetch it again from its source"
        )
    return meta, pos


def _plausible(data: bytes) -> bool:
    """Whether bytes without preamble begin like a data set: a low group and a sane length."""
    if len(data) < 16:
        return False
    if _looks_explicit(data, 0, "<") or _looks_explicit(data, 0, ">"):
        return True
    group, number, length = struct.unpack_from("<HHL", data, 0)
    return group in (0x0004, 0x0008) and number <= 0x00FF and 0 < length <= 1024


def _looks_explicit(data: bytes, pos: int, order: str) -> bool:
    group, _, code = struct.unpack_from(order + "HH2s", data, pos)
    return code in _VR_NAMES and 0 < group < 0x0100


def _guess(data: bytes, pos: int) -> tuple[Encoding, str]:
    if _looks_explicit(data, pos, "<"):
        return EXPLICIT_LITTLE, EXPLICIT_LITTLE_UID
    if _looks_explicit(data, pos, ">"):
        return EXPLICIT_BIG, EXPLICIT_BIG_UID
    return IMPLICIT_LITTLE, IMPLICIT_LITTLE_UID


def _inflate(data: bytes, start: int) -> bytes:
    """The deflated data set (PS3.5, section A.5), bounded against bombs."""
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        inflated = inflater.decompress(data[start:], MAX_INFLATED)
    except zlib.error:
        raise Refusal(
            Reason.MALFORMED, "the deflated data set cannot be inflated; repair the source"
        ) from None
    if inflater.unconsumed_tail:
        raise Refusal(
            Reason.TOO_LARGE, "the inflated data set is over 4 GiB; inspect the source by hand"
        )
    if not inflater.eof:
        raise Refusal(
            Reason.TRUNCATED, "the deflated data set is cut short; fetch it again from its source"
        )
    return inflated
