"""Read, blank and remove overlay planes (60xx), also those in unused bits, and curves (50xx).

A plane often holds text, and viewers draw it over the image. So it is read like a frame, or
removed (PS3.3, section C.9.2). Curves and embedded planes are retired but still in use.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from safelight.dicom.quiet_logging import silence_pydicom
from safelight.pixels.codecs import decoders
from safelight.pixels.dicom import native_frames
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.frames.unused_bits import holds_characters
from safelight.pixels.geometry import Box
from safelight.pixels.models import ElementEdits, Picture
from safelight.records import Reason, Refusal

_OVERLAY_GROUPS = range(0x6000, 0x6100, 2)
_CURVE_GROUPS = range(0x5000, 0x5100, 2)
_ROWS, _COLUMNS, _FRAMES, _ORIGIN, _FIRST = 0x0010, 0x0011, 0x0015, 0x0050, 0x0051
_POSITION, _DATA = 0x0102, 0x3000

#: Elements that are needed to draw a plane (PS3.3, section C.9.2), with their VRs.
_GEOMETRY_VRS = {
    _ROWS: "US",
    _COLUMNS: "US",
    _FRAMES: "IS",
    0x0040: "CS",
    _ORIGIN: "SS",
    _FIRST: "US",
    0x0100: "US",
    _POSITION: "US",
}


@dataclass(frozen=True)
class Overlay:
    """One overlay group.

    Attributes
    ----------
    group : int
        0x6000 to 0x60FE.
    rows, columns : int
        Size of a plane in pixels.
    left, top : int
        Position of the first pixel on the image, counted from 0; may be negative.
    frames : int
        Number of planes in the group.
    first : int
        Frame of the image for the first plane, counted from 0.
    bit : int or None
        Position in the allocated word of an embedded plane; ``None`` for a plane with own data.
    """

    group: int
    rows: int
    columns: int
    left: int
    top: int
    frames: int
    first: int
    bit: int | None


def find_overlays(source: FrameSource) -> tuple[Overlay, ...]:
    """Return the overlays of an object that have a plane, in the order of their groups."""
    groups = sorted({tag.group for tag in source.dataset.keys() if tag.group in _OVERLAY_GROUPS})
    found = (_read_overlay(source, group) for group in groups)
    return tuple(overlay for overlay in found if overlay is not None)


def _read_numbers(source: FrameSource, group: int, element: int) -> list[int]:
    """Return the values of an overlay element; none if it is missing or unreadable."""
    try:
        with silence_pydicom():
            value = source.dataset[group, element].value
        return [int(v) for v in (value if isinstance(value, Sequence) else [value])]
    except (KeyError, TypeError, ValueError, NotImplementedError):
        return []


def _read_overlay(source: FrameSource, group: int) -> Overlay | None:
    """Return the overlay of a group; ``None`` if it has no plane."""
    top, left = (*_read_numbers(source, group, _ORIGIN), 1, 1)[:2]
    if (group, _DATA) not in source.dataset:
        info, bit = source.info, _read_number(source, group, _POSITION, 0)
        stored = range(info.shift, info.shift + info.bits_stored)
        if not source.has_pixels or bit in stored or not 0 < bit < info.bits_allocated:
            return None
        rows, columns, frames, first = info.rows, info.columns, source.frame_count, 0
    else:
        bit = None
        rows = _read_number(source, group, _ROWS, 0)
        columns = _read_number(source, group, _COLUMNS, 0)
        frames = max(1, _read_number(source, group, _FRAMES, 1))
        first = max(0, _read_number(source, group, _FIRST, 1) - 1)
    if rows < 1 or columns < 1:
        return None
    return Overlay(group, rows, columns, left - 1, top - 1, frames, first, bit)


def _read_number(source: FrameSource, group: int, element: int, default: int) -> int:
    """Return the first value of an overlay element; the default if it has none."""
    return (_read_numbers(source, group, element) or [default])[0]


def read_plane(source: FrameSource, overlay: Overlay, i: int = 0) -> Picture:
    """Return one plane as a picture: (rows, columns), 255 for drawn pixels.

    Parameters
    ----------
    source : FrameSource
    overlay : Overlay
    i : int
        Number of the plane, counted from 0.

    Raises
    ------
    Refusal
        TRUNCATED if the overlay data is too short for its planes.
    """
    if overlay.bit is not None:
        return read_bit_plane(source, overlay.bit, i)
    size = overlay.rows * overlay.columns
    bits = _unpack_bits(source, overlay.group)[i * size : (i + 1) * size]
    if bits.size < size:
        raise Refusal(
            Reason.TRUNCATED,
            f"overlay data ({overlay.group:04X},3000) has {bits.size} of {size} bits of a plane; "
            "fetch the object again",
        )
    drawn: Picture = bits.reshape(overlay.rows, overlay.columns) * np.uint8(255)
    return drawn


def read_bit_plane(source: FrameSource, bit: int, i: int = 0) -> Picture:
    """Return one bit of the allocated words of a frame as a picture, 255 for set bits.

    Parameters
    ----------
    source : FrameSource
        Frames of the object.
    bit : int
        Position of the bit in the allocated word, counted from 0 at the lowest.
    i : int
        Number of the frame, counted from 0.

    Returns
    -------
    ndarray of uint8
        (rows, columns), 0 or 255. A pixel of several samples is 255 if the bit is set in any of
        them. A native 4:2:2 frame is (rows, columns / 2), one element for two pixels.

    Raises
    ------
    IndexError
        If the frame does not exist.
    Refusal
        NO_DECODER or UNDECODABLE_PIXELS if a compressed frame other than RLE cannot be decoded.
    DecoderError
        If the library fails on an RLE frame with a Rust panic.
    """
    words = _read_allocated_words(source, i).astype(np.uint64)
    if words.ndim == 3:
        words = np.bitwise_or.reduce(words, axis=2)
    drawn: Picture = (words >> np.uint64(bit) & np.uint64(1)).astype(np.uint8) * np.uint8(255)
    return drawn


def find_stray_bits(source: FrameSource, i: int = 0) -> tuple[int, ...]:
    """Return the bits outside Bits Stored that a frame uses, other than as copies of the sign.

    They may hold planes whose overlay groups were removed.

    Parameters
    ----------
    source : FrameSource
        Frames of the object.
    i : int
        Number of the frame, counted from 0.

    Returns
    -------
    tuple of int
        Positions in the allocated word, lowest first; empty for floating-point pixel data.

    Raises
    ------
    IndexError
        If the frame does not exist.
    Refusal
        NO_DECODER or UNDECODABLE_PIXELS if a compressed frame other than RLE cannot be decoded.
    DecoderError
        If the library fails on an RLE frame with a Rust panic.
    """
    info = source.info
    unused = [
        bit
        for bit in range(info.bits_allocated)
        if not info.shift <= bit < info.shift + info.bits_stored
    ]
    if not unused or info.kind != "integer":
        return ()
    words = _read_allocated_words(source, i).astype(np.uint64)
    if info.signed:
        top = info.shift + info.bits_stored - 1
        sign = words >> np.uint64(top) & np.uint64(1)
        for bit in range(top + 1, info.bits_allocated):
            words ^= sign << np.uint64(bit)
    used = int(np.bitwise_or.reduce(words, axis=None))
    return tuple(bit for bit in unused if used >> bit & 1)


_RLE = "1.2.840.10008.1.2.5"


def _read_allocated_words(source: FrameSource, i: int) -> native_frames.Array:
    """Return the allocated words of a frame, as far as its codec keeps them."""
    if source.encapsulated is None:
        return native_frames.read_words(source.read_fragments(i)[0], source.info, source.big_endian)
    if source.transfer_syntax == _RLE:
        return decoders.decode_rle_words(source.read_raw_frame(i), source.info)
    return source.read_frame(i).astype(np.int64)


def _unpack_bits(source: FrameSource, group: int) -> Picture:
    """Return the bits of Overlay Data (60xx,3000), one value each."""
    value = source.dataset[group, _DATA].value
    raw = np.frombuffer(value if isinstance(value, bytes) else b"", np.uint8)
    if source.big_endian and source.dataset[group, _DATA].VR == "OW":
        raw = raw[: raw.size & ~1].view("u2").byteswap().view(np.uint8)
    return np.unpackbits(raw, bitorder="little")


def remove_overlays(source: FrameSource) -> dict[int, None]:
    """Return all elements of overlay and curve groups as elements to remove."""
    return {
        int(tag): None
        for tag in source.dataset.keys()
        if tag.group in _OVERLAY_GROUPS or tag.group in _CURVE_GROUPS
    }


def find_embedded_bits(source: FrameSource) -> int:
    """Return a bit mask of the bits of allocated words that hold embedded overlays."""
    return sum({1 << overlay.bit for overlay in find_overlays(source) if overlay.bit is not None})


def blank_boxes(source: FrameSource, overlay: Overlay, boxes: Sequence[Box]) -> tuple[str, bytes]:
    """Return overlay data with nothing drawn inside some boxes, in all planes.

    Parameters
    ----------
    source : FrameSource
    overlay : Overlay
    boxes : sequence of Box
        In pixels of the overlay.

    Returns
    -------
    tuple
        VR and value bytes of (60xx,3000).
    """
    bits = _unpack_bits(source, overlay.group).copy()
    size = overlay.rows * overlay.columns
    planes = bits[: overlay.frames * size].reshape(-1, overlay.rows, overlay.columns)
    for box in boxes:
        rows, columns = box.slices
        planes[:, rows, columns] = 0
    raw = np.packbits(bits, bitorder="little")
    vr = str(source.dataset[overlay.group, _DATA].VR)
    if source.big_endian and vr == "OW":
        raw = raw.view("u2").byteswap()
    return vr, raw.tobytes()


def keep_overlays(source: FrameSource, boxes: Mapping[int, Sequence[Box]]) -> ElementEdits:
    """Return the elements of kept overlays: planes blanked inside boxes, and their geometry.

    Parameters
    ----------
    source : FrameSource
    boxes : mapping of int to sequence of Box
        By overlay group, in pixels of the overlay.

    Returns
    -------
    dict
        All elements of overlay and curve groups. Those that are not needed to draw a plane, such
        as its label, its description and embedded planes, are to be removed.
    """
    elements: ElementEdits = dict(remove_overlays(source))
    order = ">" if source.big_endian else "<"
    for overlay in find_overlays(source):
        if overlay.bit is not None:
            continue
        for element, vr in _GEOMETRY_VRS.items():
            tag = overlay.group << 16 | element
            if vr in ("US", "SS"):
                numbers = _read_numbers(source, overlay.group, element)
                layout = f"{order}{len(numbers)}{'H' if vr == 'US' else 'h'}"
                value = struct.pack(layout, *numbers)
            else:
                with silence_pydicom():
                    found = source.dataset.get((overlay.group, element))
                value = str(found.value if found is not None else "").encode("ascii", "ignore")
            if value:
                elements[tag] = (vr, value)
        elements[overlay.group << 16 | _DATA] = blank_boxes(
            source, overlay, boxes.get(overlay.group, ())
        )
    return elements


def find_bits_to_clear(
    source: FrameSource,
    holds_text: Callable[[Picture], bool],
    is_known: Callable[[bytes], bool],
) -> int:
    """Return a bit mask of the bits to clear: embedded overlays, and stray bits with text.

    Parameters
    ----------
    source : FrameSource
    holds_text : callable
        Called with the picture of each stray bit of a frame.
    is_known : callable
        Returns whether bytes hold a known value of the patient.
    """
    bits = find_embedded_bits(source)
    last = source.frame_count - 1
    # All native words are examined; an encoder gets the same unused bits in each frame.
    frames = range(source.frame_count) if source.encapsulated is None else {0, last // 2, last}
    for i in frames if source.has_pixels else ():
        stray = [bit for bit in find_stray_bits(source, i) if not bits >> bit & 1]
        for bit in stray:
            if holds_text(read_bit_plane(source, bit, i)):
                bits |= 1 << bit
        if any(not bits >> bit & 1 for bit in stray):
            bits |= _find_characters(source, i, is_known)
    return bits


def _find_characters(source: FrameSource, i: int, is_known: Callable[[bytes], bool]) -> int:
    """Return a bit mask of the unused bits of a frame whose sequence is a text."""
    info = source.info
    words = _read_allocated_words(source, i).astype(np.uint64)
    parts = (range(info.shift), range(info.shift + info.bits_stored, info.bits_allocated))
    return sum(
        sum(1 << bit for bit in unused)
        for unused in parts
        if unused and holds_characters(words, unused, is_known)
    )
