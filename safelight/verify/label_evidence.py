"""Compare the labels of an object with what its elements hold.

A code of CID 7050 that nothing in the object supports follows from the name of an option, and not
from what was done to the object.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.verify.defects import Check, Defect
from safelight.verify.deidentification_labels import (
    FULL_DATES,
    MODIFIED_DATES,
    RETAIN_SAFE_PRIVATE,
    RETAIN_UIDS,
)
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import LeafElement
from safelight.verify.profile_attributes import load_profile_attributes

_CODES_LOCATION = "(0012,0064)"
#: UIDs of instance, study and series.
_IDENTIFYING_UIDS = ("(0008,0018)", "(0020,000D)", "(0020,000E)")
_DATE_VRS = frozenset({"DA", "DT", "TM"})
_CHARACTERISTICS, _DEVICE, _INSTITUTION = "113108", "113109", "113112"
_CLEAN_GRAPHICS, _CLEAN_CONTENT = "113103", "113104"
#: Groups of overlays and curves are repeated at each second number.
_REPEATING_GROUPS, _REPEATING_MASK = (0x5000, 0x6000), 0xFF00
_TAG = re.compile(r"\(([0-9A-F]{4}),([0-9A-F]{4})\)")
#: Codes of options that retain information which a reader can see. Clean descriptors (113105) may
#: be claimed without any; descriptions with identifying text are found as such.
_EVIDENT_CODES = frozenset(
    {
        FULL_DATES, MODIFIED_DATES, _CHARACTERISTICS, _DEVICE, _INSTITUTION, RETAIN_SAFE_PRIVATE,
        _CLEAN_GRAPHICS, _CLEAN_CONTENT,
    }
)  # fmt: skip


def check_evidence(output: DicomObject, codes: frozenset[str]) -> Iterator[Defect]:
    """Yield the claimed codes that no element of the object supports.

    Parameters
    ----------
    output : DicomObject
    codes : frozenset of str
        Claimed codes.
    """
    supported = {code for element in output.elements for code in _list_supported(element)}
    for code in sorted(codes & _EVIDENT_CODES - supported):
        yield Defect(
            Check.LABELS, _CODES_LOCATION, f"{code} is claimed, but no element has such values"
        )


def _list_supported(element: LeafElement) -> frozenset[str]:
    """Return the codes for which a value of an element is evidence."""
    if element.is_private:
        return frozenset({RETAIN_SAFE_PRIVATE, FULL_DATES, MODIFIED_DATES})
    if not any(element.texts) and not element.value_bytes:
        return frozenset()
    if element.vr in _DATE_VRS:
        return frozenset({FULL_DATES, MODIFIED_DATES, _DEVICE})
    if element.vr == "AS":
        return frozenset({_CHARACTERISTICS})
    supported = {code for tag in _list_tags(element) for code in _list_codes(tag)}
    return frozenset(supported)


def _list_tags(element: LeafElement) -> Iterator[int]:
    """Yield the tags of an element and of the sequences that contain it."""
    for match in _TAG.finditer(element.location):
        yield int(match[1] + match[2], 16)


def _list_codes(tag: int) -> frozenset[str]:
    """Return the codes that retain or clean an attribute."""
    if tag >> 16 & _REPEATING_MASK in _REPEATING_GROUPS:
        return frozenset({_CLEAN_GRAPHICS})
    row = load_profile_attributes().get(tag)
    return row.granted_by if row is not None else frozenset()


def compare_evidence(
    original: DicomObject, output: DicomObject, codes: frozenset[str]
) -> Iterator[Defect]:
    """Yield a defect if an object claims to retain UIDs, but has other ones than its original.

    Parameters
    ----------
    original, output : DicomObject
    codes : frozenset of str
        Claimed codes.
    """
    if RETAIN_UIDS not in codes:
        return
    for location in _IDENTIFYING_UIDS:
        before, after = original.get_text(location), output.get_text(location)
        if before and after and before != after:
            detail = f"{RETAIN_UIDS} is claimed, but UIDs are not those of the original"
            yield Defect(Check.LABELS, _CODES_LOCATION, detail)
            return
