"""Read the elements of a data set as offsets, without copying or converting their values.

An element is a tuple of offsets into the bytes of the object. This keeps the header stage fast.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NamedTuple

from safelight.dicom.dictionary import VR_BY_TAG, is_in_dictionary
from safelight.dicom.encoding import (
    IMPLICIT_LITTLE,
    ITEM,
    ITEM_END,
    LONG_VRS,
    SEQUENCE_END,
    SHORT_VRS,
    UNDEFINED,
    Encoding,
    format_tag_path,
)
from safelight.records import Reason, Refusal

#: Maximum nesting depth of sequences. No IOD needs more; a deeper object is refused.
MAX_DEPTH = 48
#: Maximum number of elements; more than an enhanced object of 100,000 frames has.
MAX_ELEMENTS = 20_000_000

#: VR of an element whose two VR letters are in no edition of the standard.
INVALID_VR = "??"

#: VR by its two encoded letters.
VR_NAMES = {vr.encode(): vr for vr in LONG_VRS | SHORT_VRS}
#: Encoded letters of the VRs whose length field has four bytes.
LONG_VR_CODES = frozenset(vr.encode() for vr in LONG_VRS)

_ITEM_GROUP = 0xFFFE

#: Bytes of padding that are compared at once.
_COMPARED_BYTES = 1 << 16


class Item(NamedTuple):
    """One item of a sequence.

    Attributes
    ----------
    elements : list of Element
        Elements of the item.
    start, stop : int
        Offsets of the content, without the item header and the item delimiter.
    undefined : bool
        True if the item has an undefined length.
    """

    elements: list[Element]
    start: int
    stop: int
    undefined: bool


class Element(NamedTuple):
    """One element as offsets into the bytes of the object.

    Attributes
    ----------
    tag : int
        Group and element number in one integer.
    vr : str
        VR of the element, or of the dictionary for implicit VR.
    start : int
        Offset of the tag.
    value : int
        Offset of the value.
    stop : int
        Offset after the value, or after its sequence delimiter.
    items : list of Item or None
        Items of a sequence of undefined length, which had to be read to find its end.
    undefined : bool
        True if the element has an undefined length.
    """

    tag: int
    vr: str
    start: int
    value: int
    stop: int
    items: list[Item] | None = None
    undefined: bool = False


class ElementReader:
    """Reader of the elements of one object.

    Parameters
    ----------
    data : bytes
        The object, inflated if its transfer syntax is deflated.
    allows_missing_delimiters : bool
        True to note missing delimiters; false to refuse the object.

    Raises
    ------
    Refusal
        Raised by all methods: ``TRUNCATED``, ``MALFORMED``, ``TOO_DEEP`` or ``TOO_LARGE``.

    Attributes
    ----------
    missing_delimiters : list of tuple of int and bytes
        Offset and bytes of each delimiter of an item or a sequence that the object lacks, in the
        order in which they are missed. The elements are not valid until they are inserted.
    """

    def __init__(self, data: bytes, allows_missing_delimiters: bool = False):
        self.data = data
        self.count = 0
        self._allows_missing_delimiters = allows_missing_delimiters
        self.missing_delimiters: list[tuple[int, bytes]] = []

    def read_elements(
        self, pos: int, end: int, encoding: Encoding, depth: int = 0, delimited: bool = False
    ) -> tuple[list[Element], int]:
        """Read the elements of a data set or of one item.

        Parameters
        ----------
        pos : int
            Offset of the first element.
        end : int
            Offset after the last element, or, if ``delimited``, the last possible offset.
        encoding : Encoding
            Encoding of the elements.
        depth : int
            Number of sequences around the elements.
        delimited : bool
            True if an item delimiter ends the elements.

        Returns
        -------
        elements : list of Element
        stop : int
            Offset after the elements and their item delimiter.
        """
        if depth > MAX_DEPTH:
            raise Refusal(
                Reason.TOO_DEEP,
                f"sequences are nested more than {MAX_DEPTH} deep; inspect the source",
            )
        found: list[Element] = []
        if encoding.explicit:
            pos = self._read_explicit(found, pos, end, encoding, depth)
        else:
            pos = self._read_implicit(found, pos, end, encoding, depth)
        if pos + 8 <= end:
            if self.data.startswith(_ITEM_END_BYTES[encoding.little], pos):
                if not delimited:
                    raise malformed(ITEM_END)
                return found, pos + 8
            if self.data.startswith(_SEQUENCE_END_BYTES[encoding.little], pos):
                if not delimited:
                    raise malformed(SEQUENCE_END)
                self._note_missing(pos, ITEM_END, encoding.little)
                return found, pos
        elif delimited:
            raise truncated(ITEM_END)
        elif pos < end and not self._is_zero(pos, end):
            raise truncated(0)
        self.count += len(found)
        if self.count > MAX_ELEMENTS:
            raise Refusal(
                Reason.TOO_LARGE,
                f"the object has more than {MAX_ELEMENTS} elements; inspect the source",
            )
        return found, end

    def _read_explicit(
        self, found: list[Element], pos: int, end: int, encoding: Encoding, depth: int
    ) -> int:
        """Append the elements to ``found``; return the offset of a delimiter, padding or end."""
        data = self.data
        append, new = found.append, tuple.__new__  # the constructor of a named tuple is slow
        read_header, read_long = _EXPLICIT_HEADER[encoding.little], _LENGTH[encoding.little]
        while pos + 8 <= end:
            group, number, code, length = read_header(data, pos)
            tag = group << 16 | number
            vr = VR_NAMES.get(code)
            if vr is None:
                if self._ends_elements(tag, code.isalpha(), pos, end):
                    return pos
                vr = INVALID_VR  # read with a short length field, and never kept
            if code in LONG_VR_CODES:
                if pos + 12 > end:
                    raise truncated(tag)
                (length,) = read_long(data, pos + 8)
                value = pos + 12
            else:
                value = pos + 8
            if length == UNDEFINED:
                element = self._read_undefined(
                    Element(tag, vr, pos, value, end, None, True), encoding, depth
                )
            else:
                stop = value + length
                if stop > end:
                    raise truncated(tag)
                element = new(Element, (tag, vr, pos, value, stop, None, False))
            append(element)
            pos = element[4]
        return pos

    def _read_implicit(
        self, found: list[Element], pos: int, end: int, encoding: Encoding, depth: int
    ) -> int:
        """Append the elements to ``found``; return the offset of a delimiter, padding or end."""
        data = self.data
        append, new = found.append, tuple.__new__
        read_header = _IMPLICIT_HEADER[encoding.little]
        while pos + 8 <= end:
            group, number, length = read_header(data, pos)
            tag = group << 16 | number
            if group == _ITEM_GROUP or (tag == 0 and length == 0):
                if self._ends_elements(tag, True, pos, end):
                    return pos
            vr = VR_BY_TAG[tag]
            value = pos + 8
            if length == UNDEFINED:
                element = self._read_undefined(
                    Element(tag, vr, pos, value, end, None, True), encoding, depth
                )
            else:
                stop = value + length
                if stop > end:
                    raise truncated(tag)
                element = new(Element, (tag, vr, pos, value, stop, None, False))
            append(element)
            pos = element[4]
        return pos

    def _ends_elements(self, tag: int, may_be_element: bool, pos: int, end: int) -> bool:
        """Return True for an item delimiter and for the zero padding after the last element."""
        if tag in (ITEM_END, SEQUENCE_END):
            return True
        if tag == 0 and self._is_zero(pos, end):
            return True
        if tag >> 16 == _ITEM_GROUP or not may_be_element:
            raise malformed(tag)
        return False

    def _is_zero(self, pos: int, end: int) -> bool:
        """Return whether all bytes are zero; they are compared in parts, without a copy of all."""
        return all(
            not self.data[at : min(at + _COMPARED_BYTES, end)].strip(b"\0")
            for at in range(pos, end, _COMPARED_BYTES)
        )

    def read_items(
        self, element: Element, end: int, encoding: Encoding, depth: int
    ) -> tuple[list[Item], int]:
        """Read the items of a sequence.

        Parameters
        ----------
        element : Element
            The sequence.
        end : int
            Offset after its value, or the last possible offset of its sequence delimiter.
        encoding : Encoding
            Encoding of the items.
        depth : int
            Number of sequences around the sequence.

        Returns
        -------
        items : list of Item
        stop : int
            Offset after the items and their sequence delimiter.
        """
        data, pos = self.data, element.value
        read_header = _IMPLICIT_HEADER[encoding.little]
        items: list[Item] = []
        while pos + 8 <= end:
            group, number, length = read_header(data, pos)
            tag = group << 16 | number
            pos += 8
            if tag == SEQUENCE_END:
                return items, pos
            if tag != ITEM:
                if element.undefined and (tag == ITEM_END or element.tag < tag < ITEM):
                    self._note_missing(pos - 8, SEQUENCE_END, encoding.little)
                    return items, pos - 8
                raise malformed(element.tag)
            if length == UNDEFINED:
                found, after = self.read_elements(pos, end, encoding, depth + 1, delimited=True)
                items.append(Item(found, pos, after - 8, True))
                pos = after
            else:
                stop = pos + length
                if stop > end:
                    raise truncated(element.tag)
                found, _ = self.read_elements(pos, stop, encoding, depth + 1)
                items.append(Item(found, pos, stop, False))
                pos = stop
        if element.undefined or pos != end:
            raise truncated(element.tag)
        return items, pos

    def _read_undefined(self, element: Element, encoding: Encoding, depth: int) -> Element:
        """Return an element of undefined length with its items and its end.

        ``element.stop`` is the last possible offset of its sequence delimiter.
        """
        tag, vr = element.tag, element.vr
        if vr in ("OB", "OW") or (vr == "UN" and tag >> 16 == 0x7FE0):
            return element._replace(stop=self._find_end_of_fragments(element))
        if vr == "UN" and encoding.explicit:
            # An unknown sequence is encoded in implicit little endian (PS3.5, section 6.2.2).
            encoding = IMPLICIT_LITTLE
        elif vr not in ("SQ", "UN"):
            raise malformed(tag)
        items, stop = self.read_items(element, element.stop, encoding, depth)
        return element._replace(stop=stop, items=items)

    def _find_end_of_fragments(self, element: Element) -> int:
        """Return the offset after encapsulated Pixel Data (PS3.5, section A.4)."""
        pos, end = element.value, element.stop
        while pos + 8 <= end:
            group, number, length = struct.unpack_from("<HHL", self.data, pos)
            pos += 8
            if (group, number) == (0xFFFE, 0xE0DD):
                return pos
            if (group, number) != (0xFFFE, 0xE000) or length == UNDEFINED:
                raise malformed(element.tag)
            pos += length
        if pos == end and self.data[pos - 3 : pos].rstrip(b"\0").endswith(_CODESTREAM_END):
            self._note_missing(pos, SEQUENCE_END, True)
            return pos
        raise truncated(element.tag)

    def _note_missing(self, pos: int, tag: int, little: bool) -> None:
        """Add a delimiter to those that the object lacks.

        Some writers leave out the delimiter of the last item or of a sequence. The next delimiter
        or element shows where it has to be.
        """
        if not self._allows_missing_delimiters:
            raise malformed(tag)
        delimiter = (_ITEM_END_BYTES if tag == ITEM_END else _SEQUENCE_END_BYTES)[little]
        self.missing_delimiters.append((pos, delimiter + bytes(4)))


def insert_pieces(data: bytes, pieces: Sequence[tuple[int, bytes]]) -> bytes:
    """Return bytes with pieces inserted at their offsets.

    Parameters
    ----------
    data : bytes
    pieces : sequence of tuple of int and bytes
        Offset in ``data``, and what is inserted there; in ascending order of the offsets.
    """
    parts: list[bytes] = []
    at = 0
    for offset, piece in pieces:
        parts += [data[at:offset], piece]
        at = offset
    return b"".join([*parts, data[at:]])


# By ``Encoding.little``.
_EXPLICIT_HEADER = {little: struct.Struct("<HH2sH" if little else ">HH2sH").unpack_from
                    for little in (True, False)}  # fmt: skip
_IMPLICIT_HEADER = {little: struct.Struct("<HHL" if little else ">HHL").unpack_from
                    for little in (True, False)}  # fmt: skip
_LENGTH = {little: struct.Struct("<L" if little else ">L").unpack_from
           for little in (True, False)}  # fmt: skip
_ITEM_END_BYTES = {little: struct.pack("<HH" if little else ">HH", 0xFFFE, 0xE00D)
                   for little in (True, False)}  # fmt: skip

_SEQUENCE_END_BYTES = {little: struct.pack("<HH" if little else ">HH", 0xFFFE, 0xE0DD)
                       for little in (True, False)}  # fmt: skip
#: Last bytes of a JPEG, JPEG-LS or JPEG 2000 codestream.
_CODESTREAM_END = b"\xff\xd9"


def _name_element(tag: int) -> str:
    """Return the tag of an element, unless it may be a part of a value that was read as a tag."""
    if tag in (0, ITEM, ITEM_END, SEQUENCE_END) or is_in_dictionary(tag):
        return f"element {format_tag_path('', tag)}"
    return "an element that is not in the data dictionary"


def truncated(tag: int) -> Refusal:
    """Return the refusal of an object that ends inside an element."""
    return Refusal(
        Reason.TRUNCATED,
        f"the data end inside {_name_element(tag)}; fetch the object again from its source",
    )


def malformed(tag: int) -> Refusal:
    """Return the refusal of an object whose element breaks the encoding rules."""
    return Refusal(
        Reason.MALFORMED,
        f"{_name_element(tag)} breaks the encoding rules of PS3.5; repair the source",
    )
