"""The pixel data element is found in parsed objects, and empty pixel data is none."""

from __future__ import annotations

from safelight.dicom.parser import parse
from safelight.pixels.dicom.pixel_element import find_pixel_element
from tests.pixels.objects import encapsulated_object, native_object


def test_native_pixel_data_has_its_length() -> None:
    parsed = parse(native_object(bytes(64), Rows=8, Columns=8))
    element, index = find_pixel_element(parsed)
    assert element is not None and (element.tag, element.vr) == (0x7FE00010, "OB")
    assert parsed.data[element.start : element.start + element.length] == bytes(64)
    assert parsed.elements[index].tag == element.tag


def test_encapsulated_pixel_data_has_undefined_length() -> None:
    element, _ = find_pixel_element(parse(encapsulated_object([bytes(8)])))
    assert element is not None and element.length == 0xFFFFFFFF


def test_empty_pixel_data_counts_as_none() -> None:
    parsed = parse(native_object(b"", Rows=0, Columns=0))
    element, index = find_pixel_element(parsed)
    assert element is None and parsed.elements[index].tag == 0x7FE00010
