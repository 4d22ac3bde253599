"""Frames are found in objects whose meta information is missing or contradicts their bytes.

A scan that finds no pixel data passes the object on unread, so each of these objects must show
its frame. All of them are read by :mod:`safelight.dicom.parser`, as the header stage reads them.
"""

from __future__ import annotations

from struct import pack

import pytest
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from safelight.dicom.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding
from safelight.pixels.frames.frame_source import FrameSource
from safelight.records import Reason, Refusal
from tests.pixels.objects import native_object

PIXELS = bytes(range(64))


def object_of(syntax: str) -> bytes:
    return native_object(PIXELS, syntax, Rows=8, Columns=8)


def data_set_of(data: bytes) -> bytes:
    """Return the data set behind the preamble and the meta information."""
    return data[144 + int.from_bytes(data[140:144], "little") :]


def with_meta(data_set: bytes, syntax: str) -> bytes:
    """Return a data set behind meta information that names a transfer syntax."""
    uid = EXPLICIT_LITTLE.element(0x00020010, "UI", syntax.encode())
    length = EXPLICIT_LITTLE.element(0x00020000, "UL", pack("<L", len(uid)))
    return b"\0" * 128 + b"DICM" + length + uid + data_set


def assert_readable(data: bytes, syntax: str, encoding: Encoding) -> None:
    source = FrameSource.from_bytes(data)
    assert source.transfer_syntax == syntax
    assert source.big_endian is not encoding.little
    assert source.read_frame(0).tobytes() == PIXELS


SYNTAXES = [
    (ImplicitVRLittleEndian, IMPLICIT_LITTLE),
    (ExplicitVRLittleEndian, EXPLICIT_LITTLE),
    (ExplicitVRBigEndian, EXPLICIT_BIG),
]


@pytest.mark.parametrize(("syntax", "encoding"), SYNTAXES)
def test_an_object_without_meta_information_is_read(syntax: str, encoding: Encoding) -> None:
    assert_readable(data_set_of(object_of(syntax)), syntax, encoding)


@pytest.mark.parametrize(("syntax", "encoding"), SYNTAXES)
def test_an_object_without_preamble_is_read(syntax: str, encoding: Encoding) -> None:
    assert_readable(object_of(syntax)[128:], syntax, encoding)


@pytest.mark.parametrize(("syntax", "encoding"), SYNTAXES)
def test_meta_information_in_implicit_vr_is_read(syntax: str, encoding: Encoding) -> None:
    uid = IMPLICIT_LITTLE.element(0x00020010, "UI", syntax.encode())
    head = b"\0" * 128 + b"DICM" + uid
    assert_readable(head + data_set_of(object_of(syntax)), syntax, encoding)


def test_explicit_bytes_under_an_implicit_syntax_are_read_as_explicit() -> None:
    data = with_meta(data_set_of(object_of(ExplicitVRLittleEndian)), ImplicitVRLittleEndian)
    assert_readable(data, ExplicitVRLittleEndian, EXPLICIT_LITTLE)


def test_implicit_bytes_under_an_explicit_syntax_are_read_as_implicit() -> None:
    data = with_meta(data_set_of(object_of(ImplicitVRLittleEndian)), ExplicitVRLittleEndian)
    assert_readable(data, ImplicitVRLittleEndian, IMPLICIT_LITTLE)


def test_big_endian_bytes_under_a_little_endian_syntax_are_read_as_big_endian() -> None:
    data = with_meta(data_set_of(object_of(ExplicitVRBigEndian)), ExplicitVRLittleEndian)
    assert_readable(data, ExplicitVRBigEndian, EXPLICIT_BIG)


def test_a_deflated_data_set_is_inflated() -> None:
    data = object_of(DeflatedExplicitVRLittleEndian)
    assert_readable(data, DeflatedExplicitVRLittleEndian, EXPLICIT_LITTLE)


def test_a_deflated_data_set_without_its_end_is_refused() -> None:
    with pytest.raises(Refusal) as refused:
        FrameSource.from_bytes(object_of(DeflatedExplicitVRLittleEndian)[:-8])
    assert refused.value.reason is Reason.TRUNCATED


def test_a_deflated_data_set_under_a_plain_syntax_is_refused() -> None:
    deflated = data_set_of(object_of(DeflatedExplicitVRLittleEndian))
    with pytest.raises(Refusal):
        FrameSource.from_bytes(with_meta(deflated, ExplicitVRLittleEndian))
