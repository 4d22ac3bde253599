"""Test the check of kept numbers and bytes."""

from __future__ import annotations

import struct

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from safelight.headers.binary_values import (
    are_known_letters,
    holds_word,
    is_binary_value_safe,
)
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.headers.objects import deidentify, find_nothing, make_object, to_bytes

NOTHING_KNOWN = KnownPHI([])
KNOWN = [KnownValue("NAME", "HARGREAVE^TOMAS", "patient")]


@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_nested_name_in_a_safe_element_of_numbers_is_removed(transfer_syntax: str) -> None:
    ds = make_object(transfer_syntax)
    block = ds.private_block(0x0011, "GEMS_PATI_01", create=True)
    item = Dataset()
    item.PatientName, item.ImageComments = "Ottokarsson^Brynhild^Wolf ", "6/30/11 "
    block.add_new(0x10, "SQ", Sequence([item]))
    new, _ = deidentify(ds, annotate=find_nothing)
    assert block.get_tag(0x10) not in new
    assert b"Ottokarsson" not in to_bytes(new)


@pytest.mark.parametrize(
    ("creator", "group", "offset", "vr", "value"),
    [
        ("GEMS_PATI_01", 0x0011, 0x10, "UN", "Yuliarti^Maman".encode("utf-16-le")),
        ("GEMS_PATI_01", 0x0011, 0x10, "OB", b"MjAwOS0wNS0yMA=="),
        ("TOSHIBA_MEC_CT3", 0x7005, 0x13, "OB", b"KzU1IDY3IDkzMDUtNTIxOCBOb2d1ZWly"),
        ("GEMS_PETD_01", 0x0015, 0x3C, "UN", "90284087 Ánh_Ngữyen".encode()),
        ("SIEMENS MED SMS USG S2000", 0x0019, 0x43, "UN", b"1967/04/08"),
        ("SIEMENS MED SMS USG S2000", 0x0019, 0x43, "UN", b"19670408"),
        ("GEMS_PETD_01", 0x0009, 0x44, "SH", b"5527686892"),
        ("TOSHIBA_MEC_CT3", 0x7005, 0x12, "LO", b"Fabianintie 1, Maarianhamina 43932"),
        ("MMCPrivate", 0x0029, 0xC9, "SH", b"(03486) 87421 "),
    ],
)
def test_safe_private_value_of_another_kind_is_removed(
    creator: str, group: int, offset: int, vr: str, value: bytes
) -> None:
    ds = make_object()
    block = ds.private_block(group, creator, create=True)
    block.add_new(offset, vr, value if vr in ("OB", "UN") else value.decode())
    new, _ = deidentify(ds, annotate=find_nothing)
    assert block.get_tag(offset) not in new


@pytest.mark.parametrize(
    ("raw", "vr"),
    [
        (struct.pack("<d", 3.141592653589793), "FD"),
        (struct.pack("<6f", 0.1, 12.5, -3.0, 1e-6, 2048.0, 77.25), "FL"),
        (struct.pack("<12H", *range(12)), "US"),
        (struct.pack("<4l", -1, 0, 4096, 70000), "SL"),
        (bytes(range(64)), "OB"),
        (b"", "US"),
    ],
)
def test_value_of_the_expected_kind_is_possible(raw: bytes, vr: str) -> None:
    assert is_binary_value_safe(raw, vr, NOTHING_KNOWN, is_listed=True)


@pytest.mark.parametrize(
    ("raw", "vr"),
    [
        (b"\1\0\2", "US"),  # half a number
        (b"qWeRt\x40\x59?", "FD"),
        (b"Smith\0\0\0", "FD"),
        (b"\1\0\2\019670408", "US"),
        (b"\xfe\xff\x00\xe0\x10\0\0\0", "UL"),
        (b"YES ", "UN"),
    ],
)
def test_value_of_another_kind_in_a_listed_element_is_not_safe(raw: bytes, vr: str) -> None:
    assert not is_binary_value_safe(raw, vr, NOTHING_KNOWN, is_listed=True)


@pytest.mark.parametrize(
    "raw",
    ["Kuroyanagi".encode("utf-16-le"), "Kuroyanagi".encode("utf-16-be"), "Jürgen Süß".encode()],
)
def test_characters_are_no_bytes(raw: bytes) -> None:
    assert not is_binary_value_safe(raw, "OB", NOTHING_KNOWN, is_listed=True)


@pytest.mark.parametrize(
    ("raw", "vr", "safe"),
    [
        (b"\x90\x03\0\0\x01\0\0\0", "UL", True),
        (b"written by somebody ", "UL", False),
        (b"qWeRt\x40\x59?", "FD", True),  # may be one floating point number by chance
        (b"Tomas H ", "FD", False),
        (b"Hargreave H Tomas ..", "FD", False),
        (b"Wilhelmina O", "UN", False),
        (b"\0\1\2\3of HARGREAVE\0", "OB", False),
        (b"\0\1\2\3of NOBODY\0\0\0", "OB", True),
    ],
)
def test_bytes_are_safe_without_text_and_known_values(raw: bytes, vr: str, safe: bool) -> None:
    assert is_binary_value_safe(raw, vr, KnownPHI(KNOWN)) is safe


@pytest.mark.parametrize(("raw", "expected"), [(b"\0ab12\0", True), (b"ab1\0cd2", False)])
def test_word_has_four_letters_or_digits(raw: bytes, expected: bool) -> None:
    assert holds_word(raw) is expected


@pytest.mark.parametrize("layout", ["<H", ">H", "<L", ">L", "<Q"])
@pytest.mark.parametrize(("text", "is_safe"), [("Hargreave, Tomas", False), ("Carotid left", True)])
def test_known_name_of_one_character_in_each_number_is_found(
    layout: str, text: str, is_safe: bool
) -> None:
    vr = {"H": "US", "L": "UL", "Q": "UV"}[layout[1]]
    raw = b"".join(struct.pack(layout, ord(character)) for character in text)
    assert is_binary_value_safe(raw, vr, KnownPHI(KNOWN)) is is_safe


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("code", "HIQfd")
def test_name_of_one_character_in_each_number_is_found(code: str, order: str) -> None:
    text = "Tomas Hargreave"
    raw = struct.pack(f"{order}{len(text)}{code}", *map(ord, text))
    for padding in (b"", bytes(8)):
        assert are_known_letters(raw + padding, KnownPHI(KNOWN))
    other = struct.pack(f"{order}5{code}", 120, 100, 90, 80, 70)
    assert not are_known_letters(other, KnownPHI(KNOWN))


@pytest.mark.parametrize("keyword", ["LongPrimitivePointIndexList", "VectorGridData", "UValueData"])
def test_name_in_numbers_of_a_standard_attribute_of_bytes_is_removed(keyword: str) -> None:
    text = "HARGREAVE"
    code = "I" if keyword.startswith("Long") else "f"
    ds = make_object(**{keyword: struct.pack(f"<{len(text)}{code}", *map(ord, text))})
    new, _ = deidentify(ds)
    assert not new.get(keyword)
