"""Decode and encode text in the Specific Character Set (PS3.3, section C.12.1.1.2)."""

from __future__ import annotations

import re
import warnings
from functools import lru_cache

from pydicom import charset as pydicom_charset
from pydicom.valuerep import PersonName

from safelight.dicom.encoding import SINGLE_VALUE_VRS
from safelight.records import Reason, Refusal

# Bytes that switch back to the initial character set (PS3.5, section 6.1.2.5.3).
_CONTROLS = {0x09, 0x0A, 0x0C, 0x0D}
_DELIMITERS = _CONTROLS | {0x5C}
_NAME_DELIMITERS = {0x5C, 0x5E, 0x3D}


#: Terms of the standard in another spelling, such as ``ISO-IR 100`` and ``UTF8``.
_NEARLY_A_TERM = re.compile(
    r"(?:ISO|IR|UTF|GBK?|LATIN|WINDOWS|CP|SHIFT|JIS|[-_ ]|(?<!\d)\d{1,5}(?!\d))*", re.IGNORECASE
)

_UTF8 = str(pydicom_charset.python_encoding["ISO_IR 192"])
_LATIN_1 = str(pydicom_charset.python_encoding["ISO_IR 100"])
#: Character sets in which some systems write UTF-8. A byte of the second half of such a set is
#: seldom followed by the bytes that continue a character in UTF-8.
_LATIN = frozenset(
    {
        pydicom_charset.default_encoding, _LATIN_1, "iso8859_2", "iso8859_3", "iso8859_4",
        "iso_ir_148",
    }
)  # fmt: skip
#: Character sets that systems state or omit although they write another one.
_OFTEN_MISSTATED = frozenset({pydicom_charset.default_encoding, _LATIN_1, _UTF8})
#: Bytes that are not text in a language of Western Europe: three letters with accents, or symbols,
#: in a row, or a control character next to another byte of the second half. The punctuation of
#: Windows-1252 is among these control characters.
_NOT_WESTERN = re.compile(
    rb"([\xa1-\xff])(?!\1)[\xa1-\xff]{2}|"
    rb"(?![\x80\x85\x91-\x97]{2})(?:[\x80-\x9f][\x80-\xff]|[\x80-\xff][\x80-\x9f])"
)
_ESCAPE = b"\x1b"


@lru_cache(maxsize=256)
def find_text_encodings(specific_character_set: str) -> tuple[str, ...]:
    r"""Return the Python codecs of a Specific Character Set (0008,0005).

    Parameters
    ----------
    specific_character_set : str
        Value of the element, such as ``\ISO 2022 IR 87``.

    Returns
    -------
    tuple of str

    Raises
    ------
    Refusal
        ``UNKNOWN_CHARACTER_SET`` if the only term is not in PS3.3, tables C.12-2 to C.12-5, or a
        term has other words than those of the standard, because the element is kept.
    """
    terms = [term.strip() for term in specific_character_set.split("\\")]
    try:
        with warnings.catch_warnings():
            # pydicom corrects a misspelt term with a warning, which may quote the value.
            warnings.simplefilter("ignore")
            encodings = pydicom_charset.convert_encodings(terms)
    except (LookupError, ValueError):
        encodings = []
    known = [term for term in terms if term]
    unknown = [term for term in known if term not in pydicom_charset.python_encoding]
    if (
        not encodings
        or not all(map(_NEARLY_A_TERM.fullmatch, unknown))
        or (
            known
            and encodings == [pydicom_charset.default_encoding]
            and not any(term in pydicom_charset.python_encoding for term in known)
        )
    ):
        raise Refusal(
            Reason.UNKNOWN_CHARACTER_SET,
            "Specific Character Set (0008,0005) is not in the standard; correct it at the source",
        )
    return tuple(encodings)


def decode(raw: bytes, vr: str, text_encodings: tuple[str, ...]) -> str:
    """Return the characters of a value without its padding.

    The bytes decide if they contradict the stated character set: UTF-8 in a Latin one is read as
    UTF-8, and Latin-1 in UTF-8 as Latin-1. Another byte that is not valid in the character set
    becomes U+FFFD, so that the rest of the text is still checked.

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
    str
    """
    raw = raw.rstrip(b"\0 ") if vr != "UI" else raw.rstrip(b"\0")
    if not raw:
        return ""
    if raw.isascii() and _ESCAPE not in raw:
        return raw.decode("ascii")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Delimiters are found after decoding: a character of two bytes may contain their code.
        if vr == "PN":
            delimiters = _NAME_DELIMITERS
        else:
            delimiters = _CONTROLS if vr in SINGLE_VALUE_VRS else _DELIMITERS
        encodings = _choose_encodings(raw, text_encodings)
        return pydicom_charset.decode_bytes(raw, list(encodings), delimiters)


def _choose_encodings(raw: bytes, text_encodings: tuple[str, ...]) -> tuple[str, ...]:
    """Return the codecs of a value that is not ASCII: the stated ones, or the one of its bytes."""
    first = text_encodings[0]
    if _ESCAPE in raw or first not in _LATIN and first != _UTF8:
        return text_encodings
    if _is_utf8(raw):
        return (_UTF8,)
    if first == _UTF8 and not _NOT_WESTERN.search(raw):
        return (_LATIN_1,)
    return text_encodings


def is_readable(raw: bytes, text_encodings: tuple[str, ...]) -> bool:
    """Return whether a text is in the stated character set, or in one that its bytes show.

    Parameters
    ----------
    raw : bytes
        Encoded value.
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.

    Returns
    -------
    bool
        False for bytes that are not valid, and for a text that was probably written in another
        character set: no recognizer finds a name in its characters.
    """
    if raw.isascii() and _ESCAPE not in raw:
        return True
    text = decode(raw, "UT", text_encodings)
    if "\ufffd" in text or "\x1b" in text:
        return False
    if _ESCAPE in raw or text_encodings[0] not in _OFTEN_MISSTATED:
        return True
    return _is_utf8(raw) or not _NOT_WESTERN.search(raw)


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def decode_alternative(raw: bytes, text_encodings: tuple[str, ...]) -> str:
    """Return the text in the character set that was probably meant; empty if it is read so.

    Some systems write UTF-8 or Latin-1 independently of Specific Character Set.

    Parameters
    ----------
    raw : bytes
        Encoded value.
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.

    Returns
    -------
    str
    """
    if raw.isascii() or _choose_encodings(raw, text_encodings) != text_encodings:
        return ""
    if text_encodings[0] == _UTF8:
        return "" if _is_utf8(raw) else raw.decode("latin-1").strip("\0 ")
    return raw.decode("utf-8").strip("\0 ") if _is_utf8(raw) else ""


def encode(text: str, vr: str, text_encodings: tuple[str, ...]) -> bytes:
    """Return the text in the Specific Character Set.

    Parameters
    ----------
    text : str
        Text; a character that the character set does not have becomes ``?``.
    vr : str
        Value representation.
    text_encodings : tuple of str
        Python codecs of the Specific Character Set.

    Returns
    -------
    bytes
    """
    if text.isascii() or text_encodings == (pydicom_charset.default_encoding,):
        return text.encode("ascii", "replace")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if vr == "PN":
            return b"\\".join(
                PersonName(part, text_encodings).encode(text_encodings) for part in text.split("\\")
            )
        return bytes(pydicom_charset.encode_string(text, list(text_encodings)))
