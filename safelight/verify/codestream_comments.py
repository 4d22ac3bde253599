"""Read the comments and the application segments of compressed frames.

A JPEG or JPEG 2000 codestream may hold text that no attribute shows (ISO/IEC 10918-1, B.2.4.5 and
B.2.4.6; ISO/IEC 15444-1, A.9.2 and annex I).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_JPEG_START = b"\xff\xd8"
_JPEG2000_START = b"\xff\x4f\xff\x51"
_JP2_SIGNATURE = b"\x00\x00\x00\x0cjP  "
_ITEM = b"\xfe\xff\x00\xe0"

_START_OF_SCAN, _START_OF_TILE = 0xDA, 0x90
_JPEG_COMMENT, _JPEG2000_COMMENT = 0xFE, 0x64
#: APP0 to APP15.
_APPLICATION_SEGMENTS = range(0xE0, 0xF0)
#: Boxes of JP2 that hold text: XML, UUID, intellectual property.
_TEXT_BOXES = (b"xml ", b"uuid", b"jp2i")
_CODESTREAM_BOX = b"jp2c"

#: Shortest run of printable characters that counts as text.
_MIN_RUN_CHARACTERS = 3
_PRINTABLE = re.compile(rb"[\x20-\x7e\x80-\xff]{%d,}" % _MIN_RUN_CHARACTERS)


def read_comments(value: bytes) -> Iterator[str]:
    """Yield the texts in segments of the codestreams of encapsulated pixel data.

    Parameters
    ----------
    value : bytes
        Value of an element with pixel data; native pixel data have no comments.
    """
    for fragment in _split_fragments(value):
        for segment in _read_segments(fragment):
            for match in _PRINTABLE.finditer(segment):
                yield _decode(match[0])


def _split_fragments(value: bytes) -> Iterator[bytes]:
    """Yield the fragments of encapsulated pixel data (PS3.5, annex A.4)."""
    position = 0
    while value[position : position + 4] == _ITEM:
        length = int.from_bytes(value[position + 4 : position + 8], "little")
        yield value[position + 8 : position + 8 + length]
        position += 8 + length


def _read_segments(fragment: bytes) -> Iterator[bytes]:
    """Yield the segments of one fragment that may hold text."""
    if fragment.startswith(_JPEG_START):
        yield from _read_marker_segments(
            fragment, _START_OF_SCAN, (_JPEG_COMMENT, *_APPLICATION_SEGMENTS)
        )
    elif fragment.startswith(_JPEG2000_START):
        yield from _read_marker_segments(fragment, _START_OF_TILE, (_JPEG2000_COMMENT,))
    elif fragment.startswith(_JP2_SIGNATURE):
        yield from _read_boxes(fragment)


def _read_marker_segments(data: bytes, last: int, wanted: tuple[int, ...]) -> Iterator[bytes]:
    """Yield the content of wanted marker segments before a marker."""
    position = 2
    while position + 4 <= len(data) and data[position] == 0xFF:
        marker = data[position + 1]
        if marker == 0xFF:  # fill byte
            position += 1
            continue
        length = int.from_bytes(data[position + 2 : position + 4], "big")
        if marker == last or length < 2:
            return
        if marker in wanted:
            yield data[position + 4 : position + 2 + length]
        position += 2 + length


def _read_boxes(data: bytes) -> Iterator[bytes]:
    """Yield the content of boxes with text, and of comments in the codestream of a JP2 file."""
    position = 0
    while position + 8 <= len(data):
        length = int.from_bytes(data[position : position + 4], "big")
        kind = data[position + 4 : position + 8]
        header = 8
        if length == 1:
            length, header = int.from_bytes(data[position + 8 : position + 16], "big"), 16
        end = len(data) if length == 0 else position + length
        content = data[position + header : end]
        if kind in _TEXT_BOXES:
            yield content
        elif kind == _CODESTREAM_BOX:
            yield from _read_segments(content)
        if end <= position + 7:
            return
        position = end


def _decode(run: bytes) -> str:
    """Return a run of bytes as text."""
    try:
        return run.decode("utf-8")
    except UnicodeDecodeError:
        return run.decode("latin-1")
