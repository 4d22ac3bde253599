"""Frames come one at a time, with the values that pydicom and DCMTK agree on."""

from __future__ import annotations

import tracemalloc
import zlib
from pathlib import Path
from struct import pack

import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array
from pydicom.uid import (
    MPEG2MPML,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
)

from safelight.pixels.frames.frame_source import FrameSource
from safelight.records import Reason, Refusal
from tests.pixels.objects import encapsulated_object, native_object, noise

DICOM = Path(__file__).parents[2] / "data" / "dicom"

#: Those of pydicom's own files that lie in its wheel.
WHEEL = [
    "693_J2KI.dcm",
    "CT_small.dcm",
    "ExplVR_BigEnd.dcm",
    "J2K_pixelrep_mismatch.dcm",
    "JPEG2000.dcm",
    "JPEGLSNearLossless_16.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_padded.dcm",
    "SC_jpeg_no_color_transform.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_dcmtk_+eb+cy+s4.dcm",
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_jpeg_app14_dcmd.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "SC_rgb_rle_16bit_2frame.dcm",
    "SC_rgb_rle_32bit_2frame.dcm",
    "SC_rgb_small_odd.dcm",
    "SC_rgb_small_odd_big_endian.dcm",
    "SC_rgb_small_odd_jpeg.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "examples_jpeg2k.dcm",
    "examples_palette.dcm",
    "examples_ybr_color.dcm",
    "image_dfl.dcm",
    "liver_1frame.dcm",
    "liver_expb_1frame.dcm",
    "rtdose.dcm",
    "rtdose_expb.dcm",
    "rtdose_rle.dcm",
]
OWN = sorted(path.name for path in DICOM.glob("*.dcm"))


def path_of(name: str) -> Path:
    found = DICOM / name if name in OWN else get_testdata_file(name, download=False)
    assert found is not None
    return Path(str(found))


@pytest.mark.parametrize("name", [*WHEEL, *(n for n in OWN if "deflate" not in n)])
def test_frames_hold_the_values_that_pydicom_reads(name: str) -> None:
    source = FrameSource.from_bytes(path_of(name).read_bytes())
    dataset = pydicom.dcmread(path_of(name), force=True)
    dataset.file_meta.setdefault("TransferSyntaxUID", ExplicitVRLittleEndian)
    for i in (0, source.frame_count - 1):
        assert np.array_equal(source.read_frame(i), pixel_array(dataset, index=i, raw=True))


def test_deflated_frames_of_one_bit_hold_what_their_native_twin_holds() -> None:
    source = FrameSource.from_bytes((DICOM / "liver_nonbyte_aligned_deflate.dcm").read_bytes())
    assert (source.frame_count, source.read_frame(0).shape) == (3, (510, 510))
    raw = zlib.decompress(source.read_raw_frame(1), wbits=-15)
    bits = np.unpackbits(np.frombuffer(raw, np.uint8), bitorder="little")[: 510 * 510]
    assert 0 < bits.sum() < bits.size
    assert np.array_equal(source.read_frame(1), bits.reshape(510, 510))


def test_twelve_bit_jpeg_is_decoded() -> None:
    frame = FrameSource.from_bytes(path_of("JPEG-lossy.dcm").read_bytes()).read_frame(0)
    assert frame.shape == (1024, 256)
    assert (int(frame.min()), int(frame.max())) == (0, 264)


@pytest.mark.parametrize("signed", [0, 1])
@pytest.mark.parametrize(("stored", "high"), [(12, 11), (10, 12), (16, 15), (12, 15)])
def test_unused_bits_are_dropped_and_the_sign_extended(stored: int, high: int, signed: int) -> None:
    words = noise(5, 7, bits=16)
    header = {"BitsAllocated": 16, "BitsStored": stored, "HighBit": high, "Rows": 5, "Columns": 7}
    data = native_object(words.tobytes(), PixelRepresentation=signed, **header)
    expected = words.astype(np.int64) >> high + 1 - stored & (1 << stored) - 1
    if signed:
        expected = np.where(expected >= 1 << stored - 1, expected - (1 << stored), expected)
    assert np.array_equal(FrameSource.from_bytes(data).read_frame(0), expected)


def test_frames_of_one_bit_may_begin_within_a_byte() -> None:
    bits = noise(3, 5, 7, bits=1)
    data = native_object(
        np.packbits(bits, bitorder="little").tobytes(),
        BitsAllocated=1,
        Rows=5,
        Columns=7,
        NumberOfFrames=3,
    )
    source = FrameSource.from_bytes(data)
    assert all(np.array_equal(source.read_frame(i), bits[i]) for i in range(3))


def test_big_endian_words_of_bytes_are_swapped_back() -> None:
    pixels = noise(3, 5, 5)
    raw = np.frombuffer(pixels.tobytes() + b"\0", "u2").byteswap().tobytes()
    data = native_object(raw, ExplicitVRBigEndian, Rows=5, Columns=5, NumberOfFrames=3)
    data = data.replace(b"\x7f\xe0\x00\x10OB", b"\x7f\xe0\x00\x10OW")
    source = FrameSource.from_bytes(data)
    assert source.has_swapped_bytes
    assert all(np.array_equal(source.read_frame(i), pixels[i]) for i in range(3))


def test_planes_come_as_pixels() -> None:
    pixels = noise(6, 4, 3)
    raw = pixels.transpose(2, 0, 1).tobytes()
    data = native_object(
        raw,
        Rows=6,
        Columns=4,
        SamplesPerPixel=3,
        PhotometricInterpretation="RGB",
        PlanarConfiguration=1,
    )
    assert np.array_equal(FrameSource.from_bytes(data).read_frame(0), pixels)


def test_full_chroma_is_read_although_the_header_declares_422() -> None:
    pixels = noise(6, 4, 3)
    data = native_object(
        pixels.tobytes(),
        Rows=6,
        Columns=4,
        SamplesPerPixel=3,
        PhotometricInterpretation="YBR_FULL_422",
        PlanarConfiguration=0,
    )
    source = FrameSource.from_bytes(data)
    assert source.photometric == "YBR_FULL"
    assert np.array_equal(source.read_frame(0), pixels)


def test_equal_frames_have_equal_digests_without_decoding() -> None:
    still, moved = noise(8, 8), noise(8, 8, seed=8)
    data = native_object(
        b"".join(f.tobytes() for f in (still, moved, still)), Rows=8, Columns=8, NumberOfFrames=3
    )
    digests = [FrameSource.from_bytes(data).hash_frame(i) for i in range(3)]
    assert digests[0] == digests[2] != digests[1]
    undecodable = encapsulated_object([b"\xff\xd8a", b"\xff\xd8b", b"\xff\xd8a"], MPEG2MPML)
    source = FrameSource.from_bytes(undecodable)
    assert source.hash_frame(0) == source.hash_frame(2) != source.hash_frame(1)


def test_a_long_cine_is_never_in_memory_at_once() -> None:
    frames = 4000
    data = native_object(bytes(frames * 64 * 64), Rows=64, Columns=64, NumberOfFrames=frames)
    tracemalloc.start()
    source = FrameSource.from_bytes(data)
    for i in range(frames):
        assert source.read_frame(i).size == 64 * 64
        source.hash_frame(i)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < len(data) / 20


def test_a_syntax_without_decoder_is_refused() -> None:
    source = FrameSource.from_bytes(encapsulated_object([b"\0\0\1\xb3"], MPEG2MPML))
    with pytest.raises(Refusal) as refused:
        source.read_frame(0)
    assert refused.value.reason is Reason.NO_DECODER


def test_an_undecodable_frame_is_refused() -> None:
    source = FrameSource.from_bytes(encapsulated_object([b"\xff\xd8\xff\xd9"]))
    with pytest.raises(Refusal) as refused:
        source.read_frame(0)
    assert refused.value.reason is Reason.UNDECODABLE_PIXELS


def test_a_codestream_of_another_shape_is_refused() -> None:
    whole = FrameSource.from_bytes(path_of("MR_small_jp2klossless.dcm").read_bytes())
    data = encapsulated_object(
        [whole.read_raw_frame(0)],
        whole.transfer_syntax,
        Rows=32,
        Columns=64,
        BitsAllocated=16,
        PixelRepresentation=1,
    )
    with pytest.raises(Refusal):
        FrameSource.from_bytes(data).read_frame(0)


def test_without_pixel_data_there_are_no_frames() -> None:
    source = FrameSource.from_bytes(path_of("rtplan.dcm").read_bytes())
    assert (source.has_pixels, source.frame_count) == (False, 0)


@pytest.mark.parametrize("length", [0, 1, 63])
def test_too_few_bytes_are_refused(length: int) -> None:
    data = native_object(bytes(64), Rows=8, Columns=8)
    with pytest.raises(Refusal) as refused:
        FrameSource.from_bytes(data[: len(data) - 64 + length])
    assert refused.value.reason is Reason.TRUNCATED


def test_undeclared_frames_are_read() -> None:
    pixels = noise(3, 8, 8)
    source = FrameSource.from_bytes(native_object(pixels.tobytes() + b"\1\1", Rows=8, Columns=8))
    assert (source.frame_count, source.trailing_bytes) == (3, 2)
    assert np.array_equal(source.read_frame(2), pixels[2])


def test_too_many_undeclared_frames_are_refused() -> None:
    with pytest.raises(Refusal) as refused:
        FrameSource.from_bytes(native_object(bytes(64 * 1002), Rows=8, Columns=8))
    assert refused.value.reason is Reason.MALFORMED


def test_native_pixels_under_a_compressed_syntax_are_read_as_native() -> None:
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8)
    data = native_object(pixels.tobytes(), Rows=8, Columns=8)
    at = data.index(ExplicitVRLittleEndian.encode())
    # The length of the value, which is even, precedes it.
    jpeg = data[: at - 2] + pack("<H", 22) + b"1.2.840.10008.1.2.4.50" + data[at + 20 :]
    source = FrameSource.from_bytes(jpeg)
    assert source.transfer_syntax == ExplicitVRLittleEndian
    assert np.array_equal(source.read_frame(0), pixels)


def test_broken_deflate_is_refused() -> None:
    data = native_object(bytes(64), DeflatedExplicitVRLittleEndian, Rows=8, Columns=8)
    assert FrameSource.from_bytes(data).read_frame(0).shape == (8, 8)
    with pytest.raises(Refusal):
        FrameSource.from_bytes(data[:-30] + b"\xff" * 30)


def test_header_of_sequences_is_present_and_nothing_more() -> None:
    source = FrameSource.from_bytes(path_of("rtplan.dcm").read_bytes())
    assert source.get_text("Modality") == "RTPLAN"
    assert source.get_text("BeamSequence") == "present"
