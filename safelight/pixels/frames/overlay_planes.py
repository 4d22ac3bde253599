"""Overlay planes (60xx), those in unused bits of the pixel data, and curves (50xx).

A plane is text as often as not, and viewers draw it over the image: it is read like a frame,
or removed. PS3.3, C.9.2; curves and embedded planes are retired and still met.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from safelight.dicom.quiet_logging import silence_pydicom
from safelight.pixels.codecs import decoders
from safelight.pixels.dicom import native_frames
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.geometry import Box
from safelight.records import Reason, Refusal

Bitmap = npt.NDArray[np.uint8]

_GROUPS = range(0x6000, 0x6100, 2)
_CURVES = range(0x5000, 0x5100, 2)
_ROWS, _COLUMNS, _FRAMES, _ORIGIN, _FIRST = 0x0010, 0x0011, 0x0015, 0x0050, 0x0051
_POSITION, _DATA = 0x0102, 0x3000

#: What a plane of its own is drawn by (PS3.3, C.9.2), with the VRs.
_PLACING = {
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
    left, top : int
        Where its first pixel stands on the image, counted from 0; may be negative.
    frames : int
        Planes in the group, which begin at frame ``first`` of the image, counted from 0.
    bit : int or None
        Position in the allocated word when it is embedded; ``None`` when it has its own data.
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
    """The overlays of an object that have a plane, in order of their groups."""
    groups = sorted({tag.group for tag in source.dataset.keys() if tag.group in _GROUPS})
    found = (_overlay(source, group) for group in groups)
    return tuple(overlay for overlay in found if overlay is not None)


def _numbers(source: FrameSource, group: int, element: int) -> list[int]:
    """The values of an overlay element; none if it is missing or unreadable."""
    try:
        with silence_pydicom():
            value = source.dataset[group, element].value
        return [int(v) for v in (value if isinstance(value, Sequence) else [value])]
    except (KeyError, TypeError, ValueError, NotImplementedError):
        return []


def _overlay(source: FrameSource, group: int) -> Overlay | None:
    info = source.info
    embedded = (group, _DATA) not in source.dataset
    bit = (_numbers(source, group, _POSITION) or [0])[0]
    stored = range(info.shift, info.shift + info.bits_stored)
    if embedded and (not source.has_pixels or bit in stored or not 0 < bit < info.bits_allocated):
        return None
    rows = info.rows if embedded else (_numbers(source, group, _ROWS) or [0])[0]
    columns = info.columns if embedded else (_numbers(source, group, _COLUMNS) or [0])[0]
    if rows < 1 or columns < 1:
        return None
    top, left = (*_numbers(source, group, _ORIGIN), 1, 1)[:2]
    return Overlay(
        group,
        rows,
        columns,
        left - 1,
        top - 1,
        source.frame_count if embedded else max(1, (_numbers(source, group, _FRAMES) or [1])[0]),
        0 if embedded else max(0, (_numbers(source, group, _FIRST) or [1])[0] - 1),
        bit if embedded else None,
    )


def read_plane(source: FrameSource, overlay: Overlay, i: int = 0) -> Bitmap:
    """One plane as a picture to read: (rows, columns), 255 where it is drawn.

    Raises
    ------
    Refusal
        TRUNCATED when the overlay data is too short for its planes.
    """
    if overlay.bit is not None:
        return read_bit_plane(source, overlay.bit, i)
    size = overlay.rows * overlay.columns
    bits = _bits(source, overlay.group)[i * size : (i + 1) * size]
    if bits.size < size:
        raise Refusal(
            Reason.TRUNCATED,
            f"overlay data ({overlay.group:04X},3000) has {bits.size} of {size} bits of a plane",
        )
    drawn: Bitmap = bits.reshape(overlay.rows, overlay.columns) * np.uint8(255)
    return drawn


def read_bit_plane(source: FrameSource, bit: int, i: int = 0) -> Bitmap:
    """One bit of the allocated words of a frame as a picture."""
    words = _words(source, i).astype(np.uint64)
    if words.ndim == 3:
        words = np.bitwise_or.reduce(words, axis=2)
    drawn: Bitmap = (words >> np.uint64(bit) & np.uint64(1)).astype(np.uint8) * np.uint8(255)
    return drawn


def find_stray_bits(source: FrameSource, i: int = 0) -> tuple[int, ...]:
    """Bits outside Bits Stored that are used in a frame, other than as copies of the sign.

    Planes may stand there although no overlay group says so any more.
    """
    info = source.info
    unused = [
        bit
        for bit in range(info.bits_allocated)
        if not info.shift <= bit < info.shift + info.bits_stored
    ]
    if not unused or info.kind != "integer":
        return ()
    words = _words(source, i).astype(np.uint64)
    if info.signed:
        top = info.shift + info.bits_stored - 1
        sign = words >> np.uint64(top) & np.uint64(1)
        for bit in range(top + 1, info.bits_allocated):
            words ^= sign << np.uint64(bit)
    used = int(np.bitwise_or.reduce(words, axis=None))
    return tuple(bit for bit in unused if used >> bit & 1)


_RLE = "1.2.840.10008.1.2.5"


def _words(source: FrameSource, i: int) -> native_frames.Array:
    """The allocated words of a frame, as far as its codec keeps them."""
    if source.encapsulated is None:
        return native_frames.read_words(source.read_fragments(i)[0], source.info, source.big_endian)
    if source.transfer_syntax == _RLE:
        return decoders.decode_rle_words(source.read_raw_frame(i), source.info)
    return source.read_frame(i).astype(np.int64)


def _bits(source: FrameSource, group: int) -> Bitmap:
    value = source.dataset[group, _DATA].value
    raw = np.frombuffer(value if isinstance(value, bytes) else b"", np.uint8)
    if source.big_endian and source.dataset[group, _DATA].VR == "OW":
        raw = raw[: raw.size & ~1].view("u2").byteswap().view(np.uint8)
    return np.unpackbits(raw, bitorder="little")


def remove_overlays(source: FrameSource) -> dict[int, None]:
    """All elements of overlay and curve groups, as elements to remove."""
    return {
        int(tag): None
        for tag in source.dataset.keys()
        if tag.group in _GROUPS or tag.group in _CURVES
    }


def find_embedded_bits(source: FrameSource) -> int:
    """The bits of allocated words that overlays are embedded in, as a mask for ``encode``."""
    return sum({1 << overlay.bit for overlay in find_overlays(source) if overlay.bit is not None})


def blank_boxes(source: FrameSource, overlay: Overlay, boxes: Sequence[Box]) -> tuple[str, bytes]:
    """Overlay data with nothing drawn inside boxes, in all its planes.

    Parameters
    ----------
    boxes : sequence of Box
        In pixels of the overlay.

    Returns
    -------
    tuple
        VR and value bytes of (60xx,3000).
    """
    bits = _bits(source, overlay.group).copy()
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


def keep_overlays(
    source: FrameSource, boxes: Mapping[int, Sequence[Box]]
) -> dict[int, tuple[str, bytes] | None]:
    """Overlays that stay, as elements: planes blanked inside boxes, and what places them.

    Parameters
    ----------
    boxes : mapping of int to sequence of Box
        By overlay group, in pixels of the overlay.

    Returns
    -------
    dict
        All elements of overlay and curve groups: what is not needed to draw a plane, such as
        its label, its description and planes embedded in the pixel data, is to be removed.
    """
    elements: dict[int, tuple[str, bytes] | None] = dict(remove_overlays(source))
    order = ">" if source.big_endian else "<"
    for overlay in find_overlays(source):
        if overlay.bit is not None:
            continue
        for element, vr in _PLACING.items():
            tag = overlay.group << 16 | element
            if vr in ("US", "SS"):
                numbers = _numbers(source, overlay.group, element)
                form = f"{order}{len(numbers)}{'H' if vr == 'US' else 'h'}"
                value = struct.pack(form, *numbers)
            else:
                with silence_pydicom():
                    said = source.dataset.get((overlay.group, element))
                value = str(said.value if said is not None else "").encode("ascii", "ignore")
            if value:
                elements[tag] = (vr, value)
        elements[overlay.group << 16 | _DATA] = blank_boxes(
            source, overlay, boxes.get(overlay.group, ())
        )
    return elements


def find_bits_to_clear(source: FrameSource, holds_text: Callable[[Bitmap], bool]) -> int:
    """Bits of allocated words in which planes stand that viewers may draw, or that hold text.

    Parameters
    ----------
    holds_text : callable
        Asked for each stray bit; embedded overlays are cleared unasked.
    """
    bits = find_embedded_bits(source)
    last = source.frame_count - 1
    # Native words are all looked at; what an encoder was given is the same in each of its frames.
    frames = range(source.frame_count) if source.encapsulated is None else {0, last // 2, last}
    for i in frames if source.has_pixels else ():
        for bit in find_stray_bits(source, i):
            if not bits >> bit & 1 and holds_text(read_bit_plane(source, bit, i)):
                bits |= 1 << bit
    return bits
