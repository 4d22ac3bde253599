"""The independent check: its own lists, its own parser path, its own OCR pass.

It imports nothing of what it checks; see :class:`Verifier`.
"""

from safelight.verify.defects import Check, Defect
from safelight.verify.element_contents import Expectation
from safelight.verify.links import DISAGREEMENT, Link, disagreements
from safelight.verify.unmasked_pixels import Region
from safelight.verify.verifier import Verifier

__all__ = [
    "DISAGREEMENT",
    "Check",
    "Defect",
    "Expectation",
    "Link",
    "Region",
    "Verifier",
    "disagreements",
]
