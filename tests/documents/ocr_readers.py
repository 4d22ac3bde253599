"""OCR engines for the tests."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading


class NoReader:
    """OCR engine that finds no text, for documents with a complete text layer."""

    name = "none"

    def read(self, picture: Picture, known: Sequence[Box] = ()) -> list[Reading]:
        return []

    def recognize(self, crops: list[Picture]) -> list[Reading]:
        return []
