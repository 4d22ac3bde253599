"""Remove metadata from codestreams: Exif with place and time, thumbnails, comments.

Photographs that were wrapped into DICOM contain all that their camera wrote, such as a thumbnail
that no mask reaches, or a second picture after the first. Marker segments that decoding needs are
kept in the length that their standards define, and comments in which well-known encoders name
themselves. All others are removed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from safelight.pixels.codecs.icc_profiles import is_profile
from safelight.pixels.codecs.jpeg_xl_boxes import find_boxes_without_image
from safelight.records import Reason, Refusal


class MetadataRange(NamedTuple):
    """Bytes of a codestream that are not a part of its image.

    Attributes
    ----------
    begin, end : int
        Offsets in the codestream, half open.
    is_blanked : bool
        True if the bytes become zero, since other segments count them; false if they go.
    """

    begin: int
    end: int
    is_blanked: bool = False


#: Application segments that are needed to decode, by marker and first bytes, with the bytes that
#: their standards define: JFIF (without thumbnail), Adobe, SPIFF, the color transformation of
#: JPEG-LS, and lossless JPEG of some makers.
_NEEDED_SEGMENTS = (
    (0xE0, b"JFIF\0", 14),
    (0xEE, b"Adobe", 12),
    (0xE8, b"SPIFF\0", 30),
    (0xE8, b"mrfx", 5),
    (0xE0, b"LJIF\0", 16),
)
#: Offset of the size of the thumbnail in JFIF.
_JFIF_THUMBNAIL = 12

_ICC_MARKER, _ICC_START = 0xE2, b"ICC_PROFILE\0"
#: Bytes of the number and the count of a part of an ICC profile.
_ICC_NUMBERS = 2

#: Removals after which a codestream that still has metadata is refused. Bytes around a segment of a
#: broken codestream may form another one.
_MAX_REMOVALS = 4

#: Longest segment without a name that is kept if it is binary.
_MAX_BINARY_BYTES = 7

#: Signature of an encoder: the whole comment.
_ENCODER_NAMES = (
    rb"(?:GDCM/OpenJPEG|Kakadu|OpenJPEG|OpenJPH|GDCM|JasPer|DCMTK|Grok|MITRA_DICOM_STANDARD"
    rb"|LEAD Technologies|Aware|Pegasus|Accusoft|CharLS|libjpeg|Lavc|Matrox)"
)
_SIGNATURE = re.compile(
    rb"\W*(?:Created by|Creator)?\W*" + _ENCODER_NAMES + rb"(?:\W+(?:Inc|library|version|ver))*"
    rb"\W*v?(?:\d{1,3}(?:\.\d{1,4}){0,3})?\W*",
    re.IGNORECASE,
)

#: Greatest length of a signature, in bytes.
_SIGNATURE_MAX_BYTES = 64

#: The next marker after a position that is not one. Entropy-coded data have no bytes above FFBF
#: except restart markers (ITU-T T.81, section B.1.1.5; T.87, section A.1).
_NEXT_MARKER = re.compile(rb"\xff[\xc0-\xcf\xd8-\xfe]")
_JPEG_COMMENT, _SCAN, _JPEG_END, _JPEG_LS_PARAMETERS = 0xFE, 0xDA, 0xD9, 0xF8
#: Markers without a length: TEM, RST0 to RST7 and SOI.
_LONE_MARKERS = frozenset({0x00, 0x01, *range(0xD0, 0xD9)})
#: Segments of ITU-T T.81 and T.87 that decoding may need: those from SOF0 to EXP without JPG, and
#: those of JPEG-LS. JPG0 to JPG13 are reserved for extensions.
_JPEG_SEGMENTS = frozenset({*range(0xC0, 0xE0), 0xF7, _JPEG_LS_PARAMETERS}) - {0xC8}

_JPEG_2000_START = b"\xff\x4f\xff\x51"
_JPEG_2000_COMMENT, _TILE, _TILE_DATA, _JPEG_2000_END = 0x64, 0x90, 0x93, b"\xff\xd9"
#: Segments of ITU-T T.800, table A.2, of T.801 (part 2) and of T.814 (high throughput).
_JPEG_2000_SEGMENTS = frozenset(
    {0x50, 0x51, 0x52, 0x53, 0x55, 0x56, 0x57, 0x58, 0x59, 0x5C, 0x5D, 0x5E, 0x5F, 0x60, 0x61,
     0x63, 0x72, 0x73, 0x74, 0x75, 0x76, 0x77, 0x78, 0x79}
)  # fmt: skip
#: Offset of the length of a tile-part in its header (ITU-T T.800, A.4.2), and length of the header.
_TILE_LENGTH, _TILE_HEADER_BYTES = 6, 12

#: Bytes of a file with JPEG 2000 boxes in which the begin of its codestream is searched.
_JP2_HEADER_BYTES = 4096


def find_metadata(frame: bytes) -> list[MetadataRange]:
    """Return the segments to remove, what is between segments, and the data after the image.

    Parameters
    ----------
    frame : bytes
        A JPEG, JPEG-LS or JPEG 2000 codestream, or a JPEG XL file; anything else has no such
        segments.

    Returns
    -------
    list of MetadataRange
        In ascending order.
    """
    if frame.startswith(b"\xff\xd8"):
        return list(_find_in_jpeg(frame))
    boxes = [MetadataRange(begin, end) for begin, end in find_boxes_without_image(frame)]
    if boxes:
        return boxes
    start = frame.find(_JPEG_2000_START, 0, _JP2_HEADER_BYTES)
    return list(_find_in_jpeg_2000(frame, start)) if start >= 0 else []


def remove_metadata(frame: bytes) -> bytes:
    """Return a codestream without its metadata; all other bytes are unchanged.

    Parameters
    ----------
    frame : bytes

    Raises
    ------
    Refusal
        ``UNDECODABLE_PIXELS`` if the codestream is broken, so that what remains has metadata again.
    """
    for _ in range(_MAX_REMOVALS):
        found = find_metadata(frame)
        if not found:
            return frame
        frame = _remove(frame, found)
    raise Refusal(
        Reason.UNDECODABLE_PIXELS,
        "the segments of a codestream are broken; review it in a viewer, or transcode the object",
    )


def _remove(frame: bytes, found: list[MetadataRange]) -> bytes:
    kept: list[bytes] = []
    at = 0
    for begin, end, is_blanked in found:
        kept.append(frame[at:begin])
        if is_blanked:
            kept.append(bytes(end - begin))
        at = end
    return b"".join([*kept, frame[at:]])


# ---------------------------------------------------------------------------------- JPEG, JPEG-LS


def _find_in_jpeg(frame: bytes) -> Iterator[MetadataRange]:
    at, follows_scan = 2, False
    while at + 4 <= len(frame):
        marker = frame[at + 1]
        if frame[at] != 0xFF:
            found = _NEXT_MARKER.search(frame, at)
            if found is None:
                return  # cut off
            if not follows_scan:
                yield MetadataRange(at, found.start())
            at, follows_scan = found.start(), False
        elif marker == _JPEG_END:
            break
        elif marker == 0xFF:
            at += 1
        elif marker in _LONE_MARKERS:
            at += 2
        else:
            end = min(at + 2 + max(2, frame[at + 2] << 8 | frame[at + 3]), len(frame))
            yield from _check_jpeg_segment(frame, marker, at, end)
            follows_scan = marker == _SCAN
            at = end
            if follows_scan and (found := _NEXT_MARKER.search(frame, at)):
                at = found.start()
    yield from _find_after_image(frame, frame.find(b"\xff\xd9", at))


def _check_jpeg_segment(frame: bytes, marker: int, begin: int, end: int) -> Iterator[MetadataRange]:
    """Yield the segment, or what it has beyond its standard."""
    if marker in _JPEG_SEGMENTS:
        return
    content = frame[begin + 4 : end]
    if marker == _JPEG_COMMENT:
        is_kept = _is_signature(content)
    elif marker == _ICC_MARKER and content.startswith(_ICC_START):
        is_kept = is_profile(content[len(_ICC_START) + _ICC_NUMBERS :])
    else:
        length = _find_needed_length(marker, content)
        is_kept = length > 0
        surplus = MetadataRange(begin + 4 + length, end, True)
        if is_kept and any(frame[surplus.begin : end]):
            yield surplus
    if not is_kept:
        yield MetadataRange(begin, end)


def _find_needed_length(marker: int, content: bytes) -> int:
    """Return the number of bytes of an application segment that decoding needs; 0 for none."""
    for needed, start, length in _NEEDED_SEGMENTS:
        if marker == needed and content.startswith(start):
            return _JFIF_THUMBNAIL if _has_thumbnail(start, content) else length
    is_binary = len(content) <= _MAX_BINARY_BYTES and not content.isascii()
    return len(content) if is_binary and 0xE0 <= marker <= 0xEF else 0


def _has_thumbnail(start: bytes, content: bytes) -> bool:
    size = content[_JFIF_THUMBNAIL : _JFIF_THUMBNAIL + 2]
    return start == b"JFIF\0" and any(size)


def _find_after_image(frame: bytes, end_marker: int) -> Iterator[MetadataRange]:
    """Yield the data after the last marker of an image, padding excepted.

    No viewer shows them: cameras put whole pictures there.
    """
    end = end_marker + 2
    if end_marker >= 0 and frame[end:].strip(b"\0\xff"):
        yield MetadataRange(end, len(frame))


def _is_signature(content: bytes) -> bool:
    """Return whether a comment is the signature of an encoder, and nothing else."""
    comment = content.rstrip(b"\0")
    return len(comment) <= _SIGNATURE_MAX_BYTES and bool(_SIGNATURE.fullmatch(comment))


# -------------------------------------------------------------------------------------- JPEG 2000


def _find_in_jpeg_2000(frame: bytes, start: int) -> Iterator[MetadataRange]:
    if start:  # DICOM has no boxes around the codestream (PS3.5, section 8.2.4)
        yield MetadataRange(0, start)
    at = start + 2
    for marker, begin, end in _iterate_jpeg_2000_segments(frame, at):
        if not _is_needed_in_jpeg_2000(marker, frame[begin + 4 : end]):
            yield MetadataRange(begin, end)
        at = end
    while at + _TILE_HEADER_BYTES <= len(frame) and frame[at] == 0xFF and frame[at + 1] == _TILE:
        for marker, begin, end in _iterate_jpeg_2000_segments(frame, at + _TILE_HEADER_BYTES):
            content = frame[begin + 4 : end]
            if not _is_needed_in_jpeg_2000(marker, content) and any(content):
                yield MetadataRange(begin + 4, end, True)
        length = int.from_bytes(frame[at + _TILE_LENGTH : at + _TILE_LENGTH + 4], "big")
        if length < _TILE_HEADER_BYTES:
            break  # the last tile-part: up to the end of the codestream
        at += length
    if frame[at : at + 2] != _JPEG_2000_END:
        at = frame.rfind(_JPEG_2000_END, start)
    yield from _find_after_image(frame, at)


def _iterate_jpeg_2000_segments(frame: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield marker code, begin and end of each segment of a header."""
    last = (_TILE, _TILE_DATA, _JPEG_2000_END[1])
    while at + 4 <= len(frame) and frame[at] == 0xFF and frame[at + 1] not in last:
        end = min(at + 2 + max(2, frame[at + 2] << 8 | frame[at + 3]), len(frame))
        yield frame[at + 1], at, end
        at = end


def _is_needed_in_jpeg_2000(marker: int, content: bytes) -> bool:
    if marker == _JPEG_2000_COMMENT:
        return _is_signature(content)
    return marker in _JPEG_2000_SEGMENTS
