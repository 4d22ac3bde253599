"""Elements of an object at all nesting levels."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.verify.elements import find_printable_runs, iterate_elements
from safelight.verify.object_reader import UnreadableError
from tests.verify.objects import original


def test_nested_elements_have_their_path() -> None:
    elements = {element.location: element for element in iterate_elements(original())}
    assert elements["(0008,1140)[0].(0040,A123)"].texts == ("Marchbanks^Ivo",)
    assert "(0008,1140)" not in elements


def test_a_private_element_is_paired_by_its_creator() -> None:
    ds = Dataset()
    ds.add_new(0x00190011, "LO", "Acme Test")
    ds.add_new(0x00191101, "LO", "x")
    element = list(iterate_elements(ds))[-1]
    assert element.location == "(0019,1101)"
    assert element.pairing_path == '(0019,"ACME TEST",01)'
    assert (element.creator, element.is_private, element.keyword) == ("ACME TEST", True, "")


def test_every_value_is_a_text() -> None:
    ds = Dataset()
    ds.ImageType = ["A", "B"]
    ds.Rows = 4
    assert [element.texts for element in iterate_elements(ds)] == [("A", "B"), ("4",)]


def test_pixel_data_have_no_texts() -> None:
    elements = {element.tag: element for element in iterate_elements(original())}
    assert elements[0x7FE00010].texts == ()


def test_printable_runs_are_found_in_two_encodings() -> None:
    assert list(find_printable_runs(b"\0\1DOE^JANE\0ab\0")) == ["DOE^JANE"]
    assert list(find_printable_runs("Jane".encode("utf-16-le"))) == ["Jane"]


def test_deep_nesting_is_unreadable() -> None:
    item = Dataset()
    for _ in range(70):
        outer = Dataset()
        outer.ReferencedImageSequence = [item]
        item = outer
    with pytest.raises(UnreadableError):
        list(iterate_elements(item))
