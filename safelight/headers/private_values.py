"""Check that a safe private element holds a value of the kind that its list expects.

The list of safe private elements declares what an attribute means, not what a sender has written
into it. A sender may store a name in an element of numbers, or a nested data set in implicit VR.
"""

from __future__ import annotations

import re

from safelight.dicom.encoding import BULK_VRS, CHARACTER_SET_VRS, NUMBER_BYTES

_BYTES_VRS = BULK_VRS | {"UN"}
#: Maximum length in bytes of a value that is searched for text. Longer values hold samples.
_MAX_SEARCHED_BYTES = 4096
#: Length in bytes from which printable bytes are text and not a number by chance.
_TEXT_MIN_BYTES = 8
_PRINTABLE = re.compile(rb"[\t\n\r -~]{8,}\0*")
#: Low bytes of a text in UTF-16 that is mostly a name.
_WIDE_LETTERS = re.compile(rb"[A-Za-z^=,. '-]{6,}[\0]*")
_PRINTABLE_RUN = re.compile(rb"[ -~]{8}")
#: Item tag (FFFE,E000) in little and in big endian.
_ITEM_TAGS = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
#: VRs of which any bytes are a probable value, so that a printable run may be chance.
_FLOAT_VRS = frozenset({"FD", "FL"})

#: Digits with the punctuation of phone numbers; dotted numbers are versions.
_PHONE_NUMBER = re.compile(r"\+?[(\d][\d ()/.x-]{5,}\d")
_VERSION = re.compile(r"\d+(?:\.\d+)+")
_PHONE_MIN_DIGITS = 7
#: A street with the number of a house, and a town with its postal code, and no more.
_ADDRESS = re.compile(r"[^,;\d]{3,40}\d{1,4}\w?, [^,;\d]{3,40} \d{4,7}")


def can_be_private_value(raw: bytes, vr: str) -> bool:
    """Return whether the bytes of a safe private element can be a value of its VR.

    Parameters
    ----------
    raw : bytes
        Encoded value.
    vr : str
        VR of the element, or of the list of safe elements if the object states UN.

    Returns
    -------
    bool
        False if a number has the wrong length or contains text or items, if bytes are text, and if
        a text is only a phone number or an address.
    """
    if vr in NUMBER_BYTES:
        return len(raw) % NUMBER_BYTES[vr] == 0 and not _is_text_in_number(raw, vr)
    if vr in _BYTES_VRS:
        return not _is_text(raw)
    if vr in CHARACTER_SET_VRS:
        text = raw.decode("latin-1")
        return not is_phone_number(text) and _ADDRESS.fullmatch(text.strip(" \0")) is None
    return True


def is_phone_number(value: str) -> bool:
    """Return whether a value consists of the digits and the punctuation of a phone number.

    Parameters
    ----------
    value : str
        Value of a text element.

    Returns
    -------
    bool
    """
    text = value.strip(" \0")
    if _PHONE_NUMBER.fullmatch(text) is None or _VERSION.fullmatch(text):
        return False
    return sum(map(str.isdigit, text)) >= _PHONE_MIN_DIGITS


def _is_text_in_number(raw: bytes, vr: str) -> bool:
    """Return whether binary numbers contain text or the items of a sequence."""
    if len(raw) < _TEXT_MIN_BYTES:
        return False
    if raw.startswith(_ITEM_TAGS):
        return True
    if vr in _FLOAT_VRS:
        return _PRINTABLE.fullmatch(raw) is not None
    if len(raw) > _MAX_SEARCHED_BYTES:
        return False
    return _PRINTABLE_RUN.search(raw) is not None or _consists_of_letters(raw)


def _consists_of_letters(raw: bytes) -> bool:
    """Return whether numbers are the characters of a text in UTF-16, most of them letters."""
    halves = ((raw[::2], raw[1::2]), (raw[1::2], raw[::2]))
    return any(
        not high.strip(b"\0") and _WIDE_LETTERS.fullmatch(low) is not None for low, high in halves
    )


def _is_text(raw: bytes) -> bool:
    """Return whether bytes are characters in ASCII, UTF-8 or UTF-16."""
    if not _TEXT_MIN_BYTES <= len(raw) <= _MAX_SEARCHED_BYTES:
        return False
    if _PRINTABLE.fullmatch(raw):
        return True
    characters = raw.rstrip(b"\0")
    for codec, unit in (("utf-8", 1), ("utf-16-le", 2), ("utf-16-be", 2)):
        try:
            text = characters.ljust(-(-len(characters) // unit) * unit, b"\0").decode(codec)
        except UnicodeDecodeError:
            continue
        if _is_readable(text, is_wide=unit > 1):
            return True
    return False


def _is_readable(text: str, is_wide: bool) -> bool:
    """Return whether characters are printable; of UTF-16, most of them must be ASCII."""
    if not text.replace("\n", "").replace("\r", "").replace("\t", "").isprintable():
        return False
    return not is_wide or sum(map(str.isascii, text)) * 2 > len(text)
