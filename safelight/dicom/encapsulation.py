"""Find the frames of encapsulated Pixel Data, and encapsulate frames (PS3.5, section A.4)."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from safelight.records import Reason, Refusal

_ITEM = 0xE000FFFE
_SEQUENCE_END = 0xE0DDFFFE
_ITEM_HEADER = struct.Struct("<II")

#: First bytes of a codestream: JPEG and JPEG-LS, JPEG 2000 codestream, JP2 box.
_CODESTREAM_STARTS = (b"\xff\xd8", b"\xff\x4f\xff\x51", b"\x00\x00\x00\x0cjP")

#: Offset and length of a fragment in the bytes of the object.
Fragment = tuple[int, int]

#: Frames beyond Number of Frames that are checked; more of them point to a wrong header.
MAX_UNDECLARED_FRAMES = 1000


@dataclass(frozen=True)
class FrameIndex:
    """Fragments of each frame, and the offset tables of the source object.

    Attributes
    ----------
    frames : tuple of tuple of Fragment
        Fragments of each frame. There may be more frames than the header declares.
    basic_table : bool
        True if the Basic Offset Table has entries.
    extended_table : bool
        True if there is an Extended Offset Table.
    end : int
        Offset after the sequence delimiter.
    """

    frames: tuple[tuple[Fragment, ...], ...]
    basic_table: bool
    extended_table: bool
    end: int


def index_frames(
    data: bytes, start: int, frames: int, extended_offsets: Sequence[int] = ()
) -> FrameIndex:
    """Find the fragments of each frame.

    Parameters
    ----------
    data : bytes
        The object.
    start : int
        Offset of the first item, which is the Basic Offset Table.
    frames : int
        Number of Frames of the object.
    extended_offsets : sequence of int
        Offsets of the Extended Offset Table; empty if it is absent.

    Returns
    -------
    FrameIndex

    Raises
    ------
    Refusal
        ``TRUNCATED``, ``UNDECODABLE_PIXELS`` or ``MALFORMED``.
    """
    basic_offsets, fragments, end = _read_fragments(data, start)
    if not fragments:
        raise Refusal(
            Reason.UNDECODABLE_PIXELS, "Pixel Data has no fragment; fetch it again from its source"
        )
    grouped = None
    for offsets in (extended_offsets, basic_offsets):
        if grouped is None and len(offsets) == frames:
            grouped = _group_by_offsets(fragments, offsets)
    if grouped is None or frames == 1:
        grouped = _group_by_codestreams(data, fragments, frames)
    return FrameIndex(grouped, bool(basic_offsets), bool(extended_offsets), end)


def has_false_offsets(
    data: bytes, start: int, index: FrameIndex, offsets: bytes = b"", lengths: bytes = b""
) -> bool:
    """Return whether an offset table has an entry that is not the offset or length of a frame.

    Readers ignore such tables, so that they can hold any text.

    Parameters
    ----------
    data : bytes
        The object.
    start : int
        Offset of the Basic Offset Table.
    index : FrameIndex
        Result of :func:`index_frames`.
    offsets, lengths : bytes
        Values of Extended Offset Table and Extended Offset Table Lengths; empty without them.
    """
    fragments = [fragment for frame in index.frames for fragment in frame]
    origin = fragments[0][0] - 8
    starts = {begin - 8 - origin for begin, _ in fragments}
    sizes = {sum(length for _, length in frame) for frame in index.frames}
    sizes |= {size - 1 for size in sizes}  # without the padding byte
    return not (
        _has_only(data[start + 8 : origin], "I", starts)
        and _has_only(offsets, "Q", starts)
        and _has_only(lengths, "Q", sizes)
    )


def _has_only(table: bytes, code: str, allowed: set[int]) -> bool:
    """Return whether all entries of a table are allowed, and no bytes follow them."""
    size = struct.calcsize(code)
    if len(table) % size:
        return False
    return allowed.issuperset(struct.unpack(f"<{len(table) // size}{code}", table))


def _read_fragments(data: bytes, start: int) -> tuple[list[int], list[Fragment], int]:
    """Return the Basic Offset Table, the fragments, and the offset after the delimiter."""
    basic_offsets: list[int] = []
    found: list[Fragment] = []
    at, size, first = start, len(data), True
    while at + 8 <= size:
        tag, length = _ITEM_HEADER.unpack_from(data, at)
        at += 8
        if tag == _SEQUENCE_END:
            return basic_offsets, found, at
        if tag != _ITEM or length == 0xFFFFFFFF:
            raise Refusal(
                Reason.MALFORMED,
                "Pixel Data holds an element that is not a fragment; repair the source",
            )
        if at + length > size:
            raise Refusal(Reason.TRUNCATED, "Pixel Data ends inside a fragment; fetch it again")
        if first:
            basic_offsets = list(struct.unpack_from(f"<{length // 4}I", data, at))
            first = False
        else:
            found.append((at, length))
        at += length
    raise Refusal(Reason.TRUNCATED, "Pixel Data ends without a delimiter; fetch it again")


def _group_by_offsets(
    fragments: Sequence[Fragment], offsets: Sequence[int]
) -> tuple[tuple[Fragment, ...], ...] | None:
    """Return the fragments of each frame, or None if an offset is not the start of a fragment."""
    origin = fragments[0][0] - 8
    starts = {begin - 8 - origin: number for number, (begin, _) in enumerate(fragments)}
    numbers = [starts.get(offset, -1) for offset in offsets]
    if numbers[0] != 0 or any(b <= a for a, b in zip(numbers, numbers[1:])):
        return None
    bounds = [*numbers, len(fragments)]
    return tuple(tuple(fragments[a:b]) for a, b in zip(bounds, bounds[1:]))


def _group_by_codestreams(
    data: bytes, fragments: Sequence[Fragment], frames: int
) -> tuple[tuple[Fragment, ...], ...]:
    """Return the fragments of each frame; a fragment that starts a codestream starts a frame."""
    begins = [n for n, (at, _) in enumerate(fragments) if data.startswith(_CODESTREAM_STARTS, at)]
    undeclared = len(begins) - frames
    if 0 <= undeclared <= MAX_UNDECLARED_FRAMES and begins[0] == 0:
        bounds = [*begins, len(fragments)]
        return tuple(tuple(fragments[a:b]) for a, b in zip(bounds, bounds[1:]))
    if not begins or frames == 1 == len(begins):
        if len(fragments) == frames:
            return tuple((fragment,) for fragment in fragments)
        if frames == 1:
            return (tuple(fragments),)
    raise Refusal(
        Reason.MALFORMED,
        f"{len(fragments)} fragments cannot be assigned to the {frames} frames of the object; "
        "repair the source",
    )


@dataclass(frozen=True)
class EncapsulatedFrames:
    """Encapsulated Pixel Data and its Extended Offset Table.

    Attributes
    ----------
    value : bytes
        Value of Pixel Data, with its sequence delimiter.
    offsets, lengths : bytes or None
        Values of Extended Offset Table and Extended Offset Table Lengths; None without them.
    """

    value: bytes
    offsets: bytes | None
    lengths: bytes | None


def encapsulate_frames(
    frames: Iterable[Sequence[bytes | memoryview]], basic_table: bool, extended_table: bool
) -> EncapsulatedFrames:
    """Encapsulate frames.

    Parameters
    ----------
    frames : iterable of sequence of bytes-like
        Fragments of each frame.
    basic_table : bool
        True to fill the Basic Offset Table. It stays empty, as the standard allows, if an offset
        does not fit into 32 bits or if there is an Extended Offset Table.
    extended_table : bool
        True to return an Extended Offset Table.

    Returns
    -------
    EncapsulatedFrames
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
            header = _ITEM_HEADER.pack(_ITEM, len(fragment) + padding)
            pieces += [header, fragment, b"\0" * padding]
            size += 8 + len(fragment) + padding
    basic = b""
    if basic_table and not extended_table and offsets[-1] <= 0xFFFFFFFF:
        basic = struct.pack(f"<{len(offsets)}I", *offsets)
    head, tail = _ITEM_HEADER.pack(_ITEM, len(basic)), _ITEM_HEADER.pack(_SEQUENCE_END, 0)
    # One join, so that an object of 1 GB is not copied a second time.
    value = b"".join([head, basic, *pieces, tail])
    if not extended_table:
        return EncapsulatedFrames(value, None, None)
    layout = f"<{len(offsets)}Q"
    return EncapsulatedFrames(value, struct.pack(layout, *offsets), struct.pack(layout, *lengths))
