"""The independent check: its own lists, its own parser path, its own OCR pass.

It imports nothing of what it checks; see :class:`Verifier`.
"""

from safelight.verify.contents import Expectation
from safelight.verify.links import DISAGREEMENT, Link, disagreements
from safelight.verify.outside import Region
from safelight.verify.records import Check, Defect
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
