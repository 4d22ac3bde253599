"""Read values of elements as text."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from safelight.dicom import character_sets
from safelight.dicom.encoding import (
    CHARACTER_SET_VRS,
    NUMBER_LAYOUTS,
    SINGLE_VALUE_VRS,
    STRING_VRS,
    Encoding,
)


def format_numbers(raw: bytes, vr: str, encoding: Encoding) -> str:
    r"""Return binary numbers as text.

    Parameters
    ----------
    raw : bytes
        Encoded numbers; bytes of an incomplete number at the end are ignored.
    vr : str
        Value representation.
    encoding : Encoding
        Gives the byte order.

    Returns
    -------
    str
        Decimal numbers that are joined by ``\``; empty for a VR without binary numbers.
    """
    layout = NUMBER_LAYOUTS.get(vr)
    if layout is None:
        return ""
    whole = len(raw) - len(raw) % struct.calcsize("<" + layout)
    numbers = struct.iter_unpack(encoding.order + layout, raw[:whole])
    return "\\".join(str(number) for (number,) in numbers)


def encode_numbers(values: Sequence[str], vr: str, encoding: Encoding) -> bytes | None:
    """Return numbers in binary form; None if one is not in the range of the VR.

    Parameters
    ----------
    values : sequence of str
        Decimal numbers.
    vr : str
        A key of :data:`~safelight.dicom.encoding.NUMBER_LAYOUTS`.
    encoding : Encoding
        Gives the byte order.
    """
    layout = NUMBER_LAYOUTS[vr]
    try:
        numbers = [float(value) if vr in ("FD", "FL") else int(value) for value in values]
        return struct.pack(f"{encoding.order}{len(numbers)}{layout}", *numbers)
    except (ValueError, OverflowError, struct.error):
        return None


def split_text_values(raw: bytes, vr: str, text_encodings: tuple[str, ...]) -> list[str]:
    """Return the values of a text element.

    A value ends at a NUL character, because most readers ignore what follows it.

    Parameters
    ----------
    raw : bytes
        Encoded value.
    vr : str
        Value representation.
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.

    Returns
    -------
    list of str
    """
    text = character_sets.decode(raw, vr, text_encodings)
    values = [text] if vr in SINGLE_VALUE_VRS else text.split("\\")
    return [value.partition("\0")[0] for value in values] if "\0" in text else values


def choose_vr(declared: str, expected: str) -> str:
    """Return the VR by which to read a value.

    The VR of PS3.6 replaces the VR of the object if the two are of different kinds.

    Parameters
    ----------
    declared : str
        VR in the object.
    expected : str
        VR in PS3.6.

    Returns
    -------
    str
    """
    if declared == expected or expected not in STRING_VRS:
        return declared
    if declared in CHARACTER_SET_VRS and expected in CHARACTER_SET_VRS:
        return declared
    return expected
