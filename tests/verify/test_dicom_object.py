"""Parsed objects of the verifier."""

from __future__ import annotations

import pytest

from safelight.verify.dicom_object import DicomObject
from safelight.verify.object_reader import UnreadableError
from tests.verify.objects import RESEARCH_CODES, output, to_bytes


@pytest.fixture
def parsed() -> DicomObject:
    return DicomObject.parse(to_bytes(output()))


def test_method_codes_are_those_of_the_sequence(parsed: DicomObject) -> None:
    assert parsed.method_codes == frozenset(RESEARCH_CODES)


def test_the_first_value_of_a_location_is_returned(parsed: DicomObject) -> None:
    assert parsed.get_text("(0028,0303)") == "MODIFIED"
    assert parsed.get_text("(0028,0301)") == ""


def test_pixel_bytes_are_those_of_the_top_level(parsed: DicomObject) -> None:
    assert parsed.pixel_bytes == bytes(range(16))


def test_file_meta_is_separate(parsed: DicomObject) -> None:
    assert "(0002,0010)" in {element.location for element in parsed.file_meta}
    assert all(element.tag >> 16 != 2 for element in parsed.elements)


def test_other_bytes_are_unreadable() -> None:
    with pytest.raises(UnreadableError):
        DicomObject.parse(b"no DICOM")
