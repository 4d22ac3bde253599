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
from safelight.verify.expectation import ANY_VALUE, Expectation, PrivateRule
from safelight.verify.pixel_data import NO_DECODER
from safelight.verify.unmasked_pixels import MaskRegion
from safelight.verify.value_forms import ValueForm
from safelight.verify.verifier import Verifier

__all__ = [
    "ANY_VALUE",
    "CONTRADICTION_CHECKS",
    "NO_DECODER",
    "Check",
    "ConsistencyLink",
    "Defect",
    "Expectation",
    "MaskRegion",
    "PrivateRule",
    "ValueForm",
    "Verifier",
    "find_contradictions",
]
