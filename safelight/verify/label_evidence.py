"""Compare the labels of an object with what its elements hold.

A code of CID 7050 that nothing in the object supports follows from the name of an option, and not
from what was done to the object.
"""

from __future__ import annotations

from collections.abc import Iterator

from safelight.verify.defects import Check, Defect
from safelight.verify.deidentification_labels import (
    FULL_DATES,
    MODIFIED_DATES,
    RETAIN_SAFE_PRIVATE,
)
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import LeafElement
from safelight.verify.profile_attributes import load_profile_attributes

_CODES_LOCATION = "(0012,0064)"
_DATE_VRS = frozenset({"DA", "DT", "TM"})
_CHARACTERISTICS, _DEVICE, _INSTITUTION = "113108", "113109", "113112"
#: Codes of options that retain information which a reader can see.
_EVIDENT_CODES = frozenset(
    {FULL_DATES, MODIFIED_DATES, _CHARACTERISTICS, _DEVICE, _INSTITUTION, RETAIN_SAFE_PRIVATE}
)


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
    row = load_profile_attributes().get(element.tag)
    return row.granted_by if row is not None else frozenset()
