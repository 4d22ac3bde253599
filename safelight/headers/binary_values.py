"""Check that kept numbers and bytes hold neither text nor a known value of the patient.

The list of safe private elements declares what an attribute means, not what a sender has written
into it. A sender may store a name in an element of numbers, or a nested data set in implicit VR.
"""

from __future__ import annotations

import re
import struct

from safelight.dicom.encoding import BULK_VRS, NUMBER_BYTES
from safelight.dicom.items import ITEM_TAGS
from safelight.headers.residual_phi import MIN_KNOWN_NUMBER_DIGITS
from safelight.headers.text_in_bytes import is_compressed
from safelight.text.known.known_phi import KnownPHI

_BYTES_VRS = BULK_VRS | {"UN"}
_NUMBER_BYTES = {**NUMBER_BYTES, "AT": 4}
#: VRs of which any bytes are a probable value, so that printable bytes may be chance.
_FLOAT_VRS = frozenset({"FD", "FL"})

#: Maximum length in bytes of a value of a safe private element that is searched for text. Longer
#: values hold samples.
_MAX_LISTED_BYTES = 4096
#: Maximum length in bytes of a value that is searched for known values.
_MAX_SEARCHED_BYTES = 64 << 10
#: Length in bytes from which printable bytes in a safe private element are text and not chance.
_LISTED_TEXT_MIN_BYTES = 8
#: Minimum length in bytes of FD and FL values that are text whatever the list says.
_FLOAT_TEXT_MIN_BYTES = 16
#: Formats of numbers of which each may be a character, in both byte orders. The VR does not
#: decide, since the VR of an implicit value is that of a dictionary.
_CHARACTER_FORMATS = tuple(struct.Struct(order + code) for order in "<>" for code in "HIQfd")
#: Numbers that are characters: printable ones, in ASCII or in Latin-1.
_FIRST_CHARACTER, _LAST_CHARACTER = 0x20, 0xFF
#: Minimum length of a known value inside a value of bytes.
_MIN_KNOWN_CHARACTERS = 4

_PRINTABLE = re.compile(rb"[\t\n\r -~]+\0*")
_LETTERS = re.compile(rb"[A-Za-z]{3}")
_WORD = re.compile(rb"[A-Za-z0-9]{4}")
_PRINTABLE_RUN = re.compile(rb"[ -~]{8}")
_RUN_IN_ANY_CHARACTER_SET = re.compile(rb"[ -~\x80-\xff]{4,}")
#: Low bytes of a text in UTF-16 that is mostly a name.
_WIDE_LETTERS = re.compile(rb"[A-Za-z^=,. '-]{6,}\0*")


def is_binary_value_safe(raw: bytes, vr: str, known: KnownPHI, is_listed: bool = False) -> bool:
    """Return whether numbers or bytes hold no text and no known value of the patient.

    Parameters
    ----------
    raw : bytes
        Encoded value.
    vr : str
        VR of binary numbers, of tags or of bytes.
    known : KnownPHI
        Known values of the patient.
    is_listed : bool
        Whether the element is kept because it is in the list of safe private elements. Its value
        must then be of the kind that the list declares: whole numbers without text or items in
        them, or bytes that are neither characters nor compressed.

    Returns
    -------
    bool
    """
    size = _NUMBER_BYTES.get(vr)
    if size is not None:
        if is_listed and (len(raw) % size or _holds_text_or_items(raw, vr)):
            return False
        return len(raw) < MIN_KNOWN_NUMBER_DIGITS or _are_numbers(raw, vr, known)
    if is_listed and vr in _BYTES_VRS and (_are_characters(raw) or is_compressed(raw)):
        return False
    if len(raw) > _MAX_SEARCHED_BYTES:
        return True
    if vr == "UN" and _is_plain_text(raw):
        return False
    return not any(_holds_known_value(run, known) for run in _RUN_IN_ANY_CHARACTER_SET.findall(raw))


def holds_word(raw: bytes) -> bool:
    """Return whether bytes that should be numbers have a word of four letters or digits."""
    return _WORD.search(raw) is not None


def _is_plain_text(raw: bytes) -> bool:
    """Return whether all bytes are printable and three letters in them are adjacent."""
    return _PRINTABLE.fullmatch(raw) is not None and _LETTERS.search(raw) is not None


def _are_numbers(raw: bytes, vr: str, known: KnownPHI) -> bool:
    """Return whether numbers are not a text; few floating point numbers may look like one."""
    if not _is_plain_text(raw):
        return not are_known_letters(raw, known)
    may_be_chance = vr in _FLOAT_VRS and len(raw) < _FLOAT_TEXT_MIN_BYTES
    return may_be_chance and not known.find(raw.decode("ascii").strip("\0"))


def are_known_letters(raw: bytes, known: KnownPHI) -> bool:
    """Return whether numbers of any size are the characters of a text with a known value in it.

    Parameters
    ----------
    raw : bytes
        Encoded value.
    known : KnownPHI
        Known values of the patient.

    Returns
    -------
    bool
    """
    if not _MIN_KNOWN_CHARACTERS * 2 <= len(raw) <= _MAX_LISTED_BYTES:
        return False
    if raw.count(0) * 2 < len(raw):  # each format needs half of the bytes for zeros
        return False
    texts = (_read_letters(raw, number) for number in _CHARACTER_FORMATS)
    return any(len(text) >= _MIN_KNOWN_CHARACTERS and bool(known.find(text)) for text in texts)


def _read_letters(raw: bytes, number: struct.Struct) -> str:
    """Return the text whose characters are the numbers of a value; empty if one is unprintable."""
    if len(raw) < number.size or not _is_character(number.unpack_from(raw)[0]):
        return ""
    count = -(-len(raw.rstrip(b"\0")) // number.size)
    if count * number.size > len(raw):
        return ""
    numbers = [value for (value,) in number.iter_unpack(raw[: count * number.size])]
    return "".join(map(chr, map(int, numbers))) if all(map(_is_character, numbers)) else ""


def _is_character(number: float) -> bool:
    return _FIRST_CHARACTER <= number <= _LAST_CHARACTER and number == int(number)


def _holds_known_value(run: bytes, known: KnownPHI) -> bool:
    """Return whether printable bytes hold a known value, read as UTF-8 or as Latin-1."""
    return any(
        span.end - span.begin >= _MIN_KNOWN_CHARACTERS
        for codec in ("utf-8", "latin-1")
        for span in known.find(run.decode(codec, "replace"))
    )


def _holds_text_or_items(raw: bytes, vr: str) -> bool:
    """Return whether the numbers of a safe private element hold text, items or a stream."""
    if len(raw) < _LISTED_TEXT_MIN_BYTES:
        return False
    if raw.startswith(ITEM_TAGS) or is_compressed(raw):
        return True
    if vr in _FLOAT_VRS:
        return _PRINTABLE.fullmatch(raw) is not None
    if len(raw) > _MAX_LISTED_BYTES:
        return False
    return _PRINTABLE_RUN.search(raw) is not None or _are_wide_letters(raw)


def _are_wide_letters(raw: bytes) -> bool:
    """Return whether numbers are the characters of a text in UTF-16, most of them letters."""
    halves = ((raw[::2], raw[1::2]), (raw[1::2], raw[::2]))
    return any(
        not high.strip(b"\0") and _WIDE_LETTERS.fullmatch(low) is not None for low, high in halves
    )


def _are_characters(raw: bytes) -> bool:
    """Return whether bytes are characters in ASCII, UTF-8 or UTF-16."""
    if not _LISTED_TEXT_MIN_BYTES <= len(raw) <= _MAX_LISTED_BYTES:
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
