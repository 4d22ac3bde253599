"""Replacement values for ages, UIDs, dates and identifiers, one value at a time."""

from __future__ import annotations

import re

from safelight.dicom.encoding import MAX_CHARACTERS
from safelight.headers.date_shift import is_time, shift_date
from safelight.pseudonyms import Pseudonyms
from safelight.standard.attribute_categories import is_registered_uid
from safelight.text.generalization import OLDEST_AGE

_AGE = re.compile(r"\s*(\d{1,3})\s*([DWMYdwmy]?)\s*")
_DAYS_BY_AGE_UNIT = {"D": 1.0, "W": 7.0, "M": 30.44, "Y": 365.25}

#: A string that is not typed as a date (private elements, UN) is shifted only if it has at least
#: the length of ``YYYYMMDD``.
_MIN_UNTYPED_DATE_CHARACTERS = 8
_MAX_HASH_DIGITS = 9  # an IS has at most 31 bits (PS3.5, table 6.2-1)
_MIN_HASH_CHARACTERS = 4
_MIN_TOKEN_CHARACTERS, _MAX_TOKEN_CHARACTERS = 10, 16


def cap_age(text: str) -> str | None:
    """Return an AS value, ``090Y`` for an age over 89 years, None if it is not an age."""
    match = _AGE.fullmatch(text)
    if not match:
        return None
    number, unit = int(match[1]), (match[2] or "Y").upper()
    if number * _DAYS_BY_AGE_UNIT[unit] >= (OLDEST_AGE + 1) * _DAYS_BY_AGE_UNIT["Y"]:
        return "090Y"
    return f"{number:03d}{unit}"


def replace_uid(text: str, pseudonyms: Pseudonyms) -> str:
    """Return a new UID; a UID that the standard registers is kept.

    Parameters
    ----------
    text : str
        One UID, with or without white space.
    pseudonyms : Pseudonyms
        Derives the new UID.

    Returns
    -------
    str
    """
    text = text.strip()
    if not text or is_registered_uid(text):
        return text
    return pseudonyms.uid(text)


def shift_value(text: str, vr: str, days: int) -> str | None:
    """Shift a date or a date-time by whole days; a time of day stays.

    Parameters
    ----------
    text : str
        One value.
    vr : str
        DA, DT or TM, or the VR of an element whose string is a date.
    days : int
        Whole days to add.

    Returns
    -------
    str or None
        None if ``text`` is neither a date nor a time.
    """
    if vr == "TM":
        return text if is_time(text) else None
    if vr not in ("DA", "DT") and len(text.strip()) < _MIN_UNTYPED_DATE_CHARACTERS:
        return None
    return shift_date(text, days)


def tokenize_identifier(text: str, vr: str, pseudonyms: Pseudonyms) -> str | None:
    """Return a keyed token that fits the VR.

    An identifier gets the same token in every element whose VR has the same length.

    Parameters
    ----------
    text : str
        One identifier.
    vr : str
        Value representation.
    pseudonyms : Pseudonyms
        Derives the token.

    Returns
    -------
    str or None
        None if the VR has too few characters for a token.
    """
    text = text.strip()
    if not text:
        return text
    if MAX_CHARACTERS.get(vr, _MAX_TOKEN_CHARACTERS) < _MIN_TOKEN_CHARACTERS:
        return None
    if vr in ("IS", "DS"):
        return str(pseudonyms.number("id", text, 10**9))
    length = min(MAX_CHARACTERS.get(vr, _MAX_TOKEN_CHARACTERS), _MAX_TOKEN_CHARACTERS)
    return pseudonyms.token("id", text, length)


def hash_value(
    text: str, vr: str, length: int, pseudonyms: Pseudonyms, prefix: str = ""
) -> str | None:
    """Return a keyed hash that fits the VR; digits for a number, hexadecimal otherwise.

    Parameters
    ----------
    text : str
        One value.
    vr : str
        Value representation.
    length : int
        Maximum number of characters.
    pseudonyms : Pseudonyms
        Derives the hash.
    prefix : str
        Text before the hash.

    Returns
    -------
    str or None
        None if the VR cannot hold a hash.
    """
    text = text.strip()
    if not text:
        return text
    length = min(length, MAX_CHARACTERS.get(vr, length + len(prefix)) - len(prefix))
    if vr in ("AS", "DA", "DT", "TM", "UI") or length < _MIN_HASH_CHARACTERS:
        return None
    if vr in ("IS", "DS"):
        number = pseudonyms.number("hash", text, 10 ** min(length, _MAX_HASH_DIGITS))
        return f"{prefix}{number}"
    digest = prefix + pseudonyms.hexdigest("hash", text)[:length]
    return digest.upper() if vr == "CS" else digest
