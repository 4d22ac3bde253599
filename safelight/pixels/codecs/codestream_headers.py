"""Read the headers of codestreams: size, coding process and declaration of colors.

They are read before a library decodes a frame: some libraries allocate memory or loop by the size
that a broken codestream states.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

from pydicom.uid import (
    JPEG2000,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLSNearLossless,
)

#: Retired transfer syntaxes of JPEG by process of ITU-T T.81 (PS3.5-2004, section A.4.1): extended
#: sequential, spectral selection and full progression, each in Huffman and arithmetic coding.
#: pydicom has UIDs, but no decoders for them.
EXTENDED_ARITHMETIC = "1.2.840.10008.1.2.4.52"
SPECTRAL_SELECTION = "1.2.840.10008.1.2.4.53"
SPECTRAL_SELECTION_ARITHMETIC = "1.2.840.10008.1.2.4.54"
FULL_PROGRESSION = "1.2.840.10008.1.2.4.55"
FULL_PROGRESSION_ARITHMETIC = "1.2.840.10008.1.2.4.56"


@dataclass(frozen=True)
class _FrameHeader:
    """Coding process that the marker of a frame header names.

    Attributes
    ----------
    transfer_syntax : str
        Transfer syntax that fits the process.
    max_pixels_per_byte : int or None
        Pixels that one byte of a frame encodes at most. A frame that states more is cut short or
        is an attack: libjpeg fills an image of 65500 × 65500 pixels from 300 bytes, which takes a
        minute. None if the decoder has a limit of its own.
    """

    transfer_syntax: str
    max_pixels_per_byte: int | None = None


#: Marker of the frame header of JPEG-LS (ITU-T T.87, C.1.1).
_JPEG_LS_MARKER = 0xF7

_START_OF_SCAN_MARKER = 0xDA
#: Markers of JPEG 2000: extended capabilities (high throughput) and coding style.
_CAPABILITIES_MARKER, _CODING_STYLE_MARKER = 0x50, 0x52

#: The Huffman codes of sequential JPEG have at least two bits per block of 8 × 8 values (ITU-T
#: T.81, annex F), those of progressive JPEG one bit in its first scan (annex G). An arithmetic
#: code has no such bound; the limit is one of resources.
_HUFFMAN_SEQUENTIAL, _HUFFMAN_PROGRESSIVE, _ARITHMETIC = 256, 512, 1 << 14

#: Frame headers by marker: JPEG that is not hierarchical (ITU-T T.81, table B.1), and JPEG-LS.
_FRAME_HEADERS = {
    0xC0: _FrameHeader(str(JPEGBaseline8Bit), _HUFFMAN_SEQUENTIAL),
    0xC1: _FrameHeader(str(JPEGExtended12Bit), _HUFFMAN_SEQUENTIAL),
    0xC2: _FrameHeader(FULL_PROGRESSION, _HUFFMAN_PROGRESSIVE),
    0xC3: _FrameHeader(str(JPEGLossless), 8),
    0xC9: _FrameHeader(EXTENDED_ARITHMETIC, _ARITHMETIC),
    0xCA: _FrameHeader(FULL_PROGRESSION_ARITHMETIC, _ARITHMETIC),
    0xCB: _FrameHeader("", _ARITHMETIC),
    _JPEG_LS_MARKER: _FrameHeader(str(JPEGLSNearLossless)),
}

#: Transfer syntaxes of frame headers whose process is lossless; arithmetic coding has none here.
_LOSSLESS_PROCESSES = frozenset({str(JPEGLossless), ""})

#: Start of a JPEG 2000 codestream: start and image size markers (ITU-T T.800, A.4.1, A.5.1).
_JPEG_2000_START = b"\xff\x4f\xff\x51"

#: Bytes of a file with JPEG 2000 boxes in which the start of its codestream is searched.
_JP2_HEADER_BYTES = 4096

#: The limit of pixels for JPEG 2000, whose empty code-blocks have no bound either. Images of up to
#: 4096 × 4096 pixels are free, because a blank one has few bytes.
_MAX_JPEG_2000_PIXELS_PER_BYTE = 1 << 14
_FREE_JPEG_2000_PIXELS = 1 << 24


def _iterate_segments(frame: bytes) -> Iterator[tuple[int, int]]:
    """Yield marker code and offset of each marker segment of a JPEG or JPEG-LS codestream."""
    at = 2
    while at + 10 < len(frame) and frame[at] == 0xFF:
        marker = frame[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        yield marker, at
        at += 2 + int.from_bytes(frame[at + 2 : at + 4], "big")


def _find_frame_header(frame: bytes) -> tuple[_FrameHeader, int] | None:
    """Return frame header and offset in a JPEG or JPEG-LS codestream."""
    for marker, at in _iterate_segments(frame):
        if marker in _FRAME_HEADERS:
            return _FRAME_HEADERS[marker], at
    return None


def _find_jpeg_2000(frame: bytes) -> int:
    """Return the offset of a JPEG 2000 codestream; negative if there is none."""
    return frame.find(_JPEG_2000_START, 0, _JP2_HEADER_BYTES)


def read_codestream_shape(frame: bytes) -> tuple[int, int, int] | None:
    """Return rows, columns and samples in the header of a JPEG, JPEG-LS or JPEG 2000 codestream.

    Parameters
    ----------
    frame : bytes
        The codestream.

    Returns
    -------
    tuple of int or None
        None if the frame is not a codestream of JPEG, JPEG-LS or JPEG 2000.
    """
    at = _find_jpeg_2000(frame)
    if at >= 0 and len(frame) >= at + 42:  # ITU-T T.800, A.5.1
        right, bottom, left, top = struct.unpack_from(">4L", frame, at + 8)
        return bottom - top, right - left, int.from_bytes(frame[at + 40 : at + 42], "big")
    found = _find_frame_header(frame)
    if found is None:
        return None
    rows, columns = struct.unpack_from(">2H", frame, found[1] + 5)
    return rows, columns, frame[found[1] + 9]


def read_max_pixels(frame: bytes) -> int | None:
    """Return the number of pixels that a codestream can encode; None if it is unknown.

    Parameters
    ----------
    frame : bytes
        A JPEG, JPEG-LS or JPEG 2000 codestream.
    """
    if _find_jpeg_2000(frame) >= 0:
        return max(_FREE_JPEG_2000_PIXELS, _MAX_JPEG_2000_PIXELS_PER_BYTE * len(frame))
    found = _find_frame_header(frame)
    per_byte = found[0].max_pixels_per_byte if found else None
    return per_byte * len(frame) if per_byte else None


def read_actual_syntax(frame: bytes) -> str | None:
    """Return a transfer syntax that fits the bytes of a codestream; None if none fits.

    Some objects state a transfer syntax other than that of their codestreams.

    Parameters
    ----------
    frame : bytes
    """
    if frame.startswith(_JPEG_2000_START):
        return str(JPEG2000)
    found = _find_frame_header(frame) if frame.startswith(b"\xff\xd8") else None
    return found[0].transfer_syntax or None if found else None


def read_color_declaration(frame: bytes) -> str:
    """Return the declaration of colors of a JPEG codestream: ADOBE, RGB, JFIF or empty.

    Parameters
    ----------
    frame : bytes
    """
    has_jfif = False
    for marker, at in _iterate_segments(frame):
        if marker == 0xEE and frame[at + 4 : at + 9] == b"Adobe":
            return "ADOBE"
        if marker == 0xE0 and frame[at + 4 : at + 8] == b"JFIF":
            has_jfif = True
        if marker in _FRAME_HEADERS:
            if frame[at + 9] == 3 and frame[at + 10 : at + 17 : 3].upper() == b"RGB":
                return "RGB"
            break
    return "JFIF" if has_jfif else ""


def read_lossy_method(frame: bytes) -> str:
    """Return the Lossy Image Compression Method of a codestream; empty if it is reversible.

    The coding process decides and not the transfer syntax, which some objects state wrongly. A
    reversible JPEG 2000 codestream that was cut at a rate cannot be recognized.

    Parameters
    ----------
    frame : bytes

    Returns
    -------
    str
        Defined Term of PS3.3, section C.7.6.1.1.5.1.
    """
    at = _find_jpeg_2000(frame)
    if at >= 0:
        return _read_jpeg_2000_method(frame[at:])
    found = _find_frame_header(frame) if frame.startswith(b"\xff\xd8") else None
    if found is None or found[0].transfer_syntax in _LOSSLESS_PROCESSES:
        return ""
    if found[0].transfer_syntax == JPEGLSNearLossless:
        return "ISO_14495_1" if _read_near(frame) else ""
    return "ISO_10918_1"


def _read_jpeg_2000_method(codestream: bytes) -> str:
    """Return the method of a JPEG 2000 codestream with the irreversible wavelet (T.800, A.6.1)."""
    is_high_throughput = False
    for marker, at in _iterate_segments(codestream):
        is_high_throughput |= marker == _CAPABILITIES_MARKER
        if marker == _CODING_STYLE_MARKER:
            is_reversible = codestream[at + 13 : at + 14] == b"\x01"
            if is_reversible:
                return ""
            return "ISO_15444_15" if is_high_throughput else "ISO_15444_1"
    return ""


def _read_near(frame: bytes) -> int:
    """Return the largest error of a value in JPEG-LS (ITU-T T.87, C.2.3)."""
    for marker, at in _iterate_segments(frame):
        if marker == _START_OF_SCAN_MARKER:
            near = at + 5 + 2 * frame[at + 4]
            return int.from_bytes(frame[near : near + 1], "big")
    return 0
