"""What a codestream carries besides the image: Exif with place and time, thumbnails, comments.

Photographs that were wrapped into DICOM bring all that their camera wrote, among it a
thumbnail that no mask reaches, or a second picture behind the first. Marker segments that
decoding needs stay, and so do the comments in which well-known encoders name themselves; all
others go.
"""

from __future__ import annotations

import re

#: Contents of application segments that say how to decode: JFIF, Adobe, SPIFF, ICC profile,
#: and the colour transformation of JPEG-LS.
_NEEDED = (b"JFIF\0", b"JFXX\0\x10", b"Adobe", b"SPIFF\0", b"ICC_PROFILE\0", b"mrfx", b"LJIF\0")

#: How encoders sign. Nothing else may stand in the comment.
_NAMES = (
    rb"(?:GDCM/OpenJPEG|Kakadu|OpenJPEG|OpenJPH|GDCM|JasPer|DCMTK|Grok|MITRA_DICOM_STANDARD"
    rb"|LEAD Technologies|Aware|Pegasus|Accusoft|CharLS|libjpeg|Lavc|Matrox)"
)
_SIGNATURE = re.compile(
    rb"\W*(?:Created by|Creator)?\W*" + _NAMES + rb"(?:\W+(?:Inc|library|version|ver))*"
    rb"\W*v?(?:\d{1,3}(?:\.\d{1,4}){0,3})?\W*",
    re.IGNORECASE,
)

#: Bytes of a signature; beyond, nobody signs.
_LONGEST = 64

#: The end of one JPEG and the beginning of another.
_SECOND_PICTURE = re.compile(rb"\xff\xd9\0*(?=\xff\xd8\xff)")

#: A JPEG 2000 codestream is not looked for beyond this in a file with boxes around it.
_BOXES = 4096


def find_metadata(frame: bytes) -> list[tuple[int, int]]:
    """Begin and end of the marker segments, and of what is appended, that are to go.

    Parameters
    ----------
    frame : bytes
        A JPEG, JPEG-LS or JPEG 2000 codestream; anything else has no such segments.
    """
    head = frame[:_BOXES]
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
            said = content.rstrip(b"\0")
            goes = len(said) > _LONGEST or not _SIGNATURE.fullmatch(said)
        else:
            goes = comment == 0xFE and 0xE0 <= marker <= 0xEF and not _is_needed(content)
        if goes:
            found.append((at, at + 2 + length))
        at += 2 + length
    end = _end(frame, at)
    return [*found, (end, len(frame))] if end < len(frame) else found


def _end(frame: bytes, at: int) -> int:
    """Where a codestream ends whose image data begin at a position, padding included.

    What comes after the end is hidden from every viewer: cameras put whole pictures there.
    """
    second = _SECOND_PICTURE.search(frame, at)
    if second:
        return second.start() + 2
    last = frame.rfind(b"\xff\xd9", at) + 2
    return last if last > 1 and frame[last:].strip(b"\0\xff") else len(frame)


def _is_needed(content: bytes) -> bool:
    return content.startswith(_NEEDED) or len(content) < 8 and not content.isascii()


def remove_metadata(frame: bytes) -> bytes:
    """A codestream without these segments; all else as it stands."""
    kept, at = [], 0
    for begin, end in find_metadata(frame):
        kept.append(frame[at:begin])
        at = end
    return b"".join([*kept, frame[at:]])
