"""Values of field labels such as ``Name:``: to the right, below, and wrapped into further rows."""

from __future__ import annotations

import re
from typing import NamedTuple

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.geometry import Box
from safelight.pixels.lexicon.allow_list import (
    is_allowed,
    is_screen_term,
    is_sequence_name,
    is_technical_term,
    tokenize_row,
)
from safelight.pixels.lexicon.field_labels import FieldLabel, find_field_labels, is_field_label
from safelight.pixels.models import Mask
from safelight.pixels.ocr.line_merging import overlaps_line, share_frames
from safelight.pixels.phi.block_findings import BlockFindings, Piece, Row
from safelight.pixels.phi.partial_matches import count_missing_end, get_box_after_line
from safelight.pixels.thresholds import (
    INDIRECT_LABEL_FINDING_CONFIDENCE,
    LABEL_COLUMN_MIN_ROWS,
    LABEL_COLUMN_TOLERANCE_HEIGHTS,
    LABEL_FINDING_CONFIDENCE,
    OCR_FIELD_LABEL_MIN_CONFIDENCE,
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    PIECE_MAX_GAP_HEIGHTS,
    UNREAD_FINDING_CONFIDENCE,
    VALUE_BELOW_MAX_GAP_HEIGHTS,
    VALUE_BELOW_MIN_OVERLAP_SHARE,
    WRAPPED_VALUE_TOLERANCE_HEIGHTS,
)
from safelight.text.lexicon.folding import fold_text

#: Entity of labels of measurements: their values stay, and they end the value of another label.
_MEASUREMENT = "NONE"
#: Settings whose label is also one of a person: a short number is not a name, a table position
#: not a place, and a gestational age not a date.
_SETTINGS = {
    "NAME": re.compile(r"\d{1,3}(?:\.\d+)?(?:\s?[a-zA-Z%]{1,3})?"),
    "LOCATION": re.compile(r"[A-Z]?\s?(?:[+-]\s?\d{1,4}(?:\.\d+)?|\d{1,4}\.\d{2,})(?:\s?mm)?"),
    "DATE": re.compile(r"[):=\s]*\d{1,2}\s?w(?:ee)?k?s?\s?\d?\s?d?", re.IGNORECASE),
}


class _Value(NamedTuple):
    """The value of a label, without blanks around it, and the entity that the label gives it."""

    entity: str
    text: str


def add_label_values(findings: BlockFindings, number: int) -> None:
    """Add the values of the field labels of a row.

    Parameters
    ----------
    findings : BlockFindings
        Holds the dates that were found by their shape.
    number : int
        Index of the row.
    """
    row = findings.rows[number]
    labels = find_field_labels(row.text)
    for label, following in zip(labels, [*labels[1:], None]):
        if label.entity == _MEASUREMENT:
            continue
        limit = following.begin if following else len(row.text)
        value = row.text[label.value_begin : _find_value_end(findings, row, label, limit)]
        if _IMPLAUSIBLE_VALUE_RULES(_Value(label.entity, value.strip())):
            continue
        if any(map(str.isalnum, value)):
            if label.has_separator or not _is_heading(findings, row, value):
                _add_value(findings, number, label, value, following is None)
        elif following is None and label.has_separator and not findings.masked:
            _add_value_below(findings, number, label)


def _add_value(
    findings: BlockFindings, number: int, label: FieldLabel, value: str, ends_row: bool
) -> None:
    """Add the value to the right of a label, and its continuation if it ends its row."""
    row = findings.rows[number]
    begin = label.value_begin + len(value) - len(value.lstrip())
    end = begin + len(value.strip())
    findings.add_span(
        row, begin, end, label.entity, engine="key", confidence=LABEL_FINDING_CONFIDENCE
    )
    if ends_row:
        _add_unread_end(findings, number, begin, label.entity)
        if label.entity in ("LOCATION", "NAME", "CONTACT"):
            _add_wrapped_rows(findings, number, begin)


def _is_setting_value(value: _Value) -> bool:
    """Return whether a value is a setting: "Name: 120 kV"."""
    pattern = _SETTINGS.get(value.entity)
    return pattern is not None and pattern.fullmatch(value.text) is not None


def _is_sequence_value(value: _Value) -> bool:
    """Return whether a number is the name of an MR sequence."""
    return value.entity == "ID" and is_sequence_name(value.text)


def _is_technical_value(value: _Value) -> bool:
    """Return whether a number consists of several technical terms without a digit."""
    if value.entity != "ID" or any(map(str.isdigit, value.text)):
        return False
    words = [word for _, _, word in tokenize_row(value.text)]
    return len(words) > 1 and all(map(is_technical_term, words))


#: Decides whether a value is implausible for its label.
_IMPLAUSIBLE_VALUE_RULES = RuleList[[_Value], bool](
    "pixels.implausible_value",
    rule_if("setting", _is_setting_value, True),
    rule_if("sequence_name", _is_sequence_value, True),
    rule_if("technical_terms", _is_technical_value, True),
    default=False,
)


def add_values_of_misread_labels(findings: BlockFindings) -> None:
    """Add the values of rows in a column of labelled rows whose own label was misread.

    The value of such a row begins after its first word; a single word is the value.
    """
    column = _find_labelled_boxes(findings)
    if len(column) < LABEL_COLUMN_MIN_ROWS:
        return
    for row in findings.rows:
        if findings.get_line(row.pieces[0]).confidence >= OCR_FIELD_LABEL_MIN_CONFIDENCE:
            continue
        box = findings.get_upright_box(row.pieces[0])
        tolerance = LABEL_COLUMN_TOLERANCE_HEIGHTS * box.height
        aligned = sum(abs(other.left - box.left) <= tolerance for other in column)
        if aligned < LABEL_COLUMN_MIN_ROWS or find_field_labels(row.text):
            continue
        words = [(begin, end) for begin, end, _ in tokenize_row(row.text)]
        if words:
            begin = words[1][0] if len(words) > 1 else 0
            confidence = INDIRECT_LABEL_FINDING_CONFIDENCE
            findings.add_span(row, begin, words[-1][1], "ID", engine="key", confidence=confidence)


def _find_labelled_boxes(findings: BlockFindings) -> list[Box]:
    """Return the boxes of the first pieces of rows that begin with a label and a separator."""
    return [
        findings.get_upright_box(row.pieces[0])
        for row in findings.rows
        if any(one.begin <= 1 and one.has_separator for one in find_field_labels(row.text))
    ]


def _find_value_end(findings: BlockFindings, row: Row, label: FieldLabel, limit: int) -> int:
    """Return the end of the value of a label, at most a limit in the row."""
    begin = label.value_begin
    end = _find_gap(findings, row, begin, limit)
    if label.entity == "DATE":
        return _find_date_end(findings, row, begin, end)
    if label.entity == "ID":
        return begin + _find_number_end(row.text[begin:end])
    return end


def _find_gap(findings: BlockFindings, row: Row, begin: int, limit: int) -> int:
    """Return the end of the last piece before a wide gap after the begin of a value.

    After masking, a wide gap after the label is the masked value.
    """
    before: Piece | None = None
    for piece in row.pieces:
        if piece.end <= begin:
            is_before = findings.masked or row.text[begin : piece.end].strip()
            before = piece if is_before else None
            continue
        if before is not None and findings.measure_gap(before, piece) > PIECE_MAX_GAP_HEIGHTS:
            return min(limit, before.end)
        if findings.get_text(row, piece)[max(0, begin - piece.begin) :].strip():
            before = piece
    return limit


def _find_date_end(findings: BlockFindings, row: Row, begin: int, end: int) -> int:
    """Return the end of the date at the begin of a value, or of the value without a date."""
    ends = [
        span.end
        for span in findings.find_spans(row, begin, end)
        if span.entity == "DATE" and not row.text[begin : max(begin, span.begin)].strip()
    ]
    return min(end, max(ends)) if ends else end


def _find_number_end(value: str) -> int:
    """Return the end of a number that technical terms follow, or of the value without any."""
    words = list(tokenize_row(value))
    for (_, end, word), following in zip(words, (words[n:] for n in range(1, len(words)))):
        is_term = is_screen_term(fold_text(following[0][2]))
        if any(map(str.isdigit, word)) and (is_term or not any(map(str.isdigit, following[0][2]))):
            is_harmless = all(is_allowed(other) for _, _, other in following)
            return end if is_harmless and is_technical_term(following[0][2]) else len(value)
    return len(value)


def _is_heading(findings: BlockFindings, row: Row, value: str) -> bool:
    """Return whether a value without a separator before it is the rest of a heading.

    That is a text of allowed words without a number, unless the row is a label in one column and
    a value in another, as in a form.
    """
    if any(map(str.isdigit, value)):
        return False
    if not all(is_allowed(word) for _, _, word in tokenize_row(value)):
        return False
    texts = [findings.get_text(row, piece) for piece in row.pieces]
    is_form = len(texts) == 2 and is_field_label(texts[0]) and not find_field_labels(texts[1])
    return not is_form


def _add_wrapped_rows(findings: BlockFindings, number: int, begin: int) -> None:
    """Add the pieces of further rows that are below a value and not below its label."""
    row = findings.rows[number]
    left = findings.get_left_edge(row, begin)
    own = findings.get_upright_box(row.pieces[0])
    if abs(own.left - left) <= WRAPPED_VALUE_TOLERANCE_HEIGHTS * own.height:
        return
    for following in findings.rows[number + 1 :]:
        if find_field_labels(following.text):
            return
        below = [p for p in following.pieces if _begins_at(findings.get_upright_box(p), left)]
        if not below or below[0] is not following.pieces[0]:
            return
        first, confidence = below[0], LABEL_FINDING_CONFIDENCE
        findings.add_span(
            following, first.begin, first.end, "LOCATION", engine="key", confidence=confidence
        )


def _begins_at(box: Box, left: float) -> bool:
    """Return whether a box begins at a left edge, within the tolerance of wrapped values."""
    return abs(box.left - left) <= WRAPPED_VALUE_TOLERANCE_HEIGHTS * box.height


def _add_value_below(findings: BlockFindings, number: int, label: FieldLabel) -> None:
    """Add the piece below a label that has no value to the right of it."""
    row = findings.rows[number]
    holder = next((p for p in row.pieces if p.begin <= label.begin < p.end), None)
    if holder is None or number + 1 >= len(findings.rows):
        return
    box, following = findings.get_upright_box(holder), findings.rows[number + 1]
    if find_field_labels(following.text):
        return
    for piece in following.pieces:
        other = findings.get_upright_box(piece)
        gap = VALUE_BELOW_MAX_GAP_HEIGHTS * min(box.height, other.height)
        overlap = box.horizontal_overlap(other)
        if other.top - box.bottom <= gap and overlap > VALUE_BELOW_MIN_OVERLAP_SHARE:
            confidence = INDIRECT_LABEL_FINDING_CONFIDENCE
            findings.add_span(
                following, piece.begin, piece.end, label.entity, engine="key", confidence=confidence
            )


def _add_unread_end(findings: BlockFindings, number: int, begin: int, entity: str) -> None:
    """Add a mask for the rest of a known value that breaks off at the end of its row."""
    row = findings.rows[number]
    if number + 1 < len(findings.rows):
        following = findings.get_upright_box(
            _get_first_reliable_piece(findings, findings.rows[number + 1])
        )
        if _begins_at(following, findings.get_left_edge(row, begin)):
            return  # the value continues there
    line = findings.get_line(row.pieces[-1])
    missing = count_missing_end(row.text[begin:], entity, findings.known)
    if not missing:
        return
    rest = get_box_after_line(line, missing)
    others = (
        other
        for other in findings.lines
        if other is not line
        and other.confidence >= OCR_RELIABLE_LINE_MIN_CONFIDENCE
        and share_frames(line, other)
    )
    if not any(overlaps_line(rest, other.box) for other in others):
        mask = Mask(line.frames, rest, entity, "known", UNREAD_FINDING_CONFIDENCE)
        findings.extra.append(mask)


def _get_first_reliable_piece(findings: BlockFindings, row: Row) -> Piece:
    """Return the first piece of a row that was read reliably, or its first piece."""
    minimum = OCR_RELIABLE_LINE_MIN_CONFIDENCE
    reliable = (piece for piece in row.pieces if findings.get_line(piece).confidence >= minimum)
    return next(reliable, row.pieces[0])
