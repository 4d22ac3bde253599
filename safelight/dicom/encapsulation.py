"""FrameIndex pixel data: which fragments make which frame, and the way back (PS3.5, A.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safelight.records import Reason, Refusal

_ITEM = 0xE000FFFE
_END = 0xE0DDFFFE
_HEADER = struct.Struct("<II")

#: How a codestream begins: JPEG and JPEG-LS, JPEG 2000 codestream, JP2 box.
_BEGINNINGS = (b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP")

Fragment = tuple[int, int]
"""Start and length of a fragment's bytes in the object."""


@dataclass(frozen=True)
class FrameIndex:
    """The fragments of each frame, and the offset tables as they stood.

    ``end`` is the position after the sequence delimiter.
    """

    frames: tuple[tuple[Fragment, ...], ...]
    basic_table: bool
    extended_table: bool
    end: int


def _fragments(data: bytes, start: int) -> tuple[list[int], list[Fragment], int]:
    """Basic offsets, all fragments after the table, position after the delimiter."""
    table: list[int] = []
    found: list[Fragment] = []
    at, size, first = start, len(data), True
    while at + 8 <= size:
        tag, length = _HEADER.unpack_from(data, at)
        at += 8
        if tag == _END:
            return table, found, at
        if tag != _ITEM or length == 0xFFFFFFFF:
            raise Refusal(Reason.MALFORMED, "pixel data holds something that is no fragment")
        if at + length > size:
            raise Refusal(Reason.TRUNCATED, "pixel data ends inside a fragment; fetch it again")
        if first:
            table = list(struct.unpack_from(f"<{length // 4}I", data, at))
            first = False
        else:
            found.append((at, length))
        at += length
    raise Refusal(Reason.TRUNCATED, "pixel data ends without a delimiter; fetch it again")


def _by_offsets(
    fragments: Sequence[Fragment], offsets: Sequence[int]
) -> tuple[tuple[Fragment, ...], ...] | None:
    """Group by the offsets of a table, or nothing if the offsets fit no fragments."""
    origin = fragments[0][0] - 8
    starts = {begin - 8 - origin: index for index, (begin, _) in enumerate(fragments)}
    indices = [starts.get(offset, -1) for offset in offsets]
    if indices[0] != 0 or any(b <= a for a, b in zip(indices, indices[1:])):
        return None
    bounds = [*indices, len(fragments)]
    return tuple(tuple(fragments[a:b]) for a, b in zip(bounds, bounds[1:]))


def index_frames(data: bytes, start: int, frames: int, extended: Sequence[int] = ()) -> FrameIndex:
    """Find the fragments of each frame.

    Parameters
    ----------
    data : bytes
        The object.
    start : int
        Position of the first item, the Basic Offset Table.
    frames : int
        Frames as declared.
    extended : sequence of int
        Offsets of the Extended Offset Table, if it stands.

    Raises
    ------
    Refusal
        TRUNCATED or MALFORMED; also when there are more frames than declared, since a frame
        that nobody counts would be a frame that nobody looks at.
    """
    table, fragments, end = _fragments(data, start)
    if not fragments:
        raise Refusal(Reason.UNDECODABLE_PIXELS, "pixel data holds no fragment")
    grouped = None
    for offsets in (extended, table):
        if grouped is None and len(offsets) == frames:
            grouped = _by_offsets(fragments, offsets)
    if grouped is None or frames == 1:
        grouped = _by_beginnings(data, fragments, frames)
    return FrameIndex(grouped, bool(table), bool(extended), end)


def _by_beginnings(
    data: bytes, fragments: Sequence[Fragment], frames: int
) -> tuple[tuple[Fragment, ...], ...]:
    """Group without a table: a fragment that begins a codestream begins a frame."""
    begins = [n for n, (at, _) in enumerate(fragments) if data.startswith(_BEGINNINGS, at)]
    if len(begins) == frames and begins[0] == 0:
        bounds = [*begins, len(fragments)]
        return tuple(tuple(fragments[a:b]) for a, b in zip(bounds, bounds[1:]))
    if not begins or frames == 1 == len(begins):
        if len(fragments) == frames:
            return tuple((fragment,) for fragment in fragments)
        if frames == 1:
            return (tuple(fragments),)
    raise Refusal(
        Reason.MALFORMED,
        f"{len(fragments)} fragments do not make the {frames} frames that are declared",
    )


@dataclass(frozen=True)
class EncapsulatedFrames:
    """A new Pixel Data value and, where they stood, its Extended Offset Table and lengths."""

    value: bytes
    offsets: bytes | None
    lengths: bytes | None


def encapsulate_frames(
    frames: Iterable[Sequence[bytes | memoryview]], basic_table: bool, extended_table: bool
) -> EncapsulatedFrames:
    """Put frames, each a sequence of fragments, into items.

    The tables are written as they stood; a Basic Offset Table whose offsets would not fit
    32 bits is left empty, which the standard allows.

    Returns
    -------
    EncapsulatedFrames
        ``value`` ends with the sequence delimiter.
    """
    offsets: list[int] = []
    lengths: list[int] = []
    pieces: list[bytes | memoryview] = []
    size = 0
    for fragments in frames:
        offsets.append(size)
        lengths.append(sum(map(len, fragments)))
        for fragment in fragments:
            padding = len(fragment) & 1
            pieces += [_HEADER.pack(_ITEM, len(fragment) + padding), fragment, b"\0" * padding]
            size += 8 + len(fragment) + padding
    basic = b""
    if basic_table and not extended_table and offsets[-1] <= 0xFFFFFFFF:
        basic = struct.pack(f"<{len(offsets)}I", *offsets)
    # One join, so that a 1 GB object is not held twice.
    value = b"".join([_HEADER.pack(_ITEM, len(basic)), basic, *pieces, _HEADER.pack(_END, 0)])
    if not extended_table:
        return EncapsulatedFrames(value, None, None)
    form = f"<{len(offsets)}Q"
    return EncapsulatedFrames(value, struct.pack(form, *offsets), struct.pack(form, *lengths))
