"""Walk the elements of a buffer, without copying or converting a value.

An element is a tuple of offsets into the buffer: that is what makes the header stage fast.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

from safelight.dicom.dictionary import VR_OF
from safelight.dicom.encoding import (
    IMPLICIT_LITTLE,
    ITEM,
    ITEM_END,
    LONG_VRS,
    SEQUENCE_END,
    SHORT_VRS,
    UNDEFINED,
    Encoding,
    location,
)
from safelight.records import Reason, Refusal

#: Deeper nesting than any IOD needs; beyond it the object is taken for a bomb.
MAX_DEPTH = 48
#: More elements than a 100,000-frame enhanced object holds.
MAX_ELEMENTS = 20_000_000

#: Value representations by their two letters, and those whose length takes four bytes.
VR_NAMES = {vr.encode(): vr for vr in LONG_VRS | SHORT_VRS}
LONG = frozenset(vr.encode() for vr in LONG_VRS)


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
                vr = VR_NAMES.get(code)
                if vr is None:
                    if group == 0xFFFE:
                        if tag == ITEM_END and delimited:
                            return found, pos + 8
                        raise malformed(tag)
                    if not code.isalpha():
                        if tag == 0 and not data[pos:end].strip(b"\0"):
                            break  # zero padding after the last element
                        raise malformed(tag)
                    vr = "??"  # a VR of no edition: read by its short form, never kept
                if code in LONG:
                    if pos + 12 > end:
                        raise truncated(tag)
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
                    raise malformed(tag)
                if tag == 0 and length == 0 and not data[pos:end].strip(b"\0"):
                    break
                vr = VR_OF[tag]
                value = pos + 8
            if length == UNDEFINED:
                element = self._undefined(tag, vr, pos, value, end, encoding, depth)
            else:
                stop = value + length
                if stop > end:
                    raise truncated(tag)
                element = new(Element, (tag, vr, pos, value, stop, None, False))
            append(element)
            pos = element[4]
        else:
            if delimited:
                raise truncated(ITEM_END)
            if pos < end and data[pos:end].strip(b"\0"):
                raise truncated(0)
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
                raise malformed(element.tag)
            if length == UNDEFINED:
                found, after = self.elements(pos, end, encoding, depth + 1, delimited=True)
                items.append(Item(found, pos, after - 8, True))
                pos = after
            else:
                stop = pos + length
                if stop > end:
                    raise truncated(element.tag)
                found, _ = self.elements(pos, stop, encoding, depth + 1)
                items.append(Item(found, pos, stop, False))
                pos = stop
        if element.undefined or pos != end:
            raise truncated(element.tag)
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
            raise malformed(tag)
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
                raise malformed(element.tag)
            pos += length
        raise truncated(element.tag)


def truncated(tag: int) -> Refusal:
    """Says that the bytes end too early."""
    return Refusal(
        Reason.TRUNCATED,
        f"the data end inside element {location('', tag)}; fetch the object again from its source",
    )


def malformed(tag: int) -> Refusal:
    """Says that bytes cannot be what they should be."""
    return Refusal(
        Reason.MALFORMED,
        f"element {location('', tag)} breaks the encoding rules of PS3.5; repair the source",
    )
