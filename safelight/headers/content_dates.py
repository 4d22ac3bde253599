"""Find dates in the content tree of a report that several patients share."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.dicom.elements import Element

#: Date and DateTime of a content item (PS3.3, section C.17.3).
CONTENT_DATE_TAGS = frozenset((0x0040A120, 0x0040A121))

_CONCEPT_NAME_CODE_SEQUENCE = 0x0040A043

#: Concepts (PS3.16, scheme DCM) whose dates belong to equipment: Calibration DateTime, which TID
#: 10002 (Accumulated X-Ray Dose) uses.
_SHARED_DATE_CONCEPTS = (b"113723",)


def is_shared_content_date(tag: int, elements: Sequence[Element], data: bytes) -> bool:
    """Return whether a date belongs to equipment by the concept name of its content item.

    Parameters
    ----------
    tag : int
        Tag of the element.
    elements : sequence of Element
        Elements of the content item that holds it.
    data : bytes
        Bytes that the offsets refer to. PHI.
    """
    if tag not in CONTENT_DATE_TAGS:
        return False
    return any(
        code in data[element.value : element.stop]
        for element in elements
        if element.tag == _CONCEPT_NAME_CODE_SEQUENCE
        for code in _SHARED_DATE_CONCEPTS
    )
