"""Where the pixel data of an object stands in its bytes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from safelight.records import Reason, Refusal

#: Transfer syntaxes whose pixel data is not encapsulated.
NATIVE = frozenset(
    map(
        str,
        (
            ImplicitVRLittleEndian,
            ExplicitVRLittleEndian,
            ExplicitVRBigEndian,
            DeflatedExplicitVRLittleEndian,
        ),
    )
)
#: Tags of pixel data and what their values are.
KINDS = {0x7FE00008: "float", 0x7FE00009: "double", 0x7FE00010: "integer"}
#: The length of encapsulated pixel data.
UNDEFINED = 0xFFFFFFFF


@dataclass(frozen=True)
class PixelElement:
    """Where the pixel data element stands: begin and length of its value."""

    tag: int
    vr: str
    start: int
    length: int


def is_pixel_data(tag: int, vr: str | None, length: int) -> bool:
    """Whether an element is pixel data; the signature is that of pydicom's ``stop_when``."""
    return tag in KINDS


def pixel_element(data: bytes, at: int, big_endian: bool) -> PixelElement | None:
    """The pixel data element at a position, or nothing if none stands there.

    Whether it has a VR is seen from its bytes, not from the transfer syntax: data sets that
    are implicit against what their meta information says are read by pydicom, too.

    Raises
    ------
    Refusal
        TRUNCATED when the data ends before the value does.
    """
    head = data[at : at + 12]
    if len(head) < 8:
        return None
    order: Literal["big", "little"] = "big" if big_endian else "little"
    tag = int.from_bytes(head[:2], order) << 16 | int.from_bytes(head[2:4], order)
    if tag not in KINDS:
        return None
    vr, size = ("OW", 8)
    if head[4:6].isalpha() and head[4:6].isupper() and head[6:8] == b"\0\0":
        vr, size = head[4:6].decode(), 12
    length = int.from_bytes(head[size - 4 : size], order)
    if length == 0:
        return None
    if length != UNDEFINED and at + size + length > len(data):
        raise Refusal(
            Reason.TRUNCATED,
            f"pixel data has {len(data) - at - size} of {length} bytes; fetch it again",
        )
    return PixelElement(tag, vr, at + size, length)
