from __future__ import annotations

import pytest
from pydicom.uid import MPEG2MPML

from safelight.pixels.codecs.codestream_metadata import find_metadata, remove_metadata
from safelight.pixels.codecs.jpeg_xl_boxes import find_boxes_without_image
from safelight.records import Status
from tests.headers.objects import make_deidentifier
from tests.pixels.objects import encapsulated_object

SYNTAXES = ["1.2.840.10008.1.2.4.110", "1.2.840.10008.1.2.4.111", "1.2.840.10008.1.2.4.112"]


def make_box(kind: bytes, content: bytes, is_long: bool = False) -> bytes:
    if is_long:
        return b"\0\0\0\x01" + kind + (16 + len(content)).to_bytes(8, "big") + content
    return (8 + len(content)).to_bytes(4, "big") + kind + content


START = make_box(b"JXL ", b"\r\n\x87\n") + make_box(b"ftyp", b"jxl \0\0\0\0jxl ")
IMAGE = make_box(b"jxlc", b"\xff\x0a" + bytes(range(60)))
EXIF = make_box(b"Exif", b"\0\0\0\0MM\0*Hargreave Tomas")


@pytest.mark.parametrize(
    "file",
    [
        START + EXIF + IMAGE,
        START + IMAGE + make_box(b"xml ", b"<name>Hargreave</name>"),
        START + make_box(b"brob", b"Exif Hargreave", is_long=True) + IMAGE,
        START + IMAGE + make_box(b"jbrd", b"Hargreave"),
        START + IMAGE + b"Hargreave",
    ],
)
def test_boxes_without_image_are_removed(file: bytes) -> None:
    assert remove_metadata(file) == START + IMAGE


@pytest.mark.parametrize(
    "frame",
    [
        START + IMAGE,
        START + make_box(b"jxlp", bytes(9), is_long=True) + make_box(b"jxlp", bytes(9)),
        START + b"\0\0\0\0jxlc" + bytes(30),
        START + IMAGE + bytes(3),
        b"\xff\x0a" + EXIF,
        b"",
    ],
)
def test_an_image_without_other_boxes_is_unchanged(frame: bytes) -> None:
    assert list(find_boxes_without_image(frame)) == find_metadata(frame) == []


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("pixels", [True, False])
def test_jpeg_xl_is_written_without_other_boxes_only_if_pixels_are_not_checked(
    syntax: str, pixels: bool
) -> None:
    written = encapsulated_object([START + EXIF + IMAGE], MPEG2MPML)
    data = written.replace(MPEG2MPML.encode(), syntax.encode())
    result = make_deidentifier(pixels=pixels).deidentify(data)
    if pixels:
        assert result.status is Status.QUARANTINED and result.data is None
        assert "transcode" in result.reason
    else:
        assert result.data is not None
        assert b"Hargreave" not in result.data and IMAGE in result.data
