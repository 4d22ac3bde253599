"""Independent verification of outputs, with separate lists, parser and OCR.

No module of this package imports another part of `safelight`, so that a mistake in the
de-identification is not repeated in its verification. `Verifier` verifies DICOM objects,
`safelight.verify.notes.NotesVerifier` verifies notes.
"""

from safelight.verify.consistency import (
    CONTRADICTION_CHECKS,
    ConsistencyLink,
    find_contradictions,
)
from safelight.verify.defects import Check, Defect
from safelight.verify.element_contents import Expectation
from safelight.verify.pixel_data import NO_DECODER
from safelight.verify.unmasked_pixels import MaskRegion
from safelight.verify.verifier import Verifier

__all__ = [
    "CONTRADICTION_CHECKS",
    "NO_DECODER",
    "Check",
    "ConsistencyLink",
    "Defect",
    "Expectation",
    "MaskRegion",
    "Verifier",
    "find_contradictions",
]
