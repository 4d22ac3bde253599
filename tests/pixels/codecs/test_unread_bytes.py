"""Bytes that no reader displays are found without decoding a frame."""

from __future__ import annotations

import pytest
from pydicom.uid import ExplicitVRBigEndian

from safelight.dicom.parser import parse
from safelight.pixels.codecs.unread_bytes import has_unread_bytes
from tests.pixels.codecs.test_codestream_metadata import photograph
from tests.pixels.objects import encapsulated_object, native_object

SIZE = {"Rows": 4, "Columns": 6}


@pytest.mark.parametrize("surplus", [0, 2, 40])
def test_bytes_after_the_last_native_frame_are_counted(surplus: int) -> None:
    data = native_object(bytes(24 + surplus), **SIZE)
    assert has_unread_bytes(parse(data)) is (surplus > 1)


def test_frames_and_the_byte_order_are_counted() -> None:
    assert not has_unread_bytes(parse(native_object(bytes(72), NumberOfFrames=3, **SIZE)))
    data = native_object(bytes(24), ExplicitVRBigEndian, **SIZE)
    assert not has_unread_bytes(parse(data))


def test_metadata_of_a_codestream_is_found() -> None:
    frame = photograph()
    plain = frame[:2] + frame[frame.index(b"\xff\xdb") :]
    size = {"Rows": 32, "Columns": 32}
    assert has_unread_bytes(parse(encapsulated_object([plain, frame], **size)))
    assert not has_unread_bytes(parse(encapsulated_object([plain, plain], **size)))


def test_metadata_is_found_if_the_number_of_frames_is_wrong() -> None:
    data = encapsulated_object([photograph()] * 2, NumberOfFrames=5, Rows=32, Columns=32)
    assert has_unread_bytes(parse(data))
