"""Encode a data set of Implicit VR Little Endian in Explicit VR Little Endian.

Encapsulated pixel data need explicit VR (PS3.5, section A.4). Some writers use implicit VR, which
other readers cannot read.
"""

from __future__ import annotations

from collections.abc import Sequence

from pydicom.datadict import dictionary_VR

from safelight.dicom.dictionary import VR_BY_TAG
from safelight.dicom.elements import Element
from safelight.dicom.encoding import EXPLICIT_LITTLE, IMPLICIT_LITTLE, UNDEFINED
from safelight.dicom.items import read_sequence
from safelight.dicom.tags import PIXEL_DATA

_PIXEL_REPRESENTATION = 0x00280103


def encode_explicit(data: bytes, elements: Sequence[Element]) -> bytes:
    """Return the elements of a data set in Explicit VR Little Endian.

    An element of the standard has its VR of the data dictionary, a private one and one that is too
    long for its VR has UN.

    Parameters
    ----------
    data : bytes
        The object in Implicit VR Little Endian.
    elements : sequence of Element
        Elements of its top level.

    Raises
    ------
    Refusal
        If a sequence cannot be read.
    """
    signed = any(
        element.tag == _PIXEL_REPRESENTATION
        and data[element.value : element.stop].startswith(b"\1")
        for element in elements
    )
    return _encode(data, elements, signed, 0)


def _encode(data: bytes, elements: Sequence[Element], signed: bool, depth: int) -> bytes:
    return b"".join(_encode_element(data, element, signed, depth) for element in elements)


def _encode_element(data: bytes, element: Element, signed: bool, depth: int) -> bytes:
    tag, vr = element.tag, VR_BY_TAG[element.tag]
    value = data[element.value : element.stop]
    if vr == "SQ":
        items = read_sequence(data, element, IMPLICIT_LITTLE, depth).items
        content = b"".join(
            EXPLICIT_LITTLE.item(_encode(data, item.elements, signed, depth + 1), item.undefined)
            for item in items
        )
        return EXPLICIT_LITTLE.sequence(tag, "SQ", content, element.undefined)
    if element.undefined:  # pixel data, or a private sequence, which stays in implicit VR
        vr = "OB" if tag == PIXEL_DATA else "UN"
        return EXPLICIT_LITTLE.header(tag, vr, UNDEFINED) + value
    if vr == "US" and signed and dictionary_VR(tag).startswith("US or SS"):
        vr = "SS"
    return EXPLICIT_LITTLE.element(tag, vr, value)
