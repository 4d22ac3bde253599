"""VR and keyword of standard attributes, and the groups of VRs that rules distinguish."""

from __future__ import annotations

from pydicom.datadict import get_entry, keyword_for_tag

from safelight.standard.confidentiality import find_row

DATE_VRS = frozenset({"DA", "DT", "TM"})
FREE_TEXT_VRS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
#: Names of persons and application entities, and web addresses.
CONTACT_VRS = frozenset({"PN", "AE", "UR"})
BULK_VRS = frozenset({"OB", "OW", "OD", "OF", "OL", "OV", "UN"})


def get_vr(tag: int) -> str:
    """Return the VR of an attribute, the first one of several; empty if unknown.

    The data dictionary (PS3.6) is asked first, then Table E.1-1, which has attributes that are
    newer than the dictionary of the installed pydicom.
    """
    try:
        return get_entry(tag)[0][:2]
    except KeyError:
        row = find_row(tag)
        return row.vr if row else ""


def is_retired(tag: int) -> bool:
    """Return whether PS3.6 marks an attribute of the data dictionary as retired."""
    return bool(get_entry(tag)[3])


def format_attribute(tag: int) -> str:
    """Return tag and keyword, such as ``(0010,0010) PatientName``."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X}) {keyword_for_tag(tag)}".rstrip()
