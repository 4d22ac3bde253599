"""Verifier: each input has a tuple of defects, and no exception."""

from __future__ import annotations

from safelight.verify.verifier import Verifier
from tests.fuzz.dicom_seeds import make_seeds as seeds

__all__ = ["run", "seeds"]

_VERIFIER = Verifier(key=bytes(32))


def run(data: bytes) -> None:
    """Check an object alone, and against itself."""
    assert isinstance(_VERIFIER.check(data), tuple)
    assert isinstance(_VERIFIER.compare(data, data), tuple)
