"""Read and write text in the object's Specific Character Set (PS3.3, section C.12.1.1.2)."""

from __future__ import annotations

import warnings
from functools import lru_cache

from pydicom import charset as pydicom_charset
from pydicom.valuerep import PersonName

from safelight.dicom.encoding import SINGLE_VALUE_VRS
from safelight.records import Reason, Refusal

# Bytes after which the initial character set is in force again (PS3.5, section 6.1.2.5.3).
_CONTROLS = {0x09, 0x0A, 0x0C, 0x0D}
_DELIMITERS = _CONTROLS | {0x5C}


@lru_cache(maxsize=256)
def encodings_of(specific_character_set: str) -> tuple[str, ...]:
    """Python codecs of a (0008,0005) value such as ``\\ISO 2022 IR 87``.

    Raises
    ------
    Refusal
        ``UNKNOWN_CHARACTER_SET`` where a term is not of PS3.3, tables C.12-2 to C.12-5.
    """
    terms = [term.strip() for term in specific_character_set.split("\\")]
    try:
        with warnings.catch_warnings():
            # A misspelt term is repaired with a warning; one that is unknown is not.
            warnings.simplefilter("ignore")
            encodings = pydicom_charset.convert_encodings(terms)
    except (LookupError, ValueError):
        encodings = []
    known = [term for term in terms if term]
    if not encodings or (
        known
        and encodings == [pydicom_charset.default_encoding]
        and not any(term in pydicom_charset.python_encoding for term in known)
    ):
        raise Refusal(
            Reason.UNKNOWN_CHARACTER_SET,
            "Specific Character Set (0008,0005) names no character set of the standard; "
            "correct it at the source",
        )
    return tuple(encodings)


def decode(raw: bytes, vr: str, encodings: tuple[str, ...]) -> str:
    """The characters of a value, without its padding.

    Bytes that the character set does not have become U+FFFD: the text is then read, and
    judged, as far as it can be.
    """
    raw = raw.rstrip(b"\0 ") if vr != "UI" else raw.rstrip(b"\0")
    if not raw:
        return ""
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if vr == "PN":
            parts = [PersonName(part, encodings) for part in raw.split(b"\\")]
            return "\\".join(str(part) for part in parts)
        delimiters = _CONTROLS if vr in SINGLE_VALUE_VRS else _DELIMITERS
        return pydicom_charset.decode_bytes(raw, list(encodings), delimiters)


def other_reading(raw: bytes, encodings: tuple[str, ...]) -> str:
    """What bytes say in the character set that was probably meant; empty if there is no doubt.

    Systems write UTF-8, or Latin-1, whatever Specific Character Set says.
    """
    if raw.isascii():
        return ""
    utf8 = any(encoding.lower().replace("-", "") == "utf8" for encoding in encodings)
    try:
        text = raw.decode("utf-8")
        return "" if utf8 else text.strip("\0 ")
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip("\0 ") if utf8 else ""


def encode(text: str, vr: str, encodings: tuple[str, ...]) -> bytes:
    """The text in the declared character set; what it cannot hold becomes ``?``."""
    if text.isascii() or encodings == (pydicom_charset.default_encoding,):
        return text.encode("ascii", "replace")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        if vr == "PN":
            return b"\\".join(
                PersonName(part, encodings).encode(encodings) for part in text.split("\\")
            )
        return bytes(pydicom_charset.encode_string(text, list(encodings)))
