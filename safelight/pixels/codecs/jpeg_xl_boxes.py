"""Find the boxes of a JPEG XL file (ISO/IEC 18181-2) that do not hold its image.

No library here decodes JPEG XL, so an object in it is written only if its pixels are not checked.
"""

from __future__ import annotations

from collections.abc import Iterator

#: First box of every JPEG XL file; a codestream alone has no boxes.
_SIGNATURE_BOX = b"\0\0\0\x0cJXL \r\n\x87\n"
#: Boxes of the image: type of the file, level, codestream, its parts and the index of its frames.
#: The box ``jbrd`` restores the JPEG file from which an image was made, with its comments.
_IMAGE_BOXES = frozenset({b"JXL ", b"ftyp", b"jxll", b"jxlc", b"jxlp", b"jxli"})
_HEADER_BYTES, _LONG_HEADER_BYTES = 8, 16
#: Sizes with a meaning of their own: up to the end of the file, and a size of 64 bits that follows.
_UP_TO_THE_END, _IS_LONG = 0, 1


def find_boxes_without_image(frame: bytes) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the boxes that a viewer does not need, such as Exif and XML.

    Parameters
    ----------
    frame : bytes
        A frame of any format; only a JPEG XL file has such boxes.

    Yields
    ------
    (int, int)
        Offsets in the frame, half open. What follows a broken box is included.
    """
    if not frame.startswith(_SIGNATURE_BOX):
        return
    at = 0
    while at < len(frame):
        end = _find_end(frame, at)
        kind = frame[at + 4 : at + _HEADER_BYTES]
        if end is None:
            if frame[at:].strip(b"\0"):
                yield at, len(frame)
            return
        if kind not in _IMAGE_BOXES:
            yield at, end
        at = end


def _find_end(frame: bytes, at: int) -> int | None:
    """Return the end of the box at an offset; None if it has none in the frame."""
    if at + _HEADER_BYTES > len(frame):
        return None
    size, smallest = int.from_bytes(frame[at : at + 4], "big"), _HEADER_BYTES
    if size == _UP_TO_THE_END:
        return len(frame) if frame[at + 4 : at + _HEADER_BYTES].strip(b"\0") else None
    if size == _IS_LONG:
        size = int.from_bytes(frame[at + _HEADER_BYTES : at + _LONG_HEADER_BYTES], "big")
        smallest = _LONG_HEADER_BYTES
    return at + size if smallest <= size <= len(frame) - at else None
