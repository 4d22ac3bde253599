"""Test the reading of sequences and of the text in their items."""

from __future__ import annotations

import pytest

from safelight.dicom.character_sets import find_text_encodings
from safelight.dicom.elements import Element, ElementReader
from safelight.dicom.encoding import EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding
from safelight.dicom.items import ItemReader, find_item_encodings, read_sequence
from safelight.dicom.tags import PATIENT_NAME, SPECIFIC_CHARACTER_SET
from safelight.records import Reason, Refusal

SEQUENCE = 0x00101002
LATIN1, UTF8 = find_text_encodings("ISO_IR 100"), find_text_encodings("ISO_IR 192")


def make_sequence(
    *items: bytes, vr: str = "SQ", outer: Encoding = EXPLICIT_LITTLE, delimited: bool = False
) -> bytes:
    inner = IMPLICIT_LITTLE if vr == "UN" else outer
    content = b"".join(inner.item(item, delimited) for item in items)
    if vr == "UN":
        return outer.element(SEQUENCE, "UN", content)
    return outer.sequence(SEQUENCE, "SQ", content, delimited)


def make_reader(data: bytes, encoding: Encoding = EXPLICIT_LITTLE) -> ItemReader:
    elements, _ = ElementReader(data).read_elements(0, len(data), encoding)
    return ItemReader(data, elements, encoding, LATIN1)


def name(text: bytes, encoding: Encoding = EXPLICIT_LITTLE) -> bytes:
    return encoding.element(PATIENT_NAME, "PN", text)


@pytest.mark.parametrize("delimited", [True, False])
def test_text_in_items_is_read(delimited: bool) -> None:
    data = make_sequence(name(b"Doe^Ann"), name(b"Roe^Bo "), delimited=delimited)
    items = make_reader(data).read_items(SEQUENCE)
    assert [item.read_text(PATIENT_NAME, "PN") for item in items] == ["Doe^Ann", "Roe^Bo"]


def test_items_of_a_sequence_with_vr_un_are_implicit() -> None:
    data = make_sequence(name(b"Doe^Ann", IMPLICIT_LITTLE), vr="UN")
    (item,) = make_reader(data).read_items(SEQUENCE)
    assert item.encoding == IMPLICIT_LITTLE
    assert item.read_text(PATIENT_NAME, "PN") == "Doe^Ann"


def test_absent_elements_are_empty() -> None:
    reader = make_reader(name(b"Doe"))
    assert reader.read_items(SEQUENCE) == []
    assert reader.read_text(SEQUENCE, "LO") == ""


def test_an_item_may_have_its_own_character_set() -> None:
    charset = EXPLICIT_LITTLE.element(SPECIFIC_CHARACTER_SET, "CS", b"ISO_IR 192")
    data = make_sequence(charset + name("Müller".encode()), name("Müller".encode("latin-1")))
    items = make_reader(data).read_items(SEQUENCE)
    assert [item.text_encodings for item in items] == [UTF8, LATIN1]
    assert [item.read_text(PATIENT_NAME, "PN") for item in items] == ["Müller", "Müller"]


def test_codecs_are_inherited_without_a_character_set() -> None:
    reader = make_reader(name(b"Doe"))
    assert find_item_encodings(reader.data, reader.elements, UTF8) is UTF8


def test_items_that_were_read_with_the_object_are_not_read_again() -> None:
    element = Element(SEQUENCE, "SQ", 0, 12, 12, [], True)
    assert read_sequence(b"no items", element, EXPLICIT_LITTLE).items == []


def test_a_value_without_items_is_refused() -> None:
    data = EXPLICIT_LITTLE.element(SEQUENCE, "SQ", b"no items at all.")
    with pytest.raises(Refusal) as refused:
        make_reader(data).read_items(SEQUENCE)
    assert refused.value.reason is Reason.MALFORMED
