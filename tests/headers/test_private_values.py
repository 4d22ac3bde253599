"""Tests of the values of safe private elements."""

from __future__ import annotations

import struct

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from safelight.headers.private_values import can_be_private_value, is_phone_number
from tests.headers.objects import deidentify, find_nothing, make_object, to_bytes


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
        (b"YES ", "UN"),
        (b"VB17A 02.03.0001", "LO"),
        (b"1.2.840.113619.2", "LO"),
        (b"", "US"),
    ],
)
def test_value_of_the_expected_kind_is_possible(raw: bytes, vr: str) -> None:
    assert can_be_private_value(raw, vr)


@pytest.mark.parametrize(
    "raw",
    ["Kuroyanagi".encode("utf-16-le"), "Kuroyanagi".encode("utf-16-be"), "Jürgen Süß".encode()],
)
def test_characters_are_no_bytes(raw: bytes) -> None:
    assert not can_be_private_value(raw, "OB")


@pytest.mark.parametrize(
    ("value", "expected"),
    [("+55 67 9305-5218", True), ("730-844-3244x519", True), ("120000", False), ("4.0.7", False)],
)
def test_phone_number_is_told_from_numbers_and_versions(value: str, expected: bool) -> None:
    assert is_phone_number(value) is expected
