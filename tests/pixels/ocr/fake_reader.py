"""OCR engine of tests that exercise one of its methods."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading


class FakeReader:
    """OCR engine whose detector finds nothing that a test did not expect.

    Subclasses replace :meth:`find` for whole pictures, or :meth:`recognize` for crops.
    """

    name = "test"

    def read(
        self,
        picture: Picture,
        known: Sequence[Box] = (),
        areas: Sequence[Box] | None = None,
        strokes: Picture | None = None,
    ) -> list[Reading]:
        return self.find(picture)

    def find(self, picture: Picture) -> list[Reading]:
        """Return the text of a picture."""
        raise AssertionError("the detector was called")

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        return [Reading(Box(0, 0, 1, 1), "", 0.0) for _ in crops]
