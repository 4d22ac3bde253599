from __future__ import annotations

import struct

import pytest

from safelight.dicom import elements as module
from safelight.dicom.elements import INVALID_VR, MAX_DEPTH, Element, ElementReader
from safelight.dicom.encoding import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    UNDEFINED,
    Encoding,
)
from safelight.records import Reason, Refusal

MODALITY, ROWS, REFERENCES, PIXEL_DATA = 0x00080060, 0x00280010, 0x00081140, 0x7FE00010
ALL_ENCODINGS = pytest.mark.parametrize(
    "encoding", [EXPLICIT_LITTLE, EXPLICIT_BIG, IMPLICIT_LITTLE]
)


def read(data: bytes, encoding: Encoding = EXPLICIT_LITTLE) -> list[Element]:
    found, stop = ElementReader(data).read_elements(0, len(data), encoding)
    assert stop == len(data)
    return found


def refuse(data: bytes, encoding: Encoding = EXPLICIT_LITTLE) -> Reason:
    with pytest.raises(Refusal) as caught:
        read(data, encoding)
    return caught.value.reason


@ALL_ENCODINGS
def test_elements_are_offsets_into_the_data(encoding: Encoding) -> None:
    data = encoding.element(MODALITY, "CS", b"CT") + encoding.element(ROWS, "US", b"\0\4")
    first, second = read(data, encoding)
    assert (first.tag, first.vr, data[first.value : first.stop]) == (MODALITY, "CS", b"CT")
    assert (second.tag, second.start, second.stop) == (ROWS, first.stop, len(data))


@ALL_ENCODINGS
@pytest.mark.parametrize("undefined", [True, False])
def test_items_are_read_for_each_kind_of_length(encoding: Encoding, undefined: bool) -> None:
    item = encoding.item(encoding.element(MODALITY, "CS", b"CT"), undefined)
    data = encoding.sequence(REFERENCES, "SQ", item + item, undefined)
    [sequence] = read(data, encoding)
    assert (sequence.items is not None) is undefined
    items, stop = ElementReader(data).read_items(sequence, sequence.stop, encoding, 0)
    assert stop == len(data) and [[e.tag for e in i.elements] for i in items] == [[MODALITY]] * 2


def test_unknown_sequence_of_undefined_length_is_read_as_implicit_vr() -> None:
    item = IMPLICIT_LITTLE.item(IMPLICIT_LITTLE.element(MODALITY, "CS", b"CT"), True)
    data = EXPLICIT_LITTLE.sequence(0x00091001, "UN", item, True)
    [sequence] = read(data)
    assert sequence.items is not None and sequence.items[0].elements[0].vr == "CS"


def test_end_of_encapsulated_pixel_data_is_found() -> None:
    fragments = b"\xfe\xff\x00\xe0\0\0\0\0\xfe\xff\x00\xe0\x02\0\0\0ab"
    data = EXPLICIT_LITTLE.header(PIXEL_DATA, "OB", UNDEFINED)
    data += fragments + b"\xfe\xff\xdd\xe0\0\0\0\0"
    [pixels] = read(data)
    assert (pixels.stop, pixels.items, pixels.undefined) == (len(data), None, True)


def test_unknown_vr_is_marked_as_invalid() -> None:
    assert read(b"\x08\x00\x60\x00QQ\x02\x00CT")[0].vr == INVALID_VR


@ALL_ENCODINGS
def test_zero_padding_after_the_last_element_is_ignored(encoding: Encoding) -> None:
    data = encoding.element(MODALITY, "CS", b"CT") + bytes(64)
    assert len(read(data, encoding)) == 1


@pytest.mark.parametrize(
    "data",
    [
        b"\x08\x00\x60\x00CS\x04\x00CT",
        b"\x08\x00\x60\x00CS",
        b"\x08\x00\x60\x00OB\0\0\4\0",
        EXPLICIT_LITTLE.header(REFERENCES, "SQ", UNDEFINED),
        EXPLICIT_LITTLE.header(PIXEL_DATA, "OB", UNDEFINED) + b"\xfe\xff\x00\xe0\x02\0\0\0ab",
    ],
)
def test_cut_element_is_truncated(data: bytes) -> None:
    assert refuse(data) is Reason.TRUNCATED


@pytest.mark.parametrize(
    "data",
    [
        b"\xfe\xff\x0d\xe0\0\0\0\0",
        b"\xfe\xff\x00\xe0\0\0\0\0",
        b"\x08\x00\x60\x00\1\2\x02\x00CT",
        EXPLICIT_LITTLE.header(MODALITY, "CS", 0)[:4] + b"UT\0\0\xff\xff\xff\xff",
        EXPLICIT_LITTLE.header(PIXEL_DATA, "OB", UNDEFINED) + b"\x08\0\x60\0\0\0\0\0",
    ],
)
def test_bytes_that_break_the_encoding_rules_are_malformed(data: bytes) -> None:
    assert refuse(data) is Reason.MALFORMED


@pytest.mark.parametrize("encoding", [EXPLICIT_LITTLE, IMPLICIT_LITTLE])
def test_item_delimiter_outside_of_an_item_is_malformed(encoding: Encoding) -> None:
    data = encoding.element(MODALITY, "CS", b"CT") + b"\xfe\xff\x0d\xe0\0\0\0\0"
    assert refuse(data, encoding) is Reason.MALFORMED


def test_deep_nesting_is_refused() -> None:
    level = EXPLICIT_LITTLE.header(REFERENCES, "SQ", UNDEFINED)
    level += struct.pack("<HHL", 0xFFFE, 0xE000, UNDEFINED)
    assert refuse(level * (MAX_DEPTH + 2)) is Reason.TOO_DEEP


def test_too_many_elements_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ELEMENTS", 3)
    element = EXPLICIT_LITTLE.element(MODALITY, "CS", b"CT")
    assert len(read(element * 3)) == 3
    assert refuse(element * 4) is Reason.TOO_LARGE
