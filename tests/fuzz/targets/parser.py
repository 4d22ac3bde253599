"""Parser of DICOM objects: only refusals, and elements that lie within the object."""

from __future__ import annotations

from contextlib import suppress

from safelight.dicom.elements import Element
from safelight.dicom.parser import parse
from safelight.records import Refusal
from tests.fuzz.dicom_seeds import make_seeds as seeds

__all__ = ["run", "seeds"]


def run(data: bytes) -> None:
    """Parse an object."""
    with suppress(Refusal):
        parsed = parse(data)
        check_elements(parsed.elements, 0, len(parsed.data))


def check_elements(elements: list[Element], begin: int, end: int) -> None:
    """Check that elements follow each other within their item."""
    for element in elements:
        assert begin <= element.start <= element.value <= element.stop <= end
        for item in element.items or ():
            assert element.value <= item.start <= item.stop <= element.stop
            check_elements(item.elements, item.start, item.stop)
        begin = element.stop
