"""Metadata of codestreams are removed; the image and the names of encoders are kept."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image
from pydicom.uid import JPEG2000Lossless

from safelight.pixels.codecs.codestream_metadata import find_metadata, remove_metadata
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.geometry import Box
from safelight.pixels.redact.painting import Fill
from safelight.pixels.redact.redactor import redact_frames
from tests.pixels.frames.test_frame_source import path_of
from tests.pixels.objects import encapsulated_object, rebuilt
from tests.pixels.redact.test_jpeg_blocks import scene


def photograph() -> bytes:
    """Return a JPEG with Exif (owner of the camera) and a comment, as a camera writes it."""
    image = Image.fromarray(scene(32, 32, 1))
    exif = Image.Exif()
    exif[0x9C9D] = "owner"
    exif[0x8825] = {1: "N", 2: (48.0, 51.0, 24.0)}
    stream = BytesIO()
    image.save(stream, "JPEG", exif=exif, comment=b"said of a person", quality=80)
    return stream.getvalue()


def test_exif_and_comments_are_removed_and_the_image_is_kept() -> None:
    frame = photograph()
    clean = remove_metadata(frame)
    assert b"Exif" in frame and b"said of" in frame
    assert b"Exif" not in clean and b"said of" not in clean and b"JFIF" in clean
    assert find_metadata(clean) == []
    both = [np.asarray(Image.open(BytesIO(f))) for f in (frame, clean)]
    assert np.array_equal(*both)


def test_an_object_without_masks_loses_what_its_frames_carry() -> None:
    plain = BytesIO()
    Image.fromarray(scene(32, 32, 1)).save(plain, "JPEG")
    frames = [plain.getvalue(), photograph()]
    data = encapsulated_object(frames, Rows=32, Columns=32)
    source = FrameSource.from_bytes(data)
    encoded = redact_frames(source, {})
    assert (encoded.method, encoded.transfer_syntax) == ("comments", None)
    again = FrameSource.from_bytes(rebuilt(data, encoded))
    assert again.read_raw_frame(0) == source.read_raw_frame(0)
    assert b"said of" not in again.data and b"Exif" not in again.data
    assert np.array_equal(again.read_frame(1), source.read_frame(1))


def test_a_masked_photograph_has_no_thumbnail_left() -> None:
    data = encapsulated_object([photograph()], Rows=32, Columns=32)
    encoded = redact_frames(FrameSource.from_bytes(data), {0: [Fill(Box(0, 0, 8, 8))]})
    assert encoded.method == "blocks"
    assert b"Exif" not in rebuilt(data, encoded)


def test_comments_of_jpeg_2000_go() -> None:
    source = FrameSource.from_bytes(path_of("MR_small_jp2klossless.dcm").read_bytes())
    frame = source.read_raw_frame(0)
    assert find_metadata(frame) == [] and b"OpenJPEG" in frame
    at = frame.index(b"\xff\x52")
    comment = b"\xff\x64\x00\x0e\x00\x01Doe, Jane1"
    soiled = frame[:at] + comment + frame[at:]
    assert remove_metadata(soiled) == frame
    data = encapsulated_object(
        [soiled], JPEG2000Lossless, Rows=64, Columns=64, BitsAllocated=16, PixelRepresentation=1
    )
    again = FrameSource.from_bytes(rebuilt(data, redact_frames(FrameSource.from_bytes(data), {})))
    assert again.read_raw_frame(0).rstrip(b"\0") == frame.rstrip(b"\0")
    assert np.array_equal(again.read_frame(0), source.read_frame(0))


def test_a_second_picture_and_appended_text_go() -> None:
    plain = BytesIO()
    Image.fromarray(scene(32, 32, 1)).save(plain, "JPEG")
    frame = plain.getvalue()
    assert remove_metadata(frame + frame) == frame
    assert remove_metadata(frame + b"\0\0" + frame + b"\0") == frame
    assert remove_metadata(frame + b"said of a person") == frame
    for padding in (b"", b"\0", b"\xff", b"\0\0\0"):
        assert remove_metadata(frame + padding) == frame + padding


@pytest.mark.parametrize(
    ("comment", "goes"),
    [
        (b"Created by GDCM/OpenJPEG version 2.3.0", False),
        (b"Kakadu-v5.2.1", False),
        (b"Creator: JasPer Version 1.701.0", False),
        (b"LEAD Technologies Inc. V1.01", False),
        (b"MITRA_DICOM_STANDARD", False),
        (b"Kakadu for Jane Doe", True),
        (b"19430512", True),
        (b"Kakadu 12 05 1943", True),
        (b"OpenJPH Ver 0.7.3.", False),
        (b"Exam of 12 May", True),
    ],
)
def test_only_signatures_of_encoders_are_kept(comment: bytes, goes: bool) -> None:
    segment = b"\xff\xfe" + (len(comment) + 2).to_bytes(2, "big") + comment
    frame = b"\xff\xd8" + segment + b"\xff\xda\x00\x02"
    assert bool(find_metadata(frame)) is goes


@pytest.mark.parametrize(
    "frame", [b"", b"\xff\xd8", b"\xff\xd8\xff\xfe", b"RLE", b"\xff\xd8\xff\xff"]
)
def test_what_is_cut_off_has_no_segments_or_few(frame: bytes) -> None:
    assert len(find_metadata(frame)) <= 1


PHI = b"Doe^Jane 77310942"


def _segment(marker: int, content: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + (len(content) + 2).to_bytes(2, "big") + content


def _plain_jpeg(**options: bool) -> bytes:
    stream = BytesIO()
    Image.fromarray(scene(32, 32, 1)).save(stream, "JPEG", **options)
    return stream.getvalue()


@pytest.mark.parametrize(
    "segment",
    [
        _segment(0xE0, b"JFXX\0\x10" + PHI),
        _segment(0xE1, b"Adobe" + PHI),
        _segment(0xE2, b"ICC_PROFILE\0\1\1" + PHI * 20),
        _segment(0xE5, b"mrfx\1" + PHI),
        _segment(0xC8, PHI),
        _segment(0xF0, PHI),
        _segment(0xFE, PHI),
        PHI,
    ],
)
@pytest.mark.parametrize("place", ["before the scan", "after the scan", "between the scans"])
def test_segments_that_only_look_needed_are_removed_everywhere(segment: bytes, place: str) -> None:
    frame = _plain_jpeg(progressive=place == "between the scans")
    if place == "before the scan":
        at = 2
    elif place == "after the scan":
        at = len(frame) - 2
        if segment == PHI:
            segment = _segment(0xFE, b"") + segment  # otherwise it is a part of the scan
    else:
        at = frame.index(b"\xff\xc4", frame.index(b"\xff\xda"))
        if segment == PHI:
            segment = _segment(0xFE, b"") + segment
    assert remove_metadata(frame[:at] + segment + frame[at:]) == frame


@pytest.mark.parametrize(
    ("marker", "content"),
    [
        (0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0"),
        (0xEE, b"Adobe\0\x64\0\0\0\0\1"),
        (0xE8, b"SPIFF\0" + bytes(24)),
        (0xE8, b"mrfx\1"),
    ],
)
def test_what_exceeds_a_needed_segment_becomes_zero(marker: int, content: bytes) -> None:
    frame = _plain_jpeg()
    needed = frame[:2] + _segment(marker, content) + frame[2:]
    assert remove_metadata(needed) == needed
    soiled = frame[:2] + _segment(marker, content + PHI) + frame[2:]
    clean = remove_metadata(soiled)
    assert clean == frame[:2] + _segment(marker, content + bytes(len(PHI))) + frame[2:]
    assert not find_metadata(clean)


def test_a_thumbnail_in_jfif_is_cleared() -> None:
    thumbnail = _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\1\1" + b"abc")
    frame = _plain_jpeg()
    clean = remove_metadata(frame[:2] + thumbnail + frame[2:])
    assert clean == frame[:2] + _segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1" + bytes(5)) + frame[2:]


def _jpeg_2000() -> bytes:
    return FrameSource.from_bytes(path_of("MR_small_jp2klossless.dcm").read_bytes()).read_raw_frame(
        0
    )


@pytest.mark.parametrize("marker", [0x64, 0x30, 0x6F])
def test_comments_in_tile_parts_of_jpeg_2000_become_zero(marker: int) -> None:
    frame = _jpeg_2000()
    tile = frame.index(b"\xff\x90")
    data = frame.index(b"\xff\x93", tile)
    segment = _segment(marker, PHI)
    length = int.from_bytes(frame[tile + 6 : tile + 10], "big") + len(segment)
    head = frame[: tile + 6] + length.to_bytes(4, "big") + frame[tile + 10 : data]
    clean = remove_metadata(head + segment + frame[data:])
    assert clean == head + _segment(marker, bytes(len(PHI))) + frame[data:]
    assert not find_metadata(clean)


def test_boxes_and_unknown_segments_of_jpeg_2000_are_removed() -> None:
    frame = _jpeg_2000()
    box = (8 + len(PHI)).to_bytes(4, "big") + b"xml " + PHI
    signature = b"\0\0\0\x0cjP  \r\n\x87\n"
    at = frame.index(b"\xff\x52")
    soiled = signature + box + frame[:at] + _segment(0x6F, PHI) + frame[at:]
    assert remove_metadata(soiled) == frame
