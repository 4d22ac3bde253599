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

    A byte that is not valid in the character set becomes U+FFFD, so that the rest of the text is
    still checked.

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
    if raw.isascii() and b"\x1b" not in raw:
        return raw.decode("ascii")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        # Delimiters are found after decoding: a character of two bytes may contain their code.
        if vr == "PN":
            delimiters = _NAME_DELIMITERS
        else:
            delimiters = _CONTROLS if vr in SINGLE_VALUE_VRS else _DELIMITERS
        return pydicom_charset.decode_bytes(raw, list(text_encodings), delimiters)


def decode_alternative(raw: bytes, text_encodings: tuple[str, ...]) -> str:
    """Return the text in the character set that was probably meant; empty if it is the stated one.

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
    if raw.isascii():
        return ""
    utf8 = any(encoding.lower().replace("-", "") == "utf8" for encoding in text_encodings)
    try:
        text = raw.decode("utf-8")
        return "" if utf8 else text.strip("\0 ")
    except UnicodeDecodeError:
        return raw.decode("latin-1").strip("\0 ") if utf8 else ""


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
