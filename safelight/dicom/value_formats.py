"""Check whether a VR can hold a text (PS3.5, Table 6.2-1)."""

from __future__ import annotations

import math
import re
import struct

from safelight.dicom.encoding import MAX_CHARACTERS, NUMBER_LAYOUTS, SINGLE_VALUE_VRS

_DATE = r"\d{4}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])"
_TIME = r"(?:[01]\d|2[0-3])(?:[0-5]\d(?:(?:[0-5]\d|60)(?:\.\d{1,6})?)?)?"

#: Form of one value of the VRs that do not hold any text.
_FORMS = {
    "AS": re.compile(r"\d{3}[DWMY]"),
    "CS": re.compile(r"[A-Z0-9 _]+"),
    "DA": re.compile(_DATE),
    "DS": re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[Ee][+-]?\d+)?"),
    "DT": re.compile(
        rf"\d{{4}}(?:(?:0[1-9]|1[0-2]))?|{_DATE}(?:{_TIME})?(?:[+-](?:0\d|1[0-4])[0-5]\d)?"
    ),
    "IS": re.compile(r"[+-]?\d+"),
    "TM": re.compile(_TIME),
    "UI": re.compile(r"(?:0|[1-9]\d*)(?:\.(?:0|[1-9]\d*))*"),
    "UR": re.compile(r"[!-~]+"),
}

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


def can_hold(vr: str, text: str) -> bool:
    r"""Return whether a VR can hold a text.

    Parameters
    ----------
    vr : str
        Value representation.
    text : str
        The value; several values are joined by ``\``. An empty text is an empty value.

    Returns
    -------
    bool
        False for a VR of binary data or sequences, for a text with control characters, and for a
        number that is not in the range of its VR.
    """
    if vr in ("SQ", "OB", "OW", "AT"):
        return False
    if vr in NUMBER_LAYOUTS:
        return not text or all(_is_number(vr, value) for value in text.split("\\"))
    values = [text] if vr in SINGLE_VALUE_VRS else text.split("\\")
    return all(_can_hold_one(vr, value) for value in values)


def _is_number(vr: str, value: str) -> bool:
    """Return whether a text is a decimal number in the range of a VR of binary numbers."""
    try:
        number = float(value) if vr in ("FD", "FL") else int(value)
        struct.pack(f"<{NUMBER_LAYOUTS[vr]}", number)
    except (ValueError, OverflowError, struct.error):
        return False
    return math.isfinite(number)


def _can_hold_one(vr: str, value: str) -> bool:
    value = value.strip(" ")
    if not value:
        return True
    parts = value.split("=") if vr == "PN" else [value]
    if any(len(part) > MAX_CHARACTERS.get(vr, len(part)) for part in parts):
        return False
    form = _FORMS.get(vr)
    return _CONTROL.search(value) is None and (form is None or form.fullmatch(value) is not None)
