"""Masks from the findings of a block: boxes in the frame that cover the text of each span."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask, TextLine
from safelight.pixels.ocr.line_merging import get_upright_box
from safelight.pixels.phi.block_findings import BlockFindings
from safelight.pixels.phi.partial_matches import get_box_after_line
from safelight.pixels.thresholds import (
    MASK_ACROSS_MARGIN_HEIGHTS,
    MASK_ACROSS_MARGIN_MIN_PIXELS,
    MASK_LINE_MARGIN_HEIGHTS,
    MASK_MARGIN_MIN_PIXELS,
    MASK_PART_MARGIN_HEIGHTS,
    MISREAD_GAP_MAX_CHARACTERS,
    OCR_COMPLETE_LINE_MIN_CONFIDENCE,
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    TALL_LINE_MIN_HEIGHT_RATIO,
    TALL_LINE_NEIGHBOR_MIN_DISTANCE_HEIGHTS,
)
from safelight.records import Span


def make_masks(findings: BlockFindings) -> list[Mask]:
    """Return the masks of all findings; parts of one line that touch share a box.

    Parameters
    ----------
    findings : BlockFindings

    Returns
    -------
    list of Mask
        Boxes in pixels of the frame, with margins. HOLDS PHI in ``text``.
    """
    masks = list(findings.extra)
    for index, begin in findings.block.places:
        line = findings.lines[index]
        inside = [
            (max(0, s.begin - begin), min(len(line.text), s.end - begin), s)
            for s in findings.spans
            if s.begin < begin + len(line.text) and s.end > begin
        ]
        whole = [(*_grow_to_words(line.text, first, last), span) for first, last, span in inside]
        ordered = sorted(whole, key=lambda part: (part[0], -part[1]))
        for first, last, span in _merge_parts(ordered, line):
            box = _extend_to_unread_end(line, line.box_of(first, last), last)
            box = Box.around((box, *line.rest_of(first, last)))
            for owner, partial in findings.partials:
                if owner == index and partial.span.begin < last and partial.span.end > first:
                    box = partial.extend(box, line)
            box = pad_box(box, line, last - first == len(line.text))
            box = _cut_at_neighbors(findings, box, line)
            confidence = min(1.0, span.confidence * line.confidence)
            text = line.text[first:last]
            masks.append(Mask(line.frames, box, span.entity, span.engine, confidence, text))
    return masks


def pad_box(box: Box, line: TextLine, is_whole_line: bool = True) -> Box:
    """Return a box with margins for the edges that the text detector cut off.

    Parameters
    ----------
    box : Box
        Box of a line or of a part of it.
    line : TextLine
        Its height sets the margins.
    is_whole_line : bool
        A whole line gets wider margins at its ends.
    """
    height = get_upright_box(line).height
    share = MASK_LINE_MARGIN_HEIGHTS if is_whole_line else MASK_PART_MARGIN_HEIGHTS
    along = max(MASK_MARGIN_MIN_PIXELS, round(share * height))
    across = max(MASK_ACROSS_MARGIN_MIN_PIXELS, round(MASK_ACROSS_MARGIN_HEIGHTS * height))
    if line.rotation in (90, 270):
        return box.grow(across, along)
    return box.grow(along, across)


def _grow_to_words(text: str, first: int, last: int) -> tuple[int, int]:
    """Return a part grown to whole words or numbers, since half a name identifies as well."""
    while 0 < first < len(text) and _is_one_word(text[first - 1], text[first]):
        first -= 1
    while 0 < last < len(text) and _is_one_word(text[last - 1], text[last]):
        last += 1
    return first, last


def _is_one_word(one: str, other: str) -> bool:
    """Return whether two neighboring characters belong to one word or one number."""
    return one.isalpha() and other.isalpha() or one.isdigit() and other.isdigit()


def _merge_parts(
    parts: Sequence[tuple[int, int, Span]], line: TextLine
) -> list[tuple[int, int, Span]]:
    """Return the parts of a line with overlapping ones merged, and those next to each other.

    Parts are merged if no letter or digit is between them, or in a line that was read badly only
    a few: these belong to the text around them.
    """
    found: list[tuple[int, int, Span]] = []
    for first, last, span in parts:
        between = line.text[found[-1][1] : first] if found else ""
        visible = sum(map(str.isalnum, between))
        if line.confidence < OCR_COMPLETE_LINE_MIN_CONFIDENCE:
            visible = 0 if visible <= MISREAD_GAP_MAX_CHARACTERS else visible
        if found and not visible:
            before = found[-1]
            found[-1] = (before[0], max(before[1], last), before[2])
        else:
            found.append((first, last, span))
    return found


def _extend_to_unread_end(line: TextLine, box: Box, last: int) -> Box:
    """Return the box of a part, longer by the text that another rendering shows after its line."""
    more = max((len(variant) - len(line.text) for variant in line.variants), default=0)
    if last < len(line.text) or line.confidence >= OCR_COMPLETE_LINE_MIN_CONFIDENCE:
        return box
    if not 0 < more <= MISREAD_GAP_MAX_CHARACTERS:
        return box
    return box.union(get_box_after_line(line, more))


def _cut_at_neighbors(findings: BlockFindings, box: Box, line: TextLine) -> Box:
    """Return the box of a line; one too high for its block is cut between it and other rows."""
    places = findings.block.places
    heights = [findings.lines[i].box.height for i, _ in places if findings.lines[i].text]
    usual = median(heights or [line.box.height])
    if line.rotation or line.box.height <= TALL_LINE_MIN_HEIGHT_RATIO * usual:
        return box
    middle = line.box.top + line.box.height / 2
    top, bottom = float(box.top), float(box.bottom)
    for other in findings.lines:
        if not _is_neighbor(other, line, box):
            continue
        theirs = other.box.top + other.box.height / 2
        if theirs < middle:
            top = max(top, (theirs + middle) / 2)
        else:
            bottom = min(bottom, (theirs + middle) / 2)
    return Box(box.left, int(top), box.width, max(1, -int(-bottom // 1) - int(top)))


def _is_neighbor(other: TextLine, line: TextLine, box: Box) -> bool:
    """Return whether a line is a reliable one of a row above or below the box of another."""
    if other is line or other.rotation or other.confidence < OCR_RELIABLE_LINE_MIN_CONFIDENCE:
        return False
    if box.horizontal_overlap(other.box) <= 0:
        return False
    middle, theirs = (one.box.top + one.box.height / 2 for one in (line, other))
    height = min(line.box.height, other.box.height)
    return abs(theirs - middle) >= TALL_LINE_NEIGHBOR_MIN_DISTANCE_HEIGHTS * height
