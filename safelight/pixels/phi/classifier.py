"""Which text of the pixels is hidden: what is known of the patient, what has the form of PHI,
what stands at a key, what the text model says, and in doubt what no vocabulary knows."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from safelight.pixels.lexicon.allow_list import is_allowed, is_misread_curve, tokenize_row
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.models import Block, Mask, PixelScan
from safelight.pixels.ocr.line_merging import group_blocks, overlaps_line
from safelight.pixels.phi import shape_rules
from safelight.pixels.phi.block_findings import (
    DOUBTFUL,
    SURE,
    BlockFindings,
    Piece,
    Row,
    split_rows,
)
from safelight.pixels.phi.context_rules import apply_context_rules
from safelight.pixels.phi.institutions import find_institution
from safelight.pixels.phi.label_values import add_label_values, add_values_of_misread_labels
from safelight.pixels.phi.partial_matches import (
    box_before_line,
    count_missing_begin,
    find_partial_matches,
    find_short_number,
)
from safelight.pixels.phi.persons import find_initials, find_person
from safelight.pixels.phi.span_boxes import make_masks, pad_box
from safelight.records import Span
from safelight.rules.policies import PixelDecision
from safelight.text.known.known_phi import KnownPHI
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.span_merging import select_identifying

#: A reading with this confidence is not doubted because another rendering reads otherwise.
CLEAR = 0.93
#: Engine of a catalog's box that a rule for a class of devices asks for: it knows that these
#: devices may write there, and not that this one did.
CLASS_RULE = "catalog-class"
#: A reading below this confidence says nothing by its form.
FAINT = 0.35
#: Gaps between pieces, in heights, over which a row is read on, and over which a number goes on.
COLUMN_GAP, NUMBER_GAP = 2.5, 0.8
#: What stands before the number of an echo of a sequence, which has the form of a day.
_ECHO = re.compile(r"\b(?:echo|ec|frame|image|im|img|page|series|slice)[\s:#.]*$", re.IGNORECASE)


def find_phi_masks(
    scan: PixelScan,
    known: KnownPHI,
    spans: Mapping[str, Sequence[Span]],
    decision: PixelDecision = "phi",
    masked: bool = False,
) -> tuple[Mask, ...]:
    """The regions to hide.

    Parameters
    ----------
    scan : PixelScan
    known : KnownPHI
        Values that the header gives of this patient.
    spans : mapping
        Block text → spans of the text model; texts that are missing have none.
    decision : str
        ``phi`` or ``all``.
    masked : bool
        Whether values are masked already, so that a key without one has nothing below it.
    """
    if decision == "all":
        whole = [
            Mask(
                line.frames,
                pad_box(line.box, line),
                "TEXT",
                line.engine,
                line.confidence,
                line.text,
            )
            for line in scan.lines
        ]
        return (*scan.scrub, *whole)
    masks = [mask for mask in scan.scrub if not _harmless(mask, scan, known)]
    masks += [
        Mask(line.frames, pad_box(line.box, line), "TEXT", "unread", line.confidence)
        for line in scan.lines
        if not line.text and line.confidence >= DOUBTFUL
    ]
    for block in scan.blocks:
        masks += make_masks(_in_block(scan, block, known, spans.get(block.text, ()), masked))
    return tuple(dict.fromkeys(masks))


def _in_block(
    scan: PixelScan, block: Block, known: KnownPHI, model: Sequence[Span], masked: bool
) -> BlockFindings:
    """All that is found in one block."""
    found = BlockFindings(scan.lines, block, split_rows(scan, block), known, masked)
    # A single letter or digit of the header stands everywhere.
    values = known.find(block.text, fuzzy=True)
    found.spans += [s for s in values if len(block.text[s.begin : s.end].strip()) > 1]
    for row in found.rows:
        for begin, end in _columns(found, row):
            text = row.text[begin:end]
            usual = (s for s in select_identifying(find_patterns(text)) if not _counts(s, text))
            every = [*shape_rules.find_shapes(text), *usual]
            found.add_all(row, [s for s in every if not _two_numbers(found, row, s, begin)], begin)
        for piece in row.pieces:
            _in_piece(found, row, piece)
        _unread_begin(found, row)
    for number in range(len(found.rows)):
        add_label_values(found, number)
    add_values_of_misread_labels(found)
    found.spans += [s for s in select_identifying(model) if _stands(s, found)]
    apply_context_rules(found)
    return found


def _columns(found: BlockFindings, row: Row) -> list[tuple[int, int]]:
    """The parts of a row whose pieces stand near each other, without what is hardly a reading."""
    parts: list[tuple[int, int]] = []
    before: Piece | None = None
    for piece in row.pieces:
        if found.lines[piece.line].confidence < FAINT:
            before = None
            continue
        if parts and before is not None and found.gap(before, piece) <= COLUMN_GAP:
            parts[-1] = (parts[-1][0], piece.end)
        else:
            parts.append((piece.begin, piece.end))
        before = piece
    return parts


def _two_numbers(found: BlockFindings, row: Row, span: Span, by: int) -> bool:
    """Whether a number is that of two columns: no letter in it, and a gap."""
    begin, end = span.begin + by, span.end + by
    if span.entity != "ID" or any(map(str.isalpha, row.text[begin:end])):
        return False
    inside = [piece for piece in row.pieces if piece.begin < end and piece.end > begin]
    return any(found.gap(one, other) > NUMBER_GAP for one, other in zip(inside, inside[1:]))


def _counts(span: Span, row: str) -> bool:
    """Whether a date without a year is the number of an echo out of so many."""
    return span.entity == "DATE" and _ECHO.search(row[: span.begin]) is not None


def _in_piece(found: BlockFindings, row: Row, piece: Piece) -> None:
    line, text = found.lines[piece.line], found.text(row, piece)
    if line.confidence >= DOUBTFUL:
        for begin, end in _apart(found, row, piece):
            for find in (find_institution, find_person, find_initials):
                span = find(row.text[begin:end])
                if span is not None:
                    found.add_all(row, [span], begin)
    short = find_short_number(text, found.known)
    if short is not None:
        found.add_all(row, [short], piece.begin)
    for partial in find_partial_matches(text, found.known):
        found.partials.append((piece.line, partial))
        found.add_all(row, [partial.span], piece.begin)
    here = {span.entity for span in found.inside(row, piece.begin, piece.end)}
    for variant in line.variants if line.confidence < CLEAR else ():
        # What another rendering read at this place may be what really stands there.
        other = found.known.find(variant, fuzzy=True)
        if line.confidence >= FAINT:
            other += shape_rules.find_shapes(variant)
        other = [s for s in other if s.end - s.begin >= 4 and s.entity not in here]
        if other:
            best = other[0]
            found.add(row, piece.begin, piece.end, best.entity, best.engine, 0.7)
            break


def _apart(found: BlockFindings, row: Row, piece: Piece) -> list[tuple[int, int]]:
    """The parts of a piece between its dates and keys; none of a key's value that is no date."""
    dates = [(s.begin, s.end) for s in found.inside(row, piece.begin, piece.end)
             if s.entity == "DATE"]  # fmt: skip
    keys = find_field_labels(found.text(row, piece))
    if keys and not dates:
        return []
    ends = [piece.begin, *(end for _, end in dates if end < piece.end)]
    begins = [*(begin for begin, _ in dates if begin > piece.begin), piece.end]
    first = piece.begin + keys[0].begin if keys else piece.end
    parts = [(b, min((e for e in begins if e >= b), default=piece.end)) for b in sorted(ends)]
    return [(b, e) for b, e in parts if e > b and not b <= first < e]


def _unread_begin(found: BlockFindings, row: Row) -> None:
    """Room for the begin of a known value whose end a row begins with."""
    piece = row.pieces[0]
    missing, entity = count_missing_begin(found.text(row, piece), found.known)
    if missing:
        line = found.lines[piece.line]
        found.add(row, piece.begin, piece.end, entity, "known", 0.9)
        found.extra.append(Mask(line.frames, box_before_line(line, missing), entity, "known", 0.5))


def _stands(span: Span, found: BlockFindings) -> bool:
    """Whether a guess of the model alone stands against the allow list, and is of a reading."""
    if span.engine != "ner":
        return True
    sure = [
        found.lines[line].confidence >= FAINT
        for line, begin in found.block.places
        if begin < span.end and begin + len(found.lines[line].text) > span.begin
    ]
    words = [word for _, _, word in tokenize_row(found.block.text[span.begin : span.end])]
    return any(sure) and not all(is_allowed(word) or is_misread_curve(word) for word in words)


def _harmless(scrub: Mask, scan: PixelScan, known: KnownPHI) -> bool:
    """Whether a box that a class of devices may write in holds nothing that identifies.

    That is so when all of its text was read surely and none is in doubt. A box in which
    nothing was read is hidden, and so is every box that is known of the device itself.
    """
    if scrub.engine != CLASS_RULE:
        return False
    inside = [line for line in scan.lines if overlaps_line(scrub.box, line.box)]
    if not inside or any(line.confidence < SURE or not line.text for line in inside):
        return False
    words = [word for line in inside for _, _, word in tokenize_row(line.text)]
    if not all(is_allowed(word) for word in words):
        return False
    chosen = tuple(replace(line, variants=()) for line in inside)
    own = PixelScan(lines=chosen, blocks=group_blocks(chosen))
    return not find_phi_masks(own, known, {})
