"""Remove metadata from codestreams: Exif with place and time, thumbnails, comments.

Photographs that were wrapped into DICOM contain all that their camera wrote, such as a thumbnail
that no mask reaches, or a second picture after the first. Marker segments that decoding needs are
kept, and comments in which well-known encoders name themselves. All others are removed.
"""

from __future__ import annotations

import re

#: Begins of application segments that are needed to decode: JFIF, Adobe, SPIFF, ICC profile,
#: and the color transformation of JPEG-LS.
_NEEDED_SEGMENTS = (
    b"JFIF\0",
    b"JFXX\0\x10",
    b"Adobe",
    b"SPIFF\0",
    b"ICC_PROFILE\0",
    b"mrfx",
    b"LJIF\0",
)

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

#: The end of one JPEG and the beginning of another.
_SECOND_PICTURE = re.compile(rb"\xff\xd9\0*(?=\xff\xd8\xff)")

#: Bytes of a file with JPEG 2000 boxes in which the begin of its codestream is searched.
_JP2_HEADER_BYTES = 4096


def find_metadata(frame: bytes) -> list[tuple[int, int]]:
    """Return begin and end of each marker segment to remove, and of data after the image.

    Parameters
    ----------
    frame : bytes
        A JPEG, JPEG-LS or JPEG 2000 codestream; anything else has no such segments.

    Returns
    -------
    list of tuple of int
        Offsets in ``frame``, in ascending order.
    """
    head = frame[:_JP2_HEADER_BYTES]
    at = 2
    comment, last = 0xFE, b"\xda"
    if not head.startswith(b"\xff\xd8"):
        at = head.find(b"\xff\x4f\xff\x51") + 2
        comment, last = 0x64, b"\x90\x93\xd9"
        if at < 2:
            return []
    found = []
    while at + 4 <= len(frame) and frame[at] == 0xFF and frame[at + 1] not in last:
        marker, length = frame[at + 1], frame[at + 2] << 8 | frame[at + 3]
        if marker == 0xFF:
            at += 1
            continue
        content = frame[at + 4 : at + 2 + length]
        if marker == comment:
            remove = not _is_signature(content)
        else:
            remove = comment == 0xFE and 0xE0 <= marker <= 0xEF and not _is_needed(content)
        if remove:
            found.append((at, at + 2 + length))
        at += 2 + length
    end = _find_end(frame, at)
    return [*found, (end, len(frame))] if end < len(frame) else found


def _find_end(frame: bytes, at: int) -> int:
    """Return the end of a codestream whose image data begin at a position, padding included.

    No viewer shows data after the end: cameras put whole pictures there.
    """
    second = _SECOND_PICTURE.search(frame, at)
    if second:
        return second.start() + 2
    last = frame.rfind(b"\xff\xd9", at) + 2
    return last if last > 1 and frame[last:].strip(b"\0\xff") else len(frame)


def _is_signature(content: bytes) -> bool:
    """Return whether a comment is the signature of an encoder, and nothing else."""
    comment = content.rstrip(b"\0")
    return len(comment) <= _SIGNATURE_MAX_BYTES and bool(_SIGNATURE.fullmatch(comment))


def _is_needed(content: bytes) -> bool:
    """Return whether an application segment is needed to decode, or is short and binary."""
    return content.startswith(_NEEDED_SEGMENTS) or len(content) < 8 and not content.isascii()


def remove_metadata(frame: bytes) -> bytes:
    """Return a codestream without these segments; all other bytes are unchanged."""
    kept, at = [], 0
    for begin, end in find_metadata(frame):
        kept.append(frame[at:begin])
        at = end
    return b"".join([*kept, frame[at:]])
