"""Known numbers of the patient are found in binary numbers."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from safelight.dicom.encoding import NUMBER_LAYOUTS
from safelight.headers.known_numbers import KnownNumbers
from safelight.rules import parse_rules
from tests.headers.objects import KEY, add_raw, deidentify, make_object, to_bytes

NUMBERS = KnownNumbers([b"440172931", b"123456789012345678901234567890"])
VRS = ["FD", "FL", "SL", "SV", "UL", "UV"]


@pytest.mark.parametrize("order", "<>")
@pytest.mark.parametrize("vr", VRS)
def test_known_number_is_found_in_its_byte_order(vr: str, order: str) -> None:
    raw = struct.pack(f"{order}3{NUMBER_LAYOUTS[vr]}", 7, 440172931, 0)
    assert NUMBERS.occur_in(raw, vr, order)
    assert NUMBERS.occur_in(raw[len(raw) // 3 : -len(raw) // 3], "UN", order)
    assert not NUMBERS.occur_in(raw, vr, "><"["<>".index(order)])


@given(st.integers(1, 7))
def test_bytes_between_two_numbers_are_not_a_number(shift: int) -> None:
    raw = bytes(shift) + struct.pack("<Q", 440172931) + bytes(16 - shift)
    assert not NUMBERS.occur_in(raw[:16], "UV", "<")


def test_without_known_numbers_nothing_is_found() -> None:
    assert not KnownNumbers([]).occur_in(bytes(8), "FD", "<")


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ExplicitVRBigEndian])
def test_identifier_in_a_kept_number_is_not_written(syntax: str) -> None:
    ds = make_object(syntax, PatientID="440172931", TagAngleFirstAxis=440172931.0)
    ds.ReferencedTimeOffsets = "440172931"
    ds.TableOfYBreakPoints = [1.0, 440172931.0]
    new, _ = deidentify(ds)
    assert new.get("TagAngleFirstAxis") != 440172931.0
    assert 440172931.0 not in (new.get("TableOfYBreakPoints") or ())


def test_every_object_of_a_series_is_checked() -> None:
    from safelight import Deidentifier

    deidentifier = Deidentifier(key=KEY, pixels=False)
    for value in (None, 3, 440172931):
        ds = make_object(PatientID="440172931", TransducerFrequency=value)
        data = deidentifier.deidentify(to_bytes(ds)).data
        assert data is not None and struct.pack("<L", 440172931) not in data


def test_the_dictionary_does_not_decide_the_format_of_a_number() -> None:
    assert NUMBERS.occur_in(struct.pack("<I", 440172931), "FL", "<")
    assert NUMBERS.occur_in(struct.pack("<d", 440172931), "UV", "<")


def test_identifier_as_binary_number_under_a_private_vr_of_texts_is_not_written() -> None:
    ds = make_object(ImplicitVRLittleEndian, PatientID="440172931")
    block = ds.private_block(0x2001, "Philips Imaging DD 001", create=True)
    block.add_new(0x04, "UL", 440172931)
    new, _ = deidentify(ds)
    assert block.get_tag(0x04) not in new


def test_many_known_numbers_are_looked_up() -> None:
    many = KnownNumbers(str(10**8 + number).encode() for number in range(1000))
    raw = struct.pack("<4d", 1.5, 2.5, 10**8 + 999, 3.5)
    assert many.occur_in(raw, "FD", "<") and not many.occur_in(raw[:16], "FD", "<")


def test_identifier_of_thousands_of_digits_is_no_number() -> None:
    ds = make_object(TagAngleFirstAxis=1.5)
    add_raw(ds, 0x00100020, "UN", b"12" * 3000)
    assert deidentify(ds)[0].TagAngleFirstAxis == 1.5


def test_identifier_in_a_number_that_a_rule_rounds_is_not_written() -> None:
    text = "name: t\nversion: '1'\nprofile: basic\nelements:\n"
    rules = parse_rules(text + "- {tag: PatientWeight, action: round, to: 10}\n", "t")
    new, _ = deidentify(make_object(PatientID="440172930", PatientWeight="440172930"), rules)
    assert "440172930" not in str(new.get("PatientWeight"))
