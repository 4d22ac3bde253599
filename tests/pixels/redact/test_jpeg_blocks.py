"""Blocks outside the masks are decoded to the very samples that they had."""

from __future__ import annotations

from dataclasses import replace
from io import BytesIO
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.uid import JPEGBaseline8Bit

from safelight.pixels.codecs import decoders
from safelight.pixels.codecs.jpeg.huffman import UnsupportedJpegError
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.geometry import Box
from safelight.pixels.redact.jpeg_blocks import mask_jpeg_blocks
from safelight.pixels.redact.painting import Fill, covered_pixels
from safelight.pixels.redact.redactor import redact_frames
from tests.pixels.frames.test_frame_source import path_of
from tests.pixels.objects import encapsulated_object, rebuilt
from tests.pixels.redact.test_painting import INFO


def scene(rows: int, columns: int, samples: int) -> np.ndarray[Any, Any]:
    """Return a picture with edges, ramps and grain, in which nothing is black."""
    y, x = np.mgrid[:rows, :columns]
    grain = np.random.default_rng(3).integers(0, 40, (rows, columns))
    grey = (40 + (x * 3 + y * 2) % 150 + grain).clip(30, 255)
    planes = [np.roll(grey, 5 * n, axis=1) for n in range(samples)]
    return np.stack(planes, axis=2).astype(np.uint8).squeeze()


def jpeg(pixels: np.ndarray[Any, Any], **options: Any) -> bytes:
    stream = BytesIO()
    Image.fromarray(pixels).save(stream, "JPEG", **options)
    return stream.getvalue()


def header(pixels: np.ndarray[Any, Any], photometric: str) -> Any:
    return replace(
        INFO,
        rows=pixels.shape[0],
        columns=pixels.shape[1],
        samples=3 if pixels.ndim == 3 else 1,
        photometric=photometric,
        bits_allocated=8,
        bits_stored=8,
        high_bit=7,
        transfer_syntax=str(JPEGBaseline8Bit),
    )


def around(inside: np.ndarray[Any, Any], unit: int) -> np.ndarray[Any, Any]:
    """Return the MCUs with a masked pixel, and the pixels next to them that share its chroma."""
    grown = np.zeros_like(inside)
    for y in range(0, inside.shape[0], unit):
        for x in range(0, inside.shape[1], unit):
            if inside[y : y + unit, x : x + unit].any():
                grown[max(0, y - 1) : y + unit + 1, max(0, x - 1) : x + unit + 1] = True
    return grown


@settings(max_examples=60, deadline=None)
@given(
    rows=st.integers(1, 70),
    columns=st.integers(1, 70),
    color=st.booleans(),
    subsampling=st.sampled_from(["4:4:4", "4:2:2", "4:2:0"]),
    quality=st.sampled_from([20, 60, 92, 100]),
    optimize=st.booleans(),
    restart=st.sampled_from([0, 1, 3]),
    box=st.tuples(*(st.integers(0, 60),) * 2, *(st.integers(1, 40),) * 2).map(lambda b: Box(*b)),
    text=st.sampled_from(["", "[ID]"]),
)
def test_only_touched_blocks_change(
    rows: int,
    columns: int,
    color: bool,
    subsampling: str,
    quality: int,
    optimize: bool,
    restart: int,
    box: Box,
    text: str,
) -> None:
    pixels = (
        scene(rows, columns, 3 if color else 1)
        .reshape(rows, columns, -1)
        .squeeze(2 if not color else ())
    )
    options = {"subsampling": subsampling} if color else {}
    if restart:
        options["restart_marker_blocks"] = restart
    frame = jpeg(pixels, quality=quality, optimize=optimize, **options)
    info = header(pixels, "YBR_FULL_422" if color else "MONOCHROME2")
    fills = [Fill(box, text)]
    edited = mask_jpeg_blocks(frame, fills, info, color)
    before, after = decoders.decode_frame(frame, info), decoders.decode_frame(edited, info)
    inside = covered_pixels(fills, info)
    unit = 8 if not color or subsampling == "4:4:4" else 16
    untouched = ~around(inside, unit)
    assert np.array_equal(before[untouched], after[untouched])
    if inside.sum() >= 16 and not text:  # a pixel alone in a block of coarse steps is dark gray
        light = after[..., 0] if color else after
        assert light[inside].mean() < (30 if quality == 20 else 8)
    if not inside.any():
        assert edited == frame


def test_whole_blocks_become_black_exactly() -> None:
    pixels = scene(64, 64, 1)
    info = header(pixels, "MONOCHROME2")
    after = decoders.decode_frame(
        mask_jpeg_blocks(jpeg(pixels, quality=30), [Fill(Box(16, 8, 24, 32))], info, False), info
    )
    assert not after[8:40, 16:40].any()
    inverse = replace(info, photometric="MONOCHROME1")
    after = decoders.decode_frame(
        mask_jpeg_blocks(jpeg(pixels), [Fill(Box(16, 8, 24, 32))], inverse, False), inverse
    )
    assert (after[8:40, 16:40] == 255).all()


def test_red_green_and_blue_components_are_all_black() -> None:
    pixels = scene(48, 48, 3)
    frame = jpeg(pixels, keep_rgb=True)
    info = header(pixels, "RGB")
    assert not decoders.is_color_transformed(frame, info)
    after = decoders.decode_frame(
        mask_jpeg_blocks(frame, [Fill(Box(8, 8, 16, 16))], info, False), info
    )
    assert not after[8:24, 8:24].any()


def test_a_placeholder_can_be_read_in_twelve_bits() -> None:
    source = FrameSource.from_bytes(path_of("JPEG-lossy.dcm").read_bytes())
    edited = mask_jpeg_blocks(
        source.read_raw_frame(0), [Fill(Box(60, 250, 120, 60), "[ID]")], source.info, False
    )
    before, after = source.read_frame(0), decoders.decode_frame(edited, source.info)
    changed = np.argwhere(before != after)
    assert changed.min(axis=0).tolist() >= [248, 56] and changed.max(axis=0).tolist() <= [311, 183]
    assert after[250:310, 60:180].max() > 4000 and (after[250:310, 60:180] < 100).mean() > 0.6


@pytest.mark.parametrize("name", ["SC_rgb_dcmtk_+eb+cy+np.dcm", "SC_rgb_dcmtk_+eb+cr.dcm"])
def test_optimised_tables_of_other_encoders_grow(name: str) -> None:
    data = path_of(name).read_bytes()
    source = FrameSource.from_bytes(data)
    encoded = redact_frames(source, {0: [Fill(Box(24, 24, 32, 32))]})
    assert (encoded.method, encoded.transfer_syntax) == ("blocks", None)
    again = FrameSource.from_bytes(rebuilt(data, encoded))
    inside = covered_pixels([Fill(Box(24, 24, 32, 32))], source.info)
    assert np.array_equal(
        again.read_frame(0)[~around(inside, 16)], source.read_frame(0)[~around(inside, 16)]
    )


def test_frames_of_a_cine_that_are_not_touched_keep_their_bytes() -> None:
    frames = [jpeg(scene(32, 32, 1), quality=q) for q in (50, 70, 90)]
    data = encapsulated_object(frames, JPEGBaseline8Bit, Rows=32, Columns=32)
    encoded = redact_frames(FrameSource.from_bytes(data), {1: [Fill(Box(3, 3, 9, 9))]})
    again = FrameSource.from_bytes(rebuilt(data, encoded))
    assert [again.read_raw_frame(i).rstrip(b"\0") == frames[i] for i in range(3)] == [
        True,
        False,
        True,
    ]


@pytest.mark.parametrize(
    "frame",
    [
        jpeg(scene(32, 32, 1), progressive=True),
        jpeg(scene(32, 32, 1))[:-200],
        jpeg(scene(32, 40, 1)),
        b"\xff\xd8\xff\xc4\x00\x05\x00\x01\x02",
        b"",
    ],
)
def test_an_unsupported_codestream_is_refused(frame: bytes) -> None:
    with pytest.raises(UnsupportedJpegError):
        mask_jpeg_blocks(
            frame, [Fill(Box(0, 0, 9, 9))], header(scene(32, 32, 1), "MONOCHROME2"), False
        )


@settings(max_examples=60, deadline=None)
@given(st.integers(20, 900), st.integers(0, 255))
def test_a_broken_stream_raises_no_other_error(at: int, value: int) -> None:
    frame = bytearray(jpeg(scene(32, 32, 1)))
    frame[at % len(frame)] = value
    try:
        mask_jpeg_blocks(
            bytes(frame), [Fill(Box(0, 0, 9, 9))], header(scene(32, 32, 1), "MONOCHROME2"), False
        )
    except UnsupportedJpegError:
        pass
