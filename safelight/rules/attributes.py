"""VR and keyword of a standard attribute, and the kinds of VR that rules tell apart."""

from __future__ import annotations

from pydicom.datadict import get_entry, keyword_for_tag

from safelight.standard.confidentiality import find_row

DATE_VRS = frozenset({"DA", "DT", "TM"})
FREE_TEXT_VRS = frozenset({"LO", "SH", "ST", "LT", "UT", "UC"})
CONTACT_VRS = frozenset({"PN", "AE", "UR"})
BULK_VRS = frozenset({"OB", "OW", "OD", "OF", "OL", "OV", "UN"})


def get_vr(tag: int) -> str:
    """VR in PS3.6, the first one where several may be; empty if unknown.

    Table E.1-1 knows attributes that are newer than the data dictionary.
    """
    try:
        return get_entry(tag)[0][:2]
    except KeyError:
        row = find_row(tag)
        return row.vr if row else ""


def is_retired(tag: int) -> bool:
    """Whether PS3.6 marks a known attribute as retired."""
    return bool(get_entry(tag)[3])


def format_attribute(tag: int) -> str:
    """``(0010,0010) PatientName``."""
    return f"({tag >> 16:04X},{tag & 0xFFFF:04X}) {keyword_for_tag(tag)}".rstrip()
