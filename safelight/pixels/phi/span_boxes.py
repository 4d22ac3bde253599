"""From what was found in a block to boxes in the picture."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask, TextLine
from safelight.pixels.ocr.line_merging import upright_box
from safelight.pixels.phi.block_findings import SURE, BlockFindings
from safelight.pixels.phi.partial_matches import box_after_line
from safelight.records import Span

#: A line with this confidence was read to its end and without holes.
READ = 0.93
#: Characters that may be missing.
FEW = 4


def make_masks(found: BlockFindings) -> list[Mask]:
    """The boxes of all spans; parts of one line that touch are in one box."""
    masks = list(found.extra)
    for index, begin in found.block.places:
        line = found.lines[index]
        inside = [
            (max(0, s.begin - begin), min(len(line.text), s.end - begin), s)
            for s in found.spans
            if s.begin < begin + len(line.text) and s.end > begin
        ]
        whole = [(*_words(line.text, first, last), span) for first, last, span in inside]
        ordered = sorted(whole, key=lambda i: (i[0], -i[1]))
        for first, last, span in _joined(ordered, line):
            box = _with_end(line, line.part(first, last), last)
            for owner, partial in found.partials:
                if owner == index and partial.span.begin < last and partial.span.end > first:
                    box = partial.extend(box, line)
            sure = min(1.0, span.confidence * line.confidence)
            box = _apart(found, pad_box(box, line, last - first == len(line.text)), line)
            masks.append(
                Mask(line.frames, box, span.entity, span.engine, sure, line.text[first:last])
            )
    return masks


def pad_box(box: Box, line: TextLine, whole: bool = True) -> Box:
    """The box with room for what the detector cut off, which at a line's ends is more."""
    height = upright_box(line)[3]
    margin = max(2, round((0.25 if whole else 0.12) * height))
    across = max(1, round(0.08 * height))
    if line.rotation in (90, 270):
        return box.grow(across, margin)
    return box.grow(margin, across)


def _words(text: str, first: int, last: int) -> tuple[int, int]:
    """The part grown to whole words, or whole numbers: half a name is a name."""
    while 0 < first < len(text) and _one_word(text[first - 1], text[first]):
        first -= 1
    while 0 < last < len(text) and _one_word(text[last - 1], text[last]):
        last += 1
    return first, last


def _one_word(one: str, other: str) -> bool:
    return one.isalpha() and other.isalpha() or one.isdigit() and other.isdigit()


def _joined(parts: Sequence[tuple[int, int, Span]], line: TextLine) -> list[tuple[int, int, Span]]:
    """Overlapping parts made one, and parts with nothing to keep between them.

    That is no letter or digit, and of a line that was read badly not a few of them either: they
    are a part of what stands around them.
    """
    found: list[tuple[int, int, Span]] = []
    for first, last, span in parts:
        between = line.text[found[-1][1] : first] if found else ""
        kept = [c for c in between if c.isalnum()]
        if line.confidence < READ and len(kept) <= FEW:
            kept = []
        if found and not kept:
            before = found[-1]
            found[-1] = (before[0], max(before[1], last), before[2])
        else:
            found.append((first, last, span))
    return found


def _with_end(line: TextLine, box: Box, last: int) -> Box:
    """The box of a part that ends its line, longer by what another rendering read beyond it."""
    more = max((len(variant) - len(line.text) for variant in line.variants), default=0)
    if last < len(line.text) or line.confidence >= READ or not 0 < more <= FEW:
        return box
    return box.union(box_after_line(line, more))


def _apart(found: BlockFindings, box: Box, line: TextLine) -> Box:
    """The box of a line that is too tall for its block, cut between it and the rows beside."""
    lines = found.lines
    heights = [lines[i].box.height for i, _ in found.block.places if lines[i].text]
    if line.rotation or line.box.height <= 1.4 * median(heights or [line.box.height]):
        return box
    x, y, w, h = box
    middle = line.box.top + line.box.height / 2
    top, bottom = float(y), float(y + h)
    for other in lines:
        if other is line or other.rotation or other.confidence < SURE:
            continue
        theirs = other.box.top + other.box.height / 2
        apart = abs(theirs - middle)
        if box.horizontal_overlap(other.box) <= 0 or apart < 0.5 * min(
            line.box.height, other.box.height
        ):
            continue
        if theirs < middle:
            top = max(top, (theirs + middle) / 2)
        else:
            bottom = min(bottom, (theirs + middle) / 2)
    return Box(x, int(top), w, max(1, -int(-bottom // 1) - int(top)))
