"""Name the attributes without which an object can neither be stored nor read.

A rules file of an organisation can remove any attribute. Without the identifiers of PS3.3, section
C.12.1 (SOP Common), C.7.2.1 and C.7.3.1, an object is not a DICOM instance, and without the
attributes of the Image Pixel Module (C.7.6.3), its pixels cannot be read.
"""

from __future__ import annotations

from safelight.dicom.tags import (
    MODALITY,
    PIXEL_DATA_TAGS,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
)
from safelight.rules.operations import Operation

#: Operations on an attribute after which the object can be stored.
_ALLOWED = {
    SOP_CLASS_UID: frozenset({Operation.KEEP, Operation.UID}),
    SOP_INSTANCE_UID: frozenset({Operation.KEEP, Operation.UID}),
    STUDY_INSTANCE_UID: frozenset({Operation.KEEP, Operation.UID}),
    SERIES_INSTANCE_UID: frozenset({Operation.KEEP, Operation.UID}),
    MODALITY: frozenset({Operation.KEEP, Operation.LITERAL, Operation.DUMMY, Operation.CLEAN}),
}

#: Attributes that describe how pixels are stored; every change makes them unreadable.
_PIXEL_LAYOUT = frozenset(
    {
        0x00280002,  # Samples per Pixel
        0x00280004,  # Photometric Interpretation
        0x00280006,  # Planar Configuration
        0x00280008,  # Number of Frames
        0x00280010,  # Rows
        0x00280011,  # Columns
        0x00280100,  # Bits Allocated
        0x00280101,  # Bits Stored
        0x00280102,  # High Bit
        0x00280103,  # Pixel Representation
        *PIXEL_DATA_TAGS,
    }
)

#: Attributes whose edits are checked.
REQUIRED_TAGS = frozenset(_ALLOWED) | _PIXEL_LAYOUT


def is_operation_allowed(tag: int, operation: Operation) -> bool:
    """Return whether an operation leaves an attribute as storage and readers require it.

    Parameters
    ----------
    tag : int
    operation : Operation
    """
    if operation is Operation.QUARANTINE:
        return True
    if tag in _PIXEL_LAYOUT:
        return operation is Operation.KEEP
    return tag not in _ALLOWED or operation in _ALLOWED[tag]
