"""Read one object: what it says of its encoding, and where its elements stand."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass, field

from safelight.dicom.elements import LONG, VR_NAMES, Element, Walker, truncated
from safelight.dicom.encoding import (
    DEFLATED_UID,
    EXPLICIT_BIG,
    EXPLICIT_BIG_UID,
    EXPLICIT_LITTLE,
    EXPLICIT_LITTLE_UID,
    IMPLICIT_LITTLE,
    IMPLICIT_LITTLE_UID,
    Encoding,
)
from safelight.records import Reason, Refusal, Status

#: An inflated data set may be this large (deflated transfer syntax).
MAX_INFLATED = 4 << 30

_STANDARD_SYNTAX = re.compile(r"1\.2\.840\.10008\.1\.2\.[0-9.]{1,40}")


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
        if code in LONG:
            if pos + 12 > len(data):
                raise truncated(0x00020000 | number)
            (length,) = struct.unpack_from("<L", data, pos + 8)
            value = pos + 12
        elif code not in VR_NAMES:  # implicit file meta: not allowed, but met
            (length,) = struct.unpack_from("<L", data, pos + 4)
        if value + length > len(data):
            raise truncated(0x00020000 | number)
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
    return code in VR_NAMES and 0 < group < 0x0100


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
