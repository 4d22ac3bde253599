"""The independent check: its own lists, its own parser path, its own OCR pass.

It imports nothing of what it checks; see :class:`Verifier`.
"""

from safelight.verify.consistency import CONTRADICTION_CHECKS, ConsistencyLink, find_contradictions
from safelight.verify.defects import Check, Defect
from safelight.verify.element_contents import Expectation
from safelight.verify.unmasked_pixels import MaskRegion
from safelight.verify.verifier import Verifier

__all__ = [
    "CONTRADICTION_CHECKS",
    "Check",
    "Defect",
    "Expectation",
    "ConsistencyLink",
    "MaskRegion",
    "Verifier",
    "find_contradictions",
]
