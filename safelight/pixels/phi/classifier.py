"""Classification of the text of the pixels: which of it is PHI and is masked.

Evidence is, in this order: known values of the patient, shapes, institutions and names, values of
field labels, the text model, and in doubt words that no vocabulary holds.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import (
    is_allowed,
    is_misread_curve,
    is_technical_term,
    tokenize_row,
)
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.models import Mask, PixelScan, TextLine
from safelight.pixels.ocr.line_merging import group_blocks, overlaps_line
from safelight.pixels.phi.block_findings import BlockFindings, Piece, Row, split_into_rows
from safelight.pixels.phi.context_rules import apply_context_rules
from safelight.pixels.phi.everyday_institutions import find_everyday_institution
from safelight.pixels.phi.institutions import find_institution
from safelight.pixels.phi.label_values import add_label_values, add_values_of_misread_labels
from safelight.pixels.phi.partial_matches import (
    count_missing_begin,
    find_partial_matches,
    find_short_number,
    get_box_before_line,
)
from safelight.pixels.phi.persons import find_initials, find_person
from safelight.pixels.phi.shape_rules import find_shapes, is_setting_like_date
from safelight.pixels.phi.span_boxes import make_masks, pad_box
from safelight.pixels.phi.unread_lines import find_unread_neighbors, is_unreadable_text
from safelight.pixels.thresholds import (
    KNOWN_FINDING_CONFIDENCE,
    KNOWN_VALUE_MIN_CHARACTERS,
    NUMBER_MAX_GAP_HEIGHTS,
    OCR_COMPLETE_LINE_MIN_CONFIDENCE,
    OCR_LINE_MIN_CONFIDENCE,
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    OCR_SHAPE_MIN_CONFIDENCE,
    OTHER_RENDERING_FINDING_CONFIDENCE,
    OTHER_RENDERING_MIN_CHARACTERS,
    SHAPE_MAX_GAP_HEIGHTS,
    UNREAD_FINDING_CONFIDENCE,
)
from safelight.records import Span
from safelight.rules.policies import PixelDecision
from safelight.text.known.known_phi import KnownPHI
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.span_merging import select_identifying

#: Engine of a box from a catalog rule for a class of devices: these devices may write there, and
#: it is unknown whether this one did.
DEVICE_CLASS_ENGINE = "catalog-class"
#: Recognizers of a whole piece of text.
_FINDERS = (find_institution, find_everyday_institution, find_person, find_initials)
#: A word before a fraction that counts echoes, frames or slices, which has the shape of a date.
_COUNTER = re.compile(r"\b(?:echo|ec|frame|image|im|img|page|series|slice)[\s:#.]*$", re.IGNORECASE)


def find_phi_masks(
    scan: PixelScan,
    known: KnownPHI,
    spans: Mapping[str, Sequence[Span]],
    decision: PixelDecision = "phi",
    masked: bool = False,
) -> tuple[Mask, ...]:
    """Return the regions to mask.

    Parameters
    ----------
    scan : PixelScan
        Text of the frames, and boxes of the device catalog.
    known : KnownPHI
        Values that the header gives of this patient.
    spans : mapping
        Block text → spans of the text model; texts that are missing have none.
    decision : str
        ``phi``, or ``all`` to mask all text.
    masked : bool
        Whether values are masked already, so that a label without a value has none below it.

    Returns
    -------
    tuple of Mask
        Boxes in pixels of the frame, without duplicates. HOLDS PHI in ``text``.
    """
    if decision == "all":
        return (*scan.device_masks, *(_mask_line(line, line.engine) for line in scan.lines))
    masks = [
        mask
        for mask in scan.device_masks
        if _SCRUB_RULES(
            _ScrubBox(mask, [n for n in scan.lines if overlaps_line(mask.box, n.box)], known)
        )
    ]
    masks += [
        _mask_line(line, "unread")
        for line in scan.lines
        if is_unreadable_text(line) or not line.text and line.confidence >= OCR_LINE_MIN_CONFIDENCE
    ]
    for block in scan.blocks:
        findings = BlockFindings(scan.lines, block, split_into_rows(scan, block), known, masked)
        _find_phi(findings, spans.get(block.text, ()))
        masks += make_masks(findings)
    masks += [_mask_line(line, "unread") for line in find_unread_neighbors(scan.lines, masks)]
    return tuple(dict.fromkeys(masks))


def _mask_line(line: TextLine, engine: str) -> Mask:
    """Return the mask of a whole line."""
    box = pad_box(line.box, line)
    return Mask(line.frames, box, "TEXT", engine, line.confidence, line.text)


def _find_phi(findings: BlockFindings, model: Sequence[Span]) -> None:
    """Add all findings of one block, given the spans of the text model."""
    text = findings.block.text
    # A single letter or digit of the header occurs everywhere.
    findings.spans += [
        span
        for span in findings.known.find(text, fuzzy=True)
        if len(text[span.begin : span.end].strip()) >= KNOWN_VALUE_MIN_CHARACTERS
    ]
    for row in findings.rows:
        _add_shapes(findings, row)
        for piece in row.pieces:
            _add_findings_of_piece(findings, row, piece)
        _add_unread_begin(findings, row)
    for number in range(len(findings.rows)):
        add_label_values(findings, number)
    add_values_of_misread_labels(findings)
    findings.spans += [span for span in select_identifying(model) if _is_supported(span, findings)]
    apply_context_rules(findings)


def _add_shapes(findings: BlockFindings, row: Row) -> None:
    """Add the spans of a row that have the shape of PHI, within each column."""
    for begin, end in _split_columns(findings, row):
        text = row.text[begin:end]
        patterns = (s for s in select_identifying(find_patterns(text)) if not _is_counter(s, text))
        found = [*find_shapes(text), *patterns]
        kept = [span for span in found if not _is_two_numbers(findings, row, span, begin)]
        findings.add_spans(row, kept, begin)


def _split_columns(findings: BlockFindings, row: Row) -> list[tuple[int, int]]:
    """Return the ranges of a row whose pieces are near each other and were read."""
    parts: list[tuple[int, int]] = []
    before: Piece | None = None
    for piece in row.pieces:
        if findings.get_line(piece).confidence < OCR_SHAPE_MIN_CONFIDENCE:
            before = None
            continue
        if before is not None and findings.measure_gap(before, piece) <= SHAPE_MAX_GAP_HEIGHTS:
            parts[-1] = (parts[-1][0], piece.end)
        else:
            parts.append((piece.begin, piece.end))
        before = piece
    return parts


def _is_two_numbers(findings: BlockFindings, row: Row, span: Span, by: int) -> bool:
    """Return whether a number spans two columns: it holds no letter, and a gap."""
    begin, end = span.begin + by, span.end + by
    if span.entity != "ID" or any(map(str.isalpha, row.text[begin:end])):
        return False
    inside = [piece for piece in row.pieces if piece.begin < end and piece.end > begin]
    return any(
        findings.measure_gap(one, other) > NUMBER_MAX_GAP_HEIGHTS
        for one, other in zip(inside, inside[1:])
    )


def _is_counter(span: Span, row: str) -> bool:
    """Return whether a date without a year is a setting or counts echoes: "Echo 1/2"."""
    if span.entity != "DATE":
        return False
    if is_setting_like_date(row, span.begin, row[span.begin : span.end]):
        return True
    return _COUNTER.search(row[: span.begin]) is not None


def _add_findings_of_piece(findings: BlockFindings, row: Row, piece: Piece) -> None:
    """Add the findings of a piece alone: names, parts of known values, other renderings."""
    line, text = findings.get_line(piece), findings.get_text(row, piece)
    if line.confidence >= OCR_LINE_MIN_CONFIDENCE:
        for begin, end in _split_at_dates(findings, row, piece):
            for find in _FINDERS:
                span = find(row.text[begin:end])
                if span is not None:
                    findings.add_spans(row, [span], begin)
    number = find_short_number(text, findings.known)
    if number is not None:
        findings.add_spans(row, [number], piece.begin)
    for partial in find_partial_matches(text, findings.known):
        findings.partials.append((piece.line, partial))
        findings.add_spans(row, [partial.span], piece.begin)
    if line.confidence < OCR_COMPLETE_LINE_MIN_CONFIDENCE:
        _add_other_rendering(findings, row, piece)


def _add_other_rendering(findings: BlockFindings, row: Row, piece: Piece) -> None:
    """Add a whole piece if another rendering of its line shows PHI that this one does not."""
    line = findings.get_line(piece)
    here = {span.entity for span in findings.find_spans(row, piece.begin, piece.end)}
    for variant in line.variants:
        found = findings.known.find(variant, fuzzy=True)
        if line.confidence >= OCR_SHAPE_MIN_CONFIDENCE:
            found += find_shapes(variant)
        for span in found:
            is_long = span.end - span.begin >= OTHER_RENDERING_MIN_CHARACTERS
            if is_long and span.entity not in here:
                confidence = OTHER_RENDERING_FINDING_CONFIDENCE
                findings.add_span(
                    row,
                    piece.begin,
                    piece.end,
                    span.entity,
                    engine=span.engine,
                    confidence=confidence,
                )
                return


def _split_at_dates(findings: BlockFindings, row: Row, piece: Piece) -> list[tuple[int, int]]:
    """Return the ranges of a piece that may be names: between its dates and before its labels.

    A piece with a field label and without a date has none: its value is added by its label.
    """
    spans = findings.find_spans(row, piece.begin, piece.end)
    dates = [(span.begin, span.end) for span in spans if span.entity == "DATE"]
    labels = find_field_labels(findings.get_text(row, piece))
    if labels and not dates:
        return []
    parts = _find_ranges_between(dates, piece.begin, piece.end)
    first_label = piece.begin + labels[0].begin if labels else piece.end
    return [(begin, end) for begin, end in parts if not begin <= first_label < end]


def _find_ranges_between(
    taken: Sequence[tuple[int, int]], begin: int, end: int
) -> list[tuple[int, int]]:
    """Return the ranges from ``begin`` to ``end`` that are between others, left to right."""
    begins = sorted([begin, *(last for _, last in taken if last < end)])
    ends = [*(first for first, _ in taken if first > begin), end]
    parts = [(one, min((n for n in ends if n >= one), default=end)) for one in begins]
    return [(first, last) for first, last in parts if last > first]


def _add_unread_begin(findings: BlockFindings, row: Row) -> None:
    """Add a row that is the end of a known value, with a mask for the begin that is missing."""
    piece = row.pieces[0]
    missing, entity = count_missing_begin(findings.get_text(row, piece), findings.known)
    if missing:
        line = findings.get_line(piece)
        confidence = KNOWN_FINDING_CONFIDENCE
        findings.add_span(
            row, piece.begin, piece.end, entity, engine="known", confidence=confidence
        )
        box = get_box_before_line(line, missing)
        findings.extra.append(Mask(line.frames, box, entity, "known", UNREAD_FINDING_CONFIDENCE))


def _is_supported(span: Span, findings: BlockFindings) -> bool:
    """Return whether a finding of the model is in a line that was read and not only allowed.

    An address may span several rows, but not rows of technical terms: "Series 4, HELICAL, ST 1".
    """
    text = findings.block.text[span.begin : span.end]
    if span.engine != "ner":
        is_address = span.entity == "LOCATION" and "\n" in text
        return not is_address or not all(is_technical_term(w) for _, _, w in tokenize_row(text))
    is_read = any(
        findings.lines[line].confidence >= OCR_SHAPE_MIN_CONFIDENCE
        for line, begin in findings.block.places
        if begin < span.end and begin + len(findings.lines[line].text) > span.begin
    )
    words = [word for _, _, word in tokenize_row(text)]
    return is_read and not all(is_allowed(word) or is_misread_curve(word) for word in words)


class _ScrubBox(NamedTuple):
    """A box of the device catalog, the lines in it, and the known values."""

    mask: Mask
    lines: list[TextLine]
    known: KnownPHI


def _is_unreliable(box: _ScrubBox) -> bool:
    """Return whether a line of a box was not read reliably."""
    return any(
        line.confidence < OCR_RELIABLE_LINE_MIN_CONFIDENCE or not line.text for line in box.lines
    )


def _has_unknown_word(box: _ScrubBox) -> bool:
    """Return whether a box holds a word that is not in the allow list."""
    return not all(is_allowed(w) for line in box.lines for _, _, w in tokenize_row(line.text))


def _has_phi(box: _ScrubBox) -> bool:
    """Return whether the lines of a box on their own hold PHI."""
    lines = tuple(replace(line, variants=()) for line in box.lines)
    scan = PixelScan(lines=lines, blocks=group_blocks(lines))
    return bool(find_phi_masks(scan, box.known, {}))


#: Decides whether a box of the device catalog is masked. A box of a rule for a class of devices is
#: spared if all of its text was read reliably and is harmless.
_SCRUB_RULES = RuleList[[_ScrubBox], bool](
    "pixels.mask_device_box",
    rule_if("exact_device", lambda box: box.mask.engine != DEVICE_CLASS_ENGINE, True),
    rule_if("nothing_read", lambda box: not box.lines, True),
    rule_if("unreliable_line", _is_unreliable, True),
    rule_if("unknown_word", _has_unknown_word, True),
    rule_if("phi", _has_phi, True),
    default=False,
)
