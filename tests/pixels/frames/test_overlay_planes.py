"""Planes are found wherever they hide, read, blanked and removed."""

from __future__ import annotations

from io import BytesIO

import jpeg_ls
import numpy as np
import pydicom
import pytest
from pydicom.uid import ExplicitVRBigEndian, JPEGLSLossless

from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.frames.overlay_planes import (
    blank_boxes,
    find_bits_to_clear,
    find_embedded_bits,
    find_overlays,
    find_stray_bits,
    keep_overlays,
    read_plane,
    remove_overlays,
)
from safelight.pixels.geometry import Box
from safelight.pixels.redact.painting import Fill
from safelight.pixels.redact.redactor import redact_frames
from safelight.records import Refusal
from tests.pixels.frames.test_frame_source import path_of
from tests.pixels.objects import encapsulated_object, native_object, noise, rebuilt


def with_overlay(data: bytes, group: int, drawn: np.ndarray | None, **more: object) -> bytes:
    """Return an object with an overlay group; without a plane it is embedded in bit 15."""
    dataset = pydicom.dcmread(BytesIO(data))
    rows, columns = (dataset.Rows, dataset.Columns) if drawn is None else drawn.shape[-2:]
    dataset.add_new((group, 0x0010), "US", rows)
    dataset.add_new((group, 0x0011), "US", columns)
    dataset.add_new((group, 0x0050), "SS", more.get("origin", [1, 1]))
    dataset.add_new((group, 0x0100), "US", 16 if drawn is None else 1)
    dataset.add_new((group, 0x0102), "US", 15 if drawn is None else 0)
    if drawn is not None:
        bits = np.packbits(drawn.ravel(), bitorder="little").tobytes()
        raw = bits + b"\0" * (len(bits) % 2)
        if dataset.original_encoding[1] is False:
            raw = np.frombuffer(raw, "u2").byteswap().tobytes()
        dataset.add_new((group, 0x0015), "IS", drawn.shape[0] if drawn.ndim == 3 else 1)
        dataset.add_new((group, 0x3000), "OW", raw)
    stream = BytesIO()
    dataset.save_as(stream)
    return stream.getvalue()


BASE = {"BitsAllocated": 16, "BitsStored": 12, "Rows": 6, "Columns": 9}
DRAWN = noise(6, 9, bits=1)


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ExplicitVRBigEndian])
def test_a_plane_of_its_own_is_read_and_blanked(syntax: str) -> None:
    data = with_overlay(native_object(bytes(108), syntax, **BASE), 0x6002, DRAWN, origin=[3, -4])
    source = FrameSource.from_bytes(data)
    (overlay,) = find_overlays(source)
    assert (overlay.group, overlay.top, overlay.left, overlay.bit) == (0x6002, 2, -5, None)
    assert np.array_equal(read_plane(source, overlay), DRAWN * 255)
    assert find_embedded_bits(source) == 0
    vr, value = blank_boxes(source, overlay, [Box(2, 1, 4, 3)])
    dataset = pydicom.dcmread(BytesIO(data))
    dataset[0x6002, 0x3000].value = value
    stream = BytesIO()
    dataset.save_as(stream)
    expected = DRAWN.copy()
    expected[1:4, 2:6] = 0
    assert vr == "OW"
    assert np.array_equal(
        read_plane(FrameSource.from_bytes(stream.getvalue()), overlay), expected * 255
    )


def test_planes_of_a_cine_follow_each_other_by_bits() -> None:
    planes = noise(3, 5, 7, bits=1)
    source = FrameSource.from_bytes(with_overlay(native_object(bytes(108), **BASE), 0x6000, planes))
    (overlay,) = find_overlays(source)
    assert overlay.frames == 3
    assert all(np.array_equal(read_plane(source, overlay, i), planes[i] * 255) for i in range(3))
    with pytest.raises(Refusal):
        read_plane(source, overlay, 3)


def test_a_plane_in_an_unused_bit_is_read_and_cleared() -> None:
    grey = noise(6, 9, bits=12)
    words = grey | DRAWN.astype(np.uint16) << 15
    data = with_overlay(native_object(words.tobytes(), **BASE), 0x6000, None)
    source = FrameSource.from_bytes(data)
    (overlay,) = find_overlays(source)
    assert overlay.bit == 15 and np.array_equal(read_plane(source, overlay), DRAWN * 255)
    assert np.array_equal(source.read_frame(0), grey)
    assert find_embedded_bits(source) == 1 << 15 and find_stray_bits(source) == (15,)
    encoded = redact_frames(source, {0: [Fill(Box(0, 0, 2, 2))]}, clear=find_embedded_bits(source))
    again = FrameSource.from_bytes(rebuilt(data, encoded))
    assert find_stray_bits(again) == ()
    assert np.array_equal(again.read_frame(0)[2:], grey[2:])
    assert (again.read_frame(0)[:2, :2] == grey.min()).all()


def test_an_undeclared_bit_is_stray_and_a_sign_is_not() -> None:
    grey = noise(6, 9, bits=12)
    plain = native_object(grey.tobytes(), **BASE)
    assert find_stray_bits(FrameSource.from_bytes(plain)) == ()
    hidden = native_object((grey | DRAWN.astype(np.uint16) << 13).tobytes(), **BASE)
    assert find_stray_bits(FrameSource.from_bytes(hidden)) == (13,)
    signed = (grey.astype(np.int16) << 4) >> 4
    data = native_object(signed.tobytes(), PixelRepresentation=1, **BASE)
    assert find_stray_bits(FrameSource.from_bytes(data)) == ()


def test_a_plane_in_an_unused_bit_of_a_compressed_frame_is_cleared_in_all_frames() -> None:
    grey = np.arange(64, dtype=np.uint16).reshape(8, 8) * 60
    planes = [np.zeros((8, 8), np.uint16), np.eye(8, dtype=np.uint16)]
    frames = [bytes(jpeg_ls.encode_array(grey | plane << 13)) for plane in planes]
    header = {"BitsAllocated": 16, "BitsStored": 12, "Rows": 8, "Columns": 8}
    data = encapsulated_object(frames, JPEGLSLossless, **header)
    source = FrameSource.from_bytes(data)
    assert find_stray_bits(source, 0) == () and find_stray_bits(source, 1) == (13,)
    clear = find_bits_to_clear(source, lambda plane: bool(plane.any()), lambda _: False)
    assert clear == 1 << 13
    again = FrameSource.from_bytes(rebuilt(data, redact_frames(source, {}, clear=clear)))
    assert again.transfer_syntax == "1.2.840.10008.1.2.1"
    assert all(find_stray_bits(again, i) == () for i in range(2))
    assert all(np.array_equal(again.read_frame(i), grey) for i in range(2))


def test_all_elements_of_overlays_and_curves_are_removed() -> None:
    data = with_overlay(native_object(bytes(108), **BASE), 0x601E, DRAWN)
    dataset = pydicom.dcmread(BytesIO(data))
    dataset.add_new((0x5004, 0x3000), "OW", b"\0\0")
    dataset.add_new((0x601E, 0x0022), "LO", "said of a person")
    stream = BytesIO()
    dataset.save_as(stream)
    found = remove_overlays(FrameSource.from_bytes(stream.getvalue()))
    assert {0x601E3000, 0x601E0022, 0x50043000} <= set(found)
    assert {tag >> 16 for tag in found} == {0x601E, 0x5004}


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", ExplicitVRBigEndian])
def test_a_kept_overlay_is_drawn_without_its_masked_boxes(syntax: str) -> None:
    data = with_overlay(native_object(bytes(108), syntax, **BASE), 0x6002, DRAWN, origin=[3, -4])
    dataset = pydicom.dcmread(BytesIO(data))
    dataset.add_new((0x6002, 0x1500), "LO", "said of a person")
    stream = BytesIO()
    dataset.save_as(stream)
    source = FrameSource.from_bytes(stream.getvalue())
    elements = keep_overlays(source, {0x6002: [Box(2, 1, 4, 3)]})
    assert elements[0x60021500] is None
    for tag, new in elements.items():
        if new is None:
            del dataset[tag]
        elif new[0] == "OW":
            dataset[tag].value = new[1]
        elif new[0] in ("US", "SS"):
            numbers = np.frombuffer(new[1], ">i2" if source.big_endian else "<i2").tolist()
            value = dataset[tag].value
            assert numbers == (list(value) if hasattr(value, "__len__") else [value])
        else:
            assert new[1].decode() == str(dataset[tag].value)
    stream = BytesIO()
    dataset.save_as(stream)
    again = FrameSource.from_bytes(stream.getvalue())
    (overlay,) = find_overlays(again)
    expected = DRAWN.copy()
    expected[1:4, 2:6] = 0
    assert np.array_equal(read_plane(again, overlay), expected * 255)


def test_stray_bits_are_cleared_only_if_they_can_hold_text() -> None:
    grey = noise(6, 9, bits=12)
    data = native_object((grey | DRAWN.astype(np.uint16) << 13).tobytes(), **BASE)
    seen = []

    def holds_text(picture: np.ndarray) -> bool:
        seen.append(picture)
        return True

    assert find_bits_to_clear(FrameSource.from_bytes(data), holds_text, bool) == 1 << 13
    assert np.array_equal(seen[0], DRAWN * 255)
    source = FrameSource.from_bytes(data)
    assert find_bits_to_clear(source, lambda picture: False, lambda raw: False) == 0


def test_all_unused_bits_are_cleared_if_their_sequence_is_known() -> None:
    grey = noise(6, 9, bits=12)
    data = native_object((grey | DRAWN.astype(np.uint16) << 13).tobytes(), **BASE)
    source = FrameSource.from_bytes(data)
    assert find_bits_to_clear(source, lambda picture: False, lambda raw: True) == 0xF000


def test_a_real_overlay() -> None:
    source = FrameSource.from_bytes(path_of("examples_overlay.dcm").read_bytes())
    (overlay,) = find_overlays(source)
    dataset = source.dataset
    assert np.array_equal(read_plane(source, overlay), dataset.overlay_array(overlay.group) * 255)
    assert read_plane(source, overlay).any()
