"""Comments in compressed frames."""

from __future__ import annotations

import pytest
from pydicom.encaps import encapsulate

from safelight.verify.codestream_comments import read_comments


def make_segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + (len(content) + 2).to_bytes(2, "big") + content


def make_jpeg_with_comment(text: bytes) -> bytes:
    """Return the beginning of a JPEG codestream with a comment."""
    head = make_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0") + make_segment(0xFE, text)
    return b"\xff\xd8" + head + make_segment(0xDA, b"\1\1\0\0\x3f\0") + b"pixels\xff\xd9"


def make_jpeg2000_with_comment(text: bytes) -> bytes:
    """Return the beginning of a JPEG 2000 codestream with a comment."""
    size = make_segment(0x51, bytes(36))
    return b"\xff\x4f" + size + make_segment(0x64, b"\0\1" + text) + make_segment(0x90, bytes(8))


def make_box(kind: bytes, content: bytes) -> bytes:
    return (len(content) + 8).to_bytes(4, "big") + kind + content


def test_a_comment_of_jpeg_is_read() -> None:
    value = encapsulate([make_jpeg_with_comment(b"for Doe"), make_jpeg_with_comment(b"two")])
    assert list(read_comments(value)) == ["JFIF", "for Doe", "JFIF", "two"]


def test_a_comment_of_jpeg_2000_is_read_also_within_jp2() -> None:
    codestream = make_jpeg2000_with_comment(b"for Doe")
    assert list(read_comments(encapsulate([codestream]))) == ["for Doe"]
    file = make_box(b"jP  ", b"\r\n\x87\n") + make_box(b"xml ", b"<a>Roe</a>")
    file += make_box(b"jp2c", codestream)
    assert list(read_comments(encapsulate([file]))) == ["<a>Roe</a>", "for Doe"]


@pytest.mark.parametrize(
    "value", [b"", bytes(64), b"\xff\xd8\xff\xfe\0\x08Doe", b"\xfe\xff\0\xe0\4"]
)
def test_native_pixels_and_broken_items_have_no_comments(value: bytes) -> None:
    assert list(read_comments(value)) == []


def test_segments_of_no_length_end_the_search() -> None:
    broken = b"\xff\xd8\xff\xe1\0\0" + make_segment(0xFE, b"for Doe")
    assert list(read_comments(encapsulate([broken]))) == []
    box = (4).to_bytes(4, "big") + b"xml " + b"Doe Doe Doe"
    assert list(read_comments(encapsulate([make_box(b"jP  ", b"\r\n\x87\n") + box]))) == []
