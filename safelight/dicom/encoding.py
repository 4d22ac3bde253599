"""Encode data elements (PS3.5, section 7.1): value representations, lengths and byte order."""

from __future__ import annotations

import struct
from dataclasses import dataclass

UNDEFINED = 0xFFFFFFFF
ITEM = 0xFFFEE000
ITEM_END = 0xFFFEE00D
SEQUENCE_END = 0xFFFEE0DD

#: VRs with a 32-bit length field after two reserved bytes (PS3.5, table 7.1-1).
LONG_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"})
SHORT_VRS = frozenset(
    {
        "AE", "AS", "AT", "CS", "DA", "DS", "DT", "FD", "FL", "IS", "LO", "LT", "PN", "SH", "SL",
        "SS", "ST", "TM", "UI", "UL", "US",
    }
)  # fmt: skip

#: VRs whose values are in the Specific Character Set of the object (PS3.5, section 6.1.2.3).
CHARACTER_SET_VRS = frozenset({"LO", "LT", "PN", "SH", "ST", "UC", "UT"})
#: VRs whose values are character strings of any kind.
STRING_VRS = CHARACTER_SET_VRS | {"AE", "AS", "CS", "DA", "DS", "DT", "IS", "TM", "UI", "UR"}
#: String VRs in which a backslash is a character and does not separate values.
SINGLE_VALUE_VRS = frozenset({"LT", "ST", "UT", "UR"})
#: Longest value in bytes of the other VRs in explicit VR.
MAX_SHORT_LENGTH = 0xFFFF
#: VRs whose values are bytes or binary numbers and never characters.
BULK_VRS = frozenset({"OB", "OD", "OF", "OL", "OV", "OW"})

#: Format characters of :mod:`struct` by VR, for VRs of binary numbers.
NUMBER_LAYOUTS = {
    "FD": "d", "FL": "f", "SL": "l", "SS": "h", "SV": "q", "UL": "L", "US": "H", "UV": "Q",
}  # fmt: skip

#: Bytes of one number by VR.
NUMBER_BYTES = {vr: struct.calcsize(f"<{layout}") for vr, layout in NUMBER_LAYOUTS.items()}

#: Maximum number of characters of one value by VR (PS3.5, table 6.2-1); for PN, of one component
#: group.
MAX_CHARACTERS = {
    "AE": 16, "AS": 4, "CS": 16, "DA": 18, "DS": 16, "DT": 54, "IS": 12, "LO": 64, "LT": 10240,
    "PN": 64, "SH": 16, "ST": 1024, "TM": 28, "UI": 64,
}  # fmt: skip


@dataclass(frozen=True)
class Encoding:
    """Encoding of a data set: explicit or implicit VR, little or big endian.

    Attributes
    ----------
    explicit : bool
        True if each element states its VR.
    little : bool
        True for little endian byte order.
    """

    explicit: bool = True
    little: bool = True

    @property
    def order(self) -> str:
        """Return the byte order prefix of :mod:`struct` formats."""
        return "<" if self.little else ">"

    def number(self, layout: str, value: int) -> bytes:
        """Return a binary number in the byte order of the encoding.

        Parameters
        ----------
        layout : str
            Format character of :mod:`struct`, such as ``H`` for US.
        value : int
            The number.

        Returns
        -------
        bytes
            As many bytes as the format character requires.

        Raises
        ------
        struct.error
            If the number is not in the range of the format character.
        """
        return struct.pack(self.order + layout, value)

    def header(self, tag: int, vr: str, length: int) -> bytes:
        """Return the encoded tag, VR and length of an element.

        Parameters
        ----------
        tag : int
            Group and element number in one integer.
        vr : str
            Value representation; ignored for implicit VR and for items.
        length : int
            Length of the value in bytes, or :data:`UNDEFINED`.

        Returns
        -------
        bytes

        Raises
        ------
        ValueError
            If the length does not fit the length field of the VR.
        """
        group, element = tag >> 16, tag & 0xFFFF
        if not self.explicit or group == 0xFFFE:
            return struct.pack(self.order + "HHL", group, element, length)
        if vr in LONG_VRS:
            return struct.pack(self.order + "HH2sHL", group, element, vr.encode("ascii"), 0, length)
        if length > MAX_SHORT_LENGTH:
            raise ValueError(f"a {vr} value of {length} bytes does not fit its length field")
        return struct.pack(self.order + "HH2sH", group, element, vr.encode("ascii"), length)

    def element(self, tag: int, vr: str, value: bytes) -> bytes:
        """Return an encoded element, its value padded to an even length (PS3.5, section 6.2).

        Parameters
        ----------
        tag : int
            Group and element number in one integer.
        vr : str
            Value representation; for implicit VR, it only selects the padding byte.
        value : bytes
            Encoded value in the byte order of this encoding, with or without padding.

        Returns
        -------
        bytes
            Tag, VR for explicit VR, length and value. The padding is a space for string VRs other
            than UI, and a null byte for all others. A value that does not fit the length field of
            its VR gets the VR UN (PS3.5, section 6.2.2, note 5).
        """
        if len(value) & 1:
            value += b" " if vr in STRING_VRS and vr != "UI" else b"\0"
        if len(value) > MAX_SHORT_LENGTH and vr not in LONG_VRS:
            vr = "UN"
        return self.header(tag, vr, len(value)) + value

    def item(self, content: bytes, undefined: bool) -> bytes:
        """Return an encoded item of a sequence, of explicit or undefined length.

        Parameters
        ----------
        content : bytes
            Encoded elements of the item.
        undefined : bool
            True for undefined length and an Item Delimitation Item (PS3.5, section 7.5.2).

        Returns
        -------
        bytes
            The item with its tag and length; for undefined length, also with its delimitation item.
        """
        if undefined:
            return self.header(ITEM, "", UNDEFINED) + content + self.header(ITEM_END, "", 0)
        return self.header(ITEM, "", len(content)) + content

    def sequence(self, tag: int, vr: str, items: bytes, undefined: bool) -> bytes:
        """Return an encoded sequence element that holds encoded items.

        Parameters
        ----------
        tag : int
            Group and element number in one integer.
        vr : str
            ``SQ``, or ``UN`` for a sequence whose VR is unknown; ignored for implicit VR.
        items : bytes
            Encoded items, one after the other; see ``item``.
        undefined : bool
            True for undefined length and a Sequence Delimitation Item (PS3.5, section 7.5.2).

        Returns
        -------
        bytes
            The element with its header; for undefined length, also with its delimitation item.
        """
        if undefined:
            head = self.header(tag, vr, UNDEFINED)
            return head + items + self.header(SEQUENCE_END, "", 0)
        return self.header(tag, vr, len(items)) + items


EXPLICIT_LITTLE = Encoding(True, True)
EXPLICIT_BIG = Encoding(True, False)
IMPLICIT_LITTLE = Encoding(False, True)

IMPLICIT_LITTLE_UID = "1.2.840.10008.1.2"
EXPLICIT_LITTLE_UID = "1.2.840.10008.1.2.1"
DEFLATED_UID = "1.2.840.10008.1.2.1.99"
EXPLICIT_BIG_UID = "1.2.840.10008.1.2.2"

#: Transfer syntaxes whose Pixel Data is not encapsulated.
NATIVE_UIDS = frozenset({IMPLICIT_LITTLE_UID, EXPLICIT_LITTLE_UID, DEFLATED_UID, EXPLICIT_BIG_UID})


def format_tag_path(parent: str, tag: int) -> str:
    """Return a tag path such as ``(0008,1140)[0].(0008,1155)``.

    Parameters
    ----------
    parent : str
        Path of the item that holds the element, with a dot at its end; empty at the top level.
    tag : int
        Tag of the element.

    Returns
    -------
    str
    """
    return f"{parent}({tag >> 16:04X},{tag & 0xFFFF:04X})"
