"""From readings to text: one reading for each place, rows, and blocks in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from safelight.pixels.geometry import Box
from safelight.pixels.lexicon.field_labels import is_field_label
from safelight.pixels.models import Block, TextLine
from safelight.pixels.ocr.base import Reading, score_reading
from safelight.pixels.thresholds import (
    BLOCK_LEFT_EDGE_TOLERANCE_HEIGHTS,
    BLOCK_MAX_HEIGHT_RATIO,
    BLOCK_MIN_OVERLAP_SHARE,
    LABEL_VALUE_MAX_GAP_HEIGHTS,
    LINE_OVERLAP_MIN_HEIGHT_SHARE,
    LINE_OVERLAP_MIN_WIDTH_PIXELS,
    PIECE_MAX_GAP_HEIGHTS,
    READING_GROWTH_MAX_HEIGHT_RATIO,
    READING_GROWTH_MIN_ASPECT_RATIO,
    READING_GROWTH_MIN_OVERLAP_SHARES,
    READING_REST_CONFIDENCE_FACTOR,
    READING_REST_MIN_CHARACTERS,
    READING_REST_MIN_WIDTH_HEIGHTS,
    READINGS_MIN_OVERLAP_RATIO,
    ROW_MAX_GAP_HEIGHTS,
    ROW_MIN_OVERLAP_SHARE,
    ROW_TIGHT_MAX_HEIGHT_RATIO,
    ROW_TIGHT_MIN_DISTANCE_HEIGHTS,
    TWO_ROWS_MIN_DISTANCE_HEIGHTS,
    TWO_ROWS_PART_MAX_HEIGHT_RATIO,
    TWO_ROWS_PART_MIN_CONFIDENCE,
    TWO_ROWS_PART_MIN_OVERLAP_SHARES,
    UNREADABLE_LINE_CHARACTERS,
)


def merge_readings(readings: Sequence[Reading]) -> list[Reading]:
    """Return one reading for each place out of those of several renderings and scales.

    The reading with the highest score wins its place. The part of another reading beyond it is
    kept; a different text of another reading becomes a variant.

    Parameters
    ----------
    readings : sequence of Reading
        Readings of one frame, with boxes in pixels of the frame.

    Returns
    -------
    list of Reading
        From top to bottom and left to right.
    """
    kept: list[Reading] = []
    single = [reading for reading in readings if not _holds_two_rows(reading, readings)]
    ranked = sorted(single, key=lambda r: (-_score(r), r.box, r.text))
    for reading in ranked:
        rests = [reading]
        for index, other in enumerate(kept):
            if not _compete(other, reading):
                continue
            if score_reading(reading) > 0 and reading.text != other.text:
                variants = tuple(dict.fromkeys((*other.variants, reading.text, *reading.variants)))
                kept[index] = replace(other, variants=variants)
            rests = [part for rest in rests for part in _cut_outside(rest, other)]
        kept += rests
    ordered = sorted(kept, key=lambda r: (r.box.top, r.box.left))
    return [_grow_vertically(reading, ranked) for reading in ordered]


def replace_lines(lines: Sequence[Reading], better: Sequence[Reading]) -> list[Reading]:
    """Return the lines with better readings instead of those in the same places.

    Parameters
    ----------
    lines, better : sequence of Reading
        The texts of the lines that are replaced become variants.
    """
    found: list[Reading] = []
    rest = list(lines)
    for reading in better:
        same = [line for line in rest if overlaps_line(line.box, reading.box)]
        rest = [line for line in rest if line not in same]
        texts = (text for line in same for text in (line.text, *line.variants) if text)
        found.append(replace(reading, variants=tuple(dict.fromkeys(texts))))
    return [*rest, *found]


def _score(reading: Reading) -> float:
    """Return the score of a reading; an unreadable line counts as a few characters."""
    if reading.text:
        return score_reading(reading)
    return UNREADABLE_LINE_CHARACTERS * reading.confidence**2


def _holds_two_rows(reading: Reading, others: Sequence[Reading]) -> bool:
    """Return whether another rendering shows two rows in the box of a reading."""
    height = reading.box.height
    along, across = TWO_ROWS_PART_MIN_OVERLAP_SHARES
    middles = [
        other.box.top + other.box.height / 2
        for other in others
        if other.rotation == reading.rotation == 0
        and other.confidence >= TWO_ROWS_PART_MIN_CONFIDENCE
        and other.box.height < TWO_ROWS_PART_MAX_HEIGHT_RATIO * height
        and other.box.horizontal_overlap(reading.box) > along
        and other.box.vertical_overlap(reading.box) > across
    ]
    least = TWO_ROWS_MIN_DISTANCE_HEIGHTS * height
    return bool(middles) and max(middles) - min(middles) > least


def _compete(one: Reading, other: Reading) -> bool:
    """Return whether two readings are in one row and share more than their margins."""
    a, b = one.box, other.box
    if not _is_one_row(a, b) or a.horizontal_overlap(b) <= 0:
        return False
    least = READINGS_MIN_OVERLAP_RATIO * min(a.height, b.height, a.width, b.width)
    return a.shared_width(b) > least and a.shared_height(b) > least


def _cut_outside(reading: Reading, taken: Reading) -> list[Reading]:
    """Return the parts of a horizontal reading to the left and right of another one."""
    if reading.rotation in (90, 270) or taken.rotation in (90, 270) or not reading.text:
        return []
    box = reading.box
    sides = (
        (box.left, min(box.right, taken.box.left)),
        (max(box.left, taken.box.right), box.right),
    )
    parts = []
    for left, right in sides:
        if right - left <= READING_REST_MIN_WIDTH_HEIGHTS * box.height:
            continue
        text = _read_between(reading, left, right)
        if sum(map(str.isalnum, text)) >= READING_REST_MIN_CHARACTERS:
            part = Box(int(left), box.top, int(right) - int(left), box.height)
            confidence = reading.confidence * READING_REST_CONFIDENCE_FACTOR
            parts.append(Reading(part, text, confidence, reading.rotation))
    return parts


def _read_between(reading: Reading, left: int, right: int) -> str:
    """Return the characters of a horizontal reading whose middle is between two columns."""
    count = len(reading.text)
    borders = reading.character_borders or tuple(n / count for n in range(count + 1))
    width, is_reversed = reading.box.width, reading.rotation == 180
    places = [reading.box.left + (1 - b if is_reversed else b) * width for b in borders]
    middles = ((places[i] + places[i + 1]) / 2 for i in range(count))
    return "".join(c for c, x in zip(reading.text, middles) if left <= x <= right).strip()


def _grow_vertically(reading: Reading, others: Sequence[Reading]) -> Reading:
    """Return a horizontal reading with the height that other renderings show at its place."""
    if reading.rotation in (90, 270):
        return reading
    box = reading.box
    along, across = READING_GROWTH_MIN_OVERLAP_SHARES
    top, bottom = box.top, box.bottom
    for other in (other.box for other in others):
        if box.horizontal_overlap(other) <= along or box.vertical_overlap(other) <= across:
            continue
        is_line = other.width > READING_GROWTH_MIN_ASPECT_RATIO * other.height
        if is_line and other.height < READING_GROWTH_MAX_HEIGHT_RATIO * box.height:
            top, bottom = min(top, other.top), max(bottom, other.bottom)
    return replace(reading, box=Box(box.left, top, box.width, bottom - top))


def group_blocks(lines: Sequence[TextLine]) -> tuple[Block, ...]:
    """Return the blocks of a scan: lines near each other, as text for a model.

    Parameters
    ----------
    lines : sequence of TextLine
        Lines of all frames.

    Returns
    -------
    tuple of Block
        Each line is in one block; rows are ordered top to bottom, pieces left to right.
    """
    found = []
    for group in _find_groups(lines):
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
    """Return the indices of the lines of each row, rows top to bottom, pieces left to right."""
    boxes = [get_upright_box(line) for line in lines]
    found: list[list[int]] = []
    for index in sorted(range(len(lines)), key=lambda i: (boxes[i].top, boxes[i].left)):
        for row in found:
            if any(_is_one_row(boxes[other], boxes[index]) for other in row):
                row.append(index)
                break
        else:
            found.append([index])
    for row in found:
        row.sort(key=lambda i: boxes[i].left)
    return found


def get_upright_box(line: TextLine | Reading) -> Box:
    """Return the box of a line, rotated with its frame until the text reads left to right."""
    x, y, w, h = line.box
    if line.rotation == 90:
        return Box(y, -x - w, h, w)
    if line.rotation == 180:
        return Box(-x - w, -y - h, w, h)
    if line.rotation == 270:
        return Box(-y - h, x, h, w)
    return line.box


def overlaps_line(box: Box, line: Box) -> bool:
    """Return whether a box shares a good part of the height of a line and more than an edge.

    Parameters
    ----------
    box : Box
        Box to test, in pixels.
    line : Box
        Box of a line in the same picture; its rotation is not considered.
    """
    if box.shared_width(line) <= LINE_OVERLAP_MIN_WIDTH_PIXELS:
        return False
    height = min(box.height, line.height)
    return box.shared_height(line) > LINE_OVERLAP_MIN_HEIGHT_SHARE * height


def _find_groups(lines: Sequence[TextLine]) -> list[list[int]]:
    """Return connected groups of lines that are near each other."""
    parent = list(range(len(lines)))

    def find_root(index: int) -> int:
        while parent[index] != index:
            index = parent[index]
        return index

    for i, j in _find_near_pairs(lines):
        first, second = sorted((find_root(i), find_root(j)))
        parent[second] = first
    found: dict[int, list[int]] = {}
    for index in range(len(lines)):
        found.setdefault(find_root(index), []).append(index)
    return list(found.values())


def _find_near_pairs(lines: Sequence[TextLine]) -> Iterator[tuple[int, int]]:
    """Yield the indices of lines that are near each other."""
    for i, one in enumerate(lines):
        for j in range(i):
            if _is_near(one, lines[j]):
                yield i, j


def _is_near(one: TextLine, other: TextLine) -> bool:
    """Return whether two lines of one rotation and about one size belong to one block."""
    if one.rotation != other.rotation or not share_frames(one, other):
        return False
    a, b = get_upright_box(one), get_upright_box(other)
    height = min(a.height, b.height)
    if max(a.height, b.height) > BLOCK_MAX_HEIGHT_RATIO * height:
        return False
    if _is_one_row(a, b):
        first = one if a.left <= b.left else other
        is_label = is_field_label(first.text)
        widest = LABEL_VALUE_MAX_GAP_HEIGHTS if is_label else PIECE_MAX_GAP_HEIGHTS
        return -a.shared_width(b) <= widest * height
    if -a.shared_height(b) > ROW_MAX_GAP_HEIGHTS * height:
        return False
    is_aligned = abs(a.left - b.left) <= BLOCK_LEFT_EDGE_TOLERANCE_HEIGHTS * height
    return is_aligned or a.horizontal_overlap(b) > BLOCK_MIN_OVERLAP_SHARE


def share_frames(one: TextLine, other: TextLine) -> bool:
    """Return whether two lines are visible in a common frame.

    Parameters
    ----------
    one, other : TextLine
        Lines of one scan; a line without frame numbers is visible in all frames.
    """
    if one.frames is None or other.frames is None:
        return True
    return not set(one.frames).isdisjoint(other.frames)


def _is_one_row(one: Box, other: Box) -> bool:
    """Return whether two boxes are in one row; the boxes of tightly set rows overlap as well."""
    low, high = sorted((one.height, other.height))
    distance = abs(one.top + one.height / 2 - other.top - other.height / 2)
    is_tight = (
        high < ROW_TIGHT_MAX_HEIGHT_RATIO * low and distance > ROW_TIGHT_MIN_DISTANCE_HEIGHTS * low
    )
    return one.vertical_overlap(other) >= ROW_MIN_OVERLAP_SHARE and not is_tight
