"""Dummy values by VR for action D of PS3.15, section E.3."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from safelight.dicom.encoding import NUMBER_LAYOUTS, Encoding

_STRING_BY_VR = {
    "AE": "ANONYMOUS",
    "AS": "000Y",
    "CS": "ANONYMOUS",
    "DA": "19000101",
    "DS": "0",
    "DT": "19000101000000",
    "IS": "0",
    "LO": "ANONYMOUS",
    "LT": "ANONYMOUS",
    "PN": "ANONYMOUS",
    "SH": "ANONYMOUS",
    "ST": "ANONYMOUS",
    "TM": "000000",
    "UC": "ANONYMOUS",
    "UI": "2.25.0",
    "UR": "about:blank",
    "UT": "ANONYMOUS",
}


_NO_OWN_VALUES: Mapping[str, str] = MappingProxyType({})


def make_dummy_value(
    vr: str, encoding: Encoding, own_values: Mapping[str, str] = _NO_OWN_VALUES
) -> bytes:
    """Return a dummy value that is valid for a VR.

    Parameters
    ----------
    vr : str
        Any VR except SQ. The elements of a sequence get dummy values instead.
    encoding : Encoding
        Gives the byte order of numbers.
    own_values : mapping of str to str
        Dummy values of a rule set by VR.

    Returns
    -------
    bytes
    """
    text = own_values.get(vr) or _STRING_BY_VR.get(vr)
    if text is not None:
        return text.encode("ascii")
    layout = NUMBER_LAYOUTS.get(vr)
    if layout is not None:
        return encoding.number(layout, 0)
    return b"\0" * 8 if vr in ("OD", "OV") else b"\0" * 4
