"""From readings to text: one reading for each place, rows, and blocks in reading order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from safelight.pixels.geometry import Box
from safelight.pixels.lexicon.field_labels import is_field_label
from safelight.pixels.models import Block, TextLine
from safelight.pixels.ocr.base import Reading, information_score

#: Share of the smaller height by which two boxes overlap when they stand on one row.
SAME_ROW = 0.5
#: A reading holds two rows when others of this confidence, and lower by this factor, stand in it
#: one above the other.
CLEAR, LOW = 0.7, 0.75
#: Letters that a line of text is worth which an engine finds and cannot read.
UNREAD = 3
#: Gaps in heights of the text: between pieces of a row, and between rows of a block.
PIECE_GAP = 3.0
#: Gap between a key and its value in another column.
VALUE_GAP = 16.0
ROW_GAP = 1.9


def merge_readings(readings: Sequence[Reading]) -> list[Reading]:
    """One reading for each place out of those of several renderings and scales.

    The surest reading of the most characters wins its place. What another one has beyond it
    stays, cut down to that part; what it reads differently stays as a variant.
    """
    kept: list[Reading] = []
    single = [reading for reading in readings if not _two_rows(reading, readings)]
    ranked = sorted(single, key=lambda r: (-_weight(r), r.box, r.text))
    for reading in ranked:
        rests = [reading]
        for index, other in enumerate(kept):
            if not _same_row(other, reading) or not _touch(other, reading):
                continue
            if information_score(reading) > 0 and reading.text != other.text:
                variants = tuple(dict.fromkeys((*other.variants, reading.text, *reading.variants)))
                kept[index] = replace(other, variants=variants)
            rests = [part for rest in rests for part in _outside(rest, other)]
        kept += rests
    return [_grown(reading, ranked) for reading in sorted(kept, key=lambda r: (r.box[1], r.box[0]))]


def _weight(reading: Reading) -> float:
    """What a reading says; text that surely stands there and cannot be read, as a few letters."""
    return information_score(reading) if reading.text else UNREAD * reading.confidence**2


def _two_rows(reading: Reading, others: Sequence[Reading]) -> bool:
    """Whether another rendering shows that the box of a reading holds two rows, not one."""
    x, y, w, h = reading.box
    middles = [
        other.box.top + other.box.height / 2
        for other in others
        if other.rotation == reading.rotation == 0
        and other.confidence >= CLEAR
        and other.box.height < LOW * h
        and other.box.horizontal_overlap(reading.box) > 0.5
        and other.box.vertical_overlap(reading.box) > 0.4
    ]
    return bool(middles) and max(middles) - min(middles) > 0.4 * h


def group_blocks(lines: Sequence[TextLine]) -> tuple[Block, ...]:
    """Lines that stand together, as text for a model: rows top to bottom, left to right."""
    found = []
    for group in _groups(lines):
        text, places = "", []
        for row in group_rows([lines[i] for i in group]):
            for position, piece in enumerate(row):
                if text:
                    text += " " if position else "\n"
                places.append((group[piece], len(text)))
                text += lines[group[piece]].text
        found.append(Block(text, tuple(places)))
    return tuple(found)


def group_rows(lines: Sequence[TextLine]) -> list[list[int]]:
    """Indices of the lines of each row, rows from top to bottom, pieces from left to right."""
    order = sorted(
        range(len(lines)), key=lambda i: (upright_box(lines[i])[1], upright_box(lines[i])[0])
    )
    found: list[list[int]] = []
    for index in order:
        box = upright_box(lines[index])
        for row in found:
            if any(_one_row(upright_box(lines[other]), box) for other in row):
                row.append(index)
                break
        else:
            found.append([index])
    for row in found:
        row.sort(key=lambda i: upright_box(lines[i])[0])
    return found


def upright_box(line: TextLine | Reading) -> Box:
    """The box in a frame that is turned so that the text reads from left to right."""
    x, y, w, h = line.box
    if line.rotation == 90:
        return Box(y, -x - w, h, w)
    if line.rotation == 180:
        return Box(-x - w, -y - h, w, h)
    if line.rotation == 270:
        return Box(-y - h, x, h, w)
    return line.box


def overlaps_line(one: Box, other: Box) -> bool:
    """Whether two boxes share a good part of the height of one and more than an edge."""
    shared = one.shared_height(other)
    return one.shared_width(other) > 2 and shared > 0.4 * min(one.height, other.height)


def _groups(lines: Sequence[TextLine]) -> list[list[int]]:
    """Connected groups of lines that are near, of one direction and about one size."""
    group = list(range(len(lines)))

    def root(index: int) -> int:
        while group[index] != index:
            index = group[index]
        return index

    for i, one in enumerate(lines):
        for j in range(i):
            if _near(one, lines[j]):
                first, second = sorted((root(i), root(j)))
                group[second] = first
    found: dict[int, list[int]] = {}
    for index in range(len(lines)):
        found.setdefault(root(index), []).append(index)
    return list(found.values())


def _near(one: TextLine, other: TextLine) -> bool:
    if one.rotation != other.rotation or not _share_frames(one, other):
        return False
    a, b = upright_box(one), upright_box(other)
    height = min(a.height, b.height)
    if max(a.height, b.height) > 2.2 * height:
        return False
    if _one_row(a, b):
        gap = -a.shared_width(b)
        first = one if a.left <= b.left else other
        return gap <= (VALUE_GAP if is_field_label(first.text) else PIECE_GAP) * height
    gap = -a.shared_height(b)
    aligned = abs(a.left - b.left) <= 1.5 * height or a.horizontal_overlap(b) > 0.3
    return gap <= ROW_GAP * height and aligned


def _share_frames(one: TextLine, other: TextLine) -> bool:
    if one.frames is None or other.frames is None:
        return True
    return not set(one.frames).isdisjoint(other.frames)


def _same_row(one: Reading, other: Reading) -> bool:
    return _one_row(one.box, other.box) and one.box.horizontal_overlap(other.box) > 0


def _one_row(one: Box, other: Box) -> bool:
    """Whether two boxes stand on one row; those of rows set tightly overlap as well."""
    low, high = sorted((one.height, other.height))
    apart = abs(one.top + one.height / 2 - other.top - other.height / 2)
    tight = high < 1.4 * low and apart > 0.5 * low
    return one.vertical_overlap(other) >= SAME_ROW and not tight


def _touch(one: Reading, other: Reading) -> bool:
    """Whether the boxes share more than the margins around them."""
    a, b = one.box, other.box
    least = 0.4 * min(a.height, b.height, a.width, b.width)
    return a.shared_width(b) > least and a.shared_height(b) > least


def _outside(reading: Reading, taken: Reading) -> list[Reading]:
    """The parts of a horizontal reading left and right of a place that is taken."""
    if reading.rotation in (90, 270) or taken.rotation in (90, 270):
        return []
    x, y, w, h = reading.box
    parts = []
    for left, right in (
        (x, min(x + w, taken.box.left)),
        (max(x, taken.box.right), x + w),
    ):
        if right - left <= 0.8 * h or not reading.text:
            continue
        borders = reading.character_borders or tuple(
            n / len(reading.text) for n in range(len(reading.text) + 1)
        )
        places = [x + (1 - b if reading.rotation == 180 else b) * w for b in borders]
        inside = [
            left <= (places[i] + places[i + 1]) / 2 <= right for i in range(len(reading.text))
        ]
        text = "".join(c for c, ok in zip(reading.text, inside) if ok).strip()
        if sum(character.isalnum() for character in text) >= 2:
            box = Box(int(left), y, int(right) - int(left), h)
            parts.append(Reading(box, text, reading.confidence * 0.9, reading.rotation))
    return parts


def _grown(reading: Reading, others: Sequence[Reading]) -> Reading:
    """The reading with the height that other renderings saw at its place."""
    x, y, w, h = reading.box
    top, bottom = y, y + h
    for other in others:
        box = other.box
        if reading.box.horizontal_overlap(box) > 0.5 and reading.box.vertical_overlap(box) > 0.7:
            if box.height < 1.25 * h and box.width > 2 * box.height:
                top, bottom = min(top, box.top), max(bottom, box.bottom)
    if reading.rotation in (90, 270):
        return reading
    return replace(reading, box=Box(x, top, w, bottom - top))
