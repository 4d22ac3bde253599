"""Find the pixel data element of an object."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.dicom.encoding import UNDEFINED
from safelight.dicom.parser import ParsedObject

#: Tags of pixel data and the kind of their values.
KINDS = {0x7FE00008: "float", 0x7FE00009: "double", 0x7FE00010: "integer"}


@dataclass(frozen=True)
class PixelElement:
    """Position of the pixel data element: begin and length of its value.

    Attributes
    ----------
    tag : int
    vr : str
        ``OW`` in implicit VR.
    start : int
        Offset of the value in the data of the object, in bytes.
    length : int
        Bytes of the value; ``0xFFFFFFFF`` if it is encapsulated.
    """

    tag: int
    vr: str
    start: int
    length: int


def find_pixel_element(parsed: ParsedObject) -> tuple[PixelElement | None, int]:
    """Return the first pixel data element of an object, and its index among the elements.

    Parameters
    ----------
    parsed : ParsedObject

    Returns
    -------
    tuple of PixelElement or None, and int
        ``None`` if the pixel data is missing or empty. The index is that of the empty
        element, or the number of elements if there is none.
    """
    for index, element in enumerate(parsed.elements):
        if element.tag not in KINDS:
            continue
        length = UNDEFINED if element.undefined else element.stop - element.value
        if not length:
            return None, index
        vr = element.vr if parsed.encoding.explicit else "OW"
        return PixelElement(element.tag, vr, element.value, length), index
    return None, len(parsed.elements)
