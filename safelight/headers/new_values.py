"""New values for single elements: each function takes decoded text and gives the replacement."""

from __future__ import annotations

import re
import struct

from safelight.dicom.encoding import MAX_CHARACTERS, NUMBER_LAYOUTS, Encoding
from safelight.headers.date_shift import is_time, shift_date
from safelight.pseudonyms import Pseudonyms
from safelight.standard.attribute_categories import is_registered_uid
from safelight.text.generalization import OLDEST_AGE

_AGE = re.compile(r"\s*(\d{1,3})\s*([DWMYdwmy]?)\s*")
_DAYS = {"D": 1.0, "W": 7.0, "M": 30.44, "Y": 365.25}


def cap_age(text: str) -> str | None:
    """An AS value with every age over 89 years as ``090Y``; ``None`` where it is no age."""
    match = _AGE.fullmatch(text)
    if not match:
        return None
    number, unit = int(match[1]), (match[2] or "Y").upper()
    if number * _DAYS[unit] >= (OLDEST_AGE + 1) * _DAYS["Y"]:
        return "090Y"
    return f"{number:03d}{unit}"


def replace_uid(text: str, pseudonyms: Pseudonyms) -> str:
    """A new UID for one that is an instance's; the standard's own UIDs stay."""
    text = text.strip()
    if not text or is_registered_uid(text):
        return text
    return pseudonyms.uid(text)


def shift(text: str, vr: str, days: int) -> str | None:
    """A date, date-time or time of this patient, shifted by whole days; ``None`` if it is none.

    Whole days leave times as they are. Strings that are not typed as dates (private elements,
    UN) are taken for dates only in the full forms.
    """
    if vr == "TM":
        return text if is_time(text) else None
    if vr not in ("DA", "DT") and len(text.strip()) < 8:
        return None
    return shift_date(text, days)


def token(text: str, vr: str, pseudonyms: Pseudonyms) -> str:
    """A keyed token that fits the VR; the same identifier has the same one in every element."""
    text = text.strip()
    if not text:
        return text
    if vr in ("IS", "DS"):
        return str(pseudonyms.number("id", text, 10**9))
    return pseudonyms.token("id", text, min(MAX_CHARACTERS.get(vr, 16), 16))


def number_text(raw: bytes, vr: str, encoding: Encoding) -> str:
    """Binary numbers as text, values joined by backslashes; empty for VRs without numbers."""
    layout = NUMBER_LAYOUTS.get(vr)
    if layout is None:
        return ""
    whole = len(raw) - len(raw) % struct.calcsize("<" + layout)
    numbers = struct.iter_unpack(encoding.order + layout, raw[:whole])
    return "\\".join(str(number) for (number,) in numbers)
