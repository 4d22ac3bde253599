"""A mask changes its boxes; all else keeps its values, and untouched frames their bytes."""

from __future__ import annotations

import tracemalloc
from io import BytesIO
from pathlib import Path
from typing import Any

import jpeg_ls
import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from pydicom.encaps import encapsulate_extended
from pydicom.uid import (
    ExplicitVRBigEndian,
    HTJ2KLosslessRPCL,
    JPEGBaseline8Bit,
    JPEGLosslessSV1,
    JPEGLSLossless,
)

from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.geometry import Box
from safelight.pixels.redact.painting import Fill, covered_pixels
from safelight.pixels.redact.redactor import redact_frames
from tests.pixels.frames.test_frame_source import path_of
from tests.pixels.objects import encapsulated_object, native_object, noise, rebuilt

HTJ2K = Path(__file__).parents[2] / "data" / "htj2k"

#: File → how it is expected to be encoded.
EXPECTED = {
    "CT_small.dcm": "native",
    "MR_small_bigendian.dcm": "native",
    "MR_small_implicit.dcm": "native",
    "ExplVR_BigEnd.dcm": "native",
    "SC_rgb_small_odd.dcm": "native",
    "SC_rgb_small_odd_big_endian.dcm": "native",
    "examples_palette.dcm": "native",
    "image_dfl.dcm": "native",
    "liver_1frame.dcm": "native",
    "liver_expb_1frame.dcm": "native",
    "rtdose.dcm": "native",
    "parametric_map_float.dcm": "native",
    "SC_ybr_full_422_uncompressed.dcm": "native",
    "MR_small_RLE.dcm": "lossless",
    "SC_rgb_rle_16bit_2frame.dcm": "lossless",
    "SC_rgb_rle_32bit_2frame.dcm": "lossless",
    "rtdose_rle.dcm": "lossless",
    "OBXXXX1A_rle.dcm": "lossless",
    "MR_small_jp2klossless.dcm": "lossless",
    "emri_small_jpeg_2k_lossless.dcm": "lossless",
    "J2K_pixelrep_mismatch.dcm": "lossless",
    "examples_jpeg2k.dcm": "lossless",
    "693_J2KI.dcm": "lossless",
    "MR_small_jpeg_ls_lossless.dcm": "lossless",
    "emri_small_jpeg_ls_lossless.dcm": "lossless",
    "JLSL_08_07_0_1F.dcm": "lossless",
    "JLSL_16_15_1_1F.dcm": "lossless",
    "JLSN_RGB_ILV0.dcm": "lossless",
    "SC_rgb_jls_lossy_line.dcm": "lossless",
    "JPEGLSNearLossless_16.dcm": "lossless",
    "liver_nonbyte_aligned_deflate.dcm": "lossless",
    "SC_rgb_jpeg_gdcm.dcm": "lossless",
}


def outside(fills: list[Fill], source: FrameSource) -> Any:
    """Pixels that may not change: native 4:2:2 shares its chroma between two."""
    inside = covered_pixels(fills, source.info)
    if source.encapsulated is None and "422" in source.info.photometric:
        for x, y, w, h in [fill.box for fill in fills]:
            inside[y : y + h, max(0, x - 1) : x + w + 1] = True
    return ~inside


@pytest.mark.parametrize(("name", "how"), EXPECTED.items())
def test_only_the_box_changes(name: str, how: str) -> None:
    data = path_of(name).read_bytes()
    source = FrameSource.from_bytes(data)
    last = source.frame_count - 1
    height, width = source.info.rows, source.info.columns
    fills = [Fill(Box(width // 4, height // 4, width // 2 | 1, height // 3), "ID")]
    encoded = redact_frames(source, {last: fills})
    assert encoded.method == how
    again = FrameSource.from_bytes(rebuilt(data, encoded))
    for i in {0, last}:
        before, after = source.read_frame(i), again.read_frame(i)
        same = outside(fills, source) if i == last else slice(None)
        assert np.array_equal(after[same], before[same])
        if i != last and encoded.transfer_syntax is None:
            assert again.read_raw_frame(i) == source.read_raw_frame(i)
    assert not np.array_equal(again.read_frame(last), source.read_frame(last))


def test_no_box_no_change() -> None:
    source = FrameSource.from_bytes(path_of("CT_small.dcm").read_bytes())
    assert redact_frames(source, {0: []}).elements == {}
    assert redact_frames(source, {7: [Fill(Box(0, 0, 5, 5))]}).elements == {}


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_native_words_of_any_layout(data: st.DataObject) -> None:
    """Bits that are not stored survive; so do the frames next to the masked one."""
    allocated = data.draw(st.sampled_from([1, 8, 16, 32]))
    stored = data.draw(st.integers(1, allocated))
    high = data.draw(st.integers(stored - 1, allocated - 1))
    samples = data.draw(st.sampled_from([1, 3])) if allocated > 1 else 1
    rows, columns = data.draw(st.integers(1, 9)), data.draw(st.integers(1, 9))
    frames = data.draw(st.integers(1, 3))
    syntax = data.draw(st.sampled_from(["1.2.840.10008.1.2.1", ExplicitVRBigEndian]))
    bits = rows * columns * samples * frames * allocated
    raw = np.random.default_rng(1).bytes((bits + 7) // 8)
    header: dict[str, Any] = {"PlanarConfiguration": data.draw(st.integers(0, 1))}
    original = native_object(
        raw,
        syntax,
        Rows=rows,
        Columns=columns,
        NumberOfFrames=frames,
        BitsAllocated=allocated,
        BitsStored=stored,
        HighBit=high,
        PixelRepresentation=data.draw(st.integers(0, 1)) if stored > 1 else 0,
        SamplesPerPixel=samples,
        PhotometricInterpretation="RGB" if samples == 3 else "MONOCHROME2",
        **(header if samples == 3 else {}),
    )
    if syntax == ExplicitVRBigEndian and data.draw(st.booleans()):
        original = original.replace(b"\x7f\xe0\x00\x10OB", b"\x7f\xe0\x00\x10OW")
    source = FrameSource.from_bytes(original)
    fills = [Fill(Box(columns // 2, 0, columns, rows))]
    encoded = redact_frames(source, {frames - 1: fills})
    again = FrameSource.from_bytes(rebuilt(original, encoded))
    for i in range(frames - 1):
        assert again.read_raw_frame(i) == source.read_raw_frame(i)
    same = ~covered_pixels(fills, source.info)
    assert np.array_equal(again.read_frame(frames - 1)[same], source.read_frame(frames - 1)[same])
    if allocated >= 8 and samples == 1:
        kept = (1 << allocated) - 1 ^ (1 << stored) - 1 << high + 1 - stored
        order = ">" if source.big_endian else "<"
        kind = f"{order}u{allocated // 8}"
        before = np.frombuffer(source.read_raw_frame(frames - 1), kind)
        after = np.frombuffer(again.read_raw_frame(frames - 1), kind)
        mask = before.dtype.type(kept)
        assert np.array_equal(after & mask, before & mask)


def jpeg_ls_frames() -> list[bytes]:
    """Three frames of 8 × 8; noise would not fit the encoder's buffer."""
    ramp = np.arange(64, dtype=np.uint8).reshape(8, 8)
    return [bytes(jpeg_ls.encode_array(ramp + np.uint8(n))) for n in range(1, 4)]


@pytest.mark.parametrize("table", [True, False])
def test_offset_tables_are_rebuilt_as_they_stood(table: bool) -> None:
    frames = jpeg_ls_frames()
    data = encapsulated_object(frames, JPEGLSLossless, table)
    encoded = redact_frames(FrameSource.from_bytes(data), {1: [Fill(Box(1, 1, 5, 5))]})
    again = FrameSource.from_bytes(rebuilt(data, encoded))
    assert again.encapsulated is not None and again.encapsulated.basic_table == table
    assert again.read_raw_frame(2).rstrip(b"\0") == frames[2].rstrip(b"\0")
    assert (again.read_frame(1)[1:6, 1:6] == 2).all()  # the darkest value in use


def test_extended_offset_tables_are_rebuilt() -> None:
    frames = jpeg_ls_frames()
    dataset = pydicom.dcmread(BytesIO(encapsulated_object(frames, JPEGLSLossless)))
    value, dataset.ExtendedOffsetTable, dataset.ExtendedOffsetTableLengths = encapsulate_extended(
        frames
    )
    dataset["PixelData"].value = value
    stream = BytesIO()
    dataset.save_as(stream)
    source = FrameSource.from_bytes(stream.getvalue())
    assert source.encapsulated is not None and source.encapsulated.extended_table
    encoded = redact_frames(source, {0: [Fill(Box(0, 0, 8, 8))]})
    again = pydicom.dcmread(BytesIO(rebuilt(stream.getvalue(), encoded)))
    offsets = np.frombuffer(again.ExtendedOffsetTable, "<u8")
    lengths = np.frombuffer(again.ExtendedOffsetTableLengths, "<u8")
    for i, (offset, length) in enumerate(zip(offsets, lengths)):
        # Counted from the first item after the (empty) Basic Offset Table.
        at = 8 + int(offset) + 8
        frame = bytes(again.PixelData[at : at + int(length)])
        assert frame.startswith(b"\xff\xd8") and (i == 0 or frame == frames[i])


@pytest.mark.parametrize("syntax", [JPEGBaseline8Bit, JPEGLosslessSV1])
def test_a_decompressed_object_declares_its_lossy_compression(syntax: str) -> None:
    stream = BytesIO()
    Image.fromarray(noise(8, 8)).save(stream, "JPEG", progressive=True)  # cannot be edited
    data = encapsulated_object([stream.getvalue()], syntax)
    source = FrameSource.from_bytes(data)
    encoded = redact_frames(source, {0: [Fill(Box(0, 0, 4, 4))]})
    assert (encoded.method, encoded.transfer_syntax) == ("decompressed", "1.2.840.10008.1.2.1")
    written = rebuilt(data, encoded)
    again = pydicom.dcmread(BytesIO(written))
    assert again.LossyImageCompression == "01"
    assert again.LossyImageCompressionMethod == "ISO_10918_1"
    assert np.array_equal(
        FrameSource.from_bytes(written).read_frame(0)[4:], source.read_frame(0)[4:]
    )


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("gray12", {"BitsAllocated": 16, "BitsStored": 12, "HighBit": 11}),
        ("rgb8", {"SamplesPerPixel": 3, "PhotometricInterpretation": "RGB",
                  "PlanarConfiguration": 0}),
    ],
)  # fmt: skip
def test_htj2k_is_decompressed_and_only_the_box_changes(name: str, header: dict[str, Any]) -> None:
    frame = (HTJ2K / f"{name}.j2c").read_bytes()
    data = encapsulated_object([frame] * 2, HTJ2KLosslessRPCL, Rows=48, Columns=64, **header)
    source = FrameSource.from_bytes(data)
    fills = [Fill(Box(10, 10, 30, 20), "ID")]
    encoded = redact_frames(source, {1: fills})
    assert (encoded.method, encoded.transfer_syntax) == ("decompressed", "1.2.840.10008.1.2.1")
    again = FrameSource.from_bytes(rebuilt(data, encoded))
    assert np.array_equal(again.read_frame(0), source.read_frame(0))
    same = outside(fills, source)
    assert np.array_equal(again.read_frame(1)[same], source.read_frame(1)[same])
    assert not np.array_equal(again.read_frame(1), source.read_frame(1))


def test_lossy_encoding_needs_permission_and_is_declared() -> None:
    data = path_of("SC_rgb_jls_lossy_line.dcm").read_bytes()
    source = FrameSource.from_bytes(data)
    fills = {0: [Fill(Box(10, 10, 30, 20))]}
    assert 0x00282112 not in redact_frames(source, fills).elements
    encoded = redact_frames(source, fills, lossy=True)
    assert encoded.method == "lossy"
    again = pydicom.dcmread(BytesIO(rebuilt(data, encoded)))
    assert again.LossyImageCompression == "01"
    methods = again.LossyImageCompressionMethod
    assert "ISO_14495_1" in ([methods] if isinstance(methods, str) else list(methods))


def test_memory_is_the_result_and_little_more() -> None:
    frames = 500
    data = native_object(bytes(frames * 128 * 128), Rows=128, Columns=128, NumberOfFrames=frames)
    source = FrameSource.from_bytes(data)
    tracemalloc.start()
    redact_frames(source, {i: [Fill(Box(0, 0, 9, 9))] for i in range(0, frames, 50)})
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 1.2 * len(data)


def test_bytes_after_the_last_frame_are_cleared() -> None:
    pixels = noise(8, 8).tobytes()
    data = native_object(pixels + b"GRIMBLEWICK.", Rows=8, Columns=8)
    encoded = redact_frames(FrameSource.from_bytes(data), {})
    assert (encoded.method, encoded.cleared_bytes) == ("native", 12)
    assert encoded.elements[0x7FE00010] == ("OB", pixels + bytes(12))


@pytest.mark.parametrize("rest", [b"\x20", bytes(12)])
def test_padding_is_unchanged(rest: bytes) -> None:
    data = native_object(noise(7, 9).tobytes() + rest, Rows=7, Columns=9)
    assert redact_frames(FrameSource.from_bytes(data), {}).method == ""


def test_frames_without_their_metadata_are_counted() -> None:
    stream = BytesIO()
    Image.fromarray(noise(8, 8)).save(stream, "JPEG", comment=b"GRIMBLEWICK")
    data = encapsulated_object([stream.getvalue()] * 2)
    encoded = redact_frames(FrameSource.from_bytes(data), {})
    assert (encoded.method, encoded.frames_with_metadata) == ("comments", 2)
    assert b"GRIMBLEWICK" not in rebuilt(data, encoded)
