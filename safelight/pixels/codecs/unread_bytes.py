"""Find bytes of pixel data that no reader displays, without decoding a frame.

Comments in codestreams, entries of offset tables and bytes after the last native frame can hold
any text. A run that does not read pixels has them removed too.
"""

from __future__ import annotations

from safelight.dicom.encapsulation import has_false_offsets, index_frames
from safelight.dicom.parser import ParsedObject
from safelight.dicom.tags import EXTENDED_OFFSET_TABLE, EXTENDED_OFFSET_TABLE_LENGTHS, PIXEL_DATA
from safelight.pixels.codecs.codestream_metadata import find_metadata
from safelight.records import Refusal

_FRAMES = 0x00280008
#: Rows, Columns, Samples per Pixel and Bits Allocated, whose product is the size of a frame.
_FACTORS = (0x00280010, 0x00280011, 0x00280002, 0x00280100)
_PADDING_MAX_BYTES = 1


def has_unread_bytes(parsed: ParsedObject) -> bool:
    """Return whether pixel data may have bytes that no reader displays.

    Parameters
    ----------
    parsed : ParsedObject

    Returns
    -------
    bool
        Pixel data that cannot be divided into frames have such bytes if one of the codestreams in
        them has metadata.
    """
    element = parsed.find(PIXEL_DATA)
    if element is None:
        return False
    if not element.undefined:
        size = _count_native_bytes(parsed)
        surplus = element.stop - element.value - size
        return size > 0 and surplus > _PADDING_MAX_BYTES
    return _has_metadata(parsed, element.value)


def _count_native_bytes(parsed: ParsedObject) -> int:
    """Return the size of all frames in bytes; 0 if the header does not say it.

    Frames with subsampled chroma are smaller, so that bytes after them may be taken for pixels.
    """
    order = "little" if parsed.encoding.little else "big"
    bits = 1
    for raw in parsed.raw_values(_FACTORS):
        bits *= int.from_bytes(raw[:2], order)  # type: ignore[arg-type]
    return -(-bits * _count_frames(parsed) // 8)


def _count_frames(parsed: ParsedObject) -> int:
    text = parsed.text(_FRAMES)
    return int(text) if text.isdecimal() and len(text) < 10 else 1


def _has_metadata(parsed: ParsedObject, start: int) -> bool:
    """Return whether a codestream has metadata, or an offset table other values than offsets."""
    data = parsed.data
    try:
        index = index_frames(data, start, _count_frames(parsed))
    except Refusal:
        try:
            index = index_frames(data, start, 1)
        except Refusal:
            return False
    else:
        tables = parsed.raw(EXTENDED_OFFSET_TABLE), parsed.raw(EXTENDED_OFFSET_TABLE_LENGTHS)
        if has_false_offsets(data, start, index, *tables):
            return True
    view = memoryview(data)
    return any(
        find_metadata(b"".join(view[at : at + length] for at, length in fragments))
        for fragments in index.frames
    )
