"""PHI that is found by the findings next to it: ages, times, numbers and unread text."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import device_terms, tokenize_row
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.models import Mask, TextLine
from safelight.pixels.ocr.line_merging import get_upright_box
from safelight.pixels.phi.block_findings import BlockFindings, Piece, Row
from safelight.pixels.phi.header_institutions import add_header_institutions
from safelight.pixels.phi.span_boxes import pad_box
from safelight.pixels.phi.unknown_words import add_number_of_unknown_label, add_unknown_words
from safelight.pixels.phi.unread_lines import (
    has_only_unknown_text,
    is_partly_read,
    is_unstable_text,
)
from safelight.pixels.thresholds import (
    CONTEXT_FINDING_CONFIDENCE,
    INSTITUTION_MAX_WORDS,
    KNOWN_FINDING_CONFIDENCE,
    KNOWN_VALUE_PART_MIN_CHARACTERS,
    LONE_NUMBER_MIN_DIGITS,
    OCR_COMPLETE_LINE_MIN_CONFIDENCE,
    OCR_LINE_MIN_CONFIDENCE,
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    PIECE_MAX_GAP_HEIGHTS,
    TIME_ALONE_MIN_CHARACTERS,
    UNREAD_FINDING_CONFIDENCE,
    UNREAD_LINE_LEFT_EDGE_TOLERANCE_HEIGHTS,
    UNREAD_LINE_MAX_HEIGHT_RATIO,
    UNREAD_LINE_MIN_OVERLAP_SHARE,
)

_SEX = re.compile(r"(?:male|female|männlich|weiblich|[mfw])", re.IGNORECASE)
#: A time of day, with or without seconds.
_TIME = re.compile(r"(?:[01]?\d|2[0-3])[:h][0-5]\d(?::[0-5]\d?)?", re.IGNORECASE)
_AGE = re.compile(r"(?:1[01]\d|[1-9]?\d)")
_SEX_AND_AGE = re.compile(r"[MFW][\s/,]+\d{1,3}\s?[yj]?|\d{1,3}\s?[yj]?[\s/,]+[MFW]", re.IGNORECASE)
#: A number of a register: a ratio unless PHI is next to it.
_REGISTER_NUMBER = re.compile(r"\d{2,}/\d{4,}|\d{4,}/\d{2,}")
#: The label of a date of birth with misread letters, and a value: "DOR 00/  205".
_MISREAD_BIRTH_DATE = re.compile(r"\W*[DO0][O0D][BR8E3][\s:.]*(\S.*)", re.IGNORECASE)


def apply_context_rules(findings: BlockFindings) -> None:
    """Add the text that is PHI because of the findings next to it in a block.

    Parameters
    ----------
    findings : BlockFindings
        Holds all findings of shapes, labels, known values and the text model.
    """
    if findings.spans or findings.extra:
        for index, row in enumerate(findings.rows):
            _add_sex_and_age(findings, row)
            _add_part_of_known_value(findings, row)
            adjacent = _find_adjacent_entities(findings, index)
            for number, piece in enumerate(row.pieces):
                line = findings.get_line(piece)
                if line.confidence < OCR_LINE_MIN_CONFIDENCE or not line.text:
                    _add_unread_piece(findings, row, piece)
                elif is_unstable_text(line) or is_partly_read(line):
                    _add_unread_piece(findings, row, piece)
                elif _is_half_found(findings, row, piece):
                    _add_whole_piece(findings, row, piece)
                else:
                    _add_words_by_context(findings, row, number, adjacent)
                    _add_misread_birth_date(findings, row, piece)
        add_header_institutions(findings)
        for row, below in zip(findings.rows, findings.rows[1:]):
            _add_institution_above_address(findings, row, below)
    for row in findings.rows:
        add_number_of_unknown_label(findings, row)
        add_unknown_words(findings, row)


def _add_sex_and_age(findings: BlockFindings, row: Row) -> None:
    """Add a row that consists of sex and age."""
    if _SEX_AND_AGE.fullmatch(row.text.strip()):
        end = len(row.text)
        findings.add_span(
            row, 0, end, "AGE", engine="layout", confidence=CONTEXT_FINDING_CONFIDENCE
        )


def _add_misread_birth_date(findings: BlockFindings, row: Row, piece: Piece) -> None:
    """Add the value of a badly read line whose label resembles that of a date of birth."""
    text = findings.get_text(row, piece)
    match = _MISREAD_BIRTH_DATE.fullmatch(text)
    if match is None or findings.get_line(piece).confidence >= OCR_COMPLETE_LINE_MIN_CONFIDENCE:
        return
    if not any(map(str.isdigit, match[1])):
        return
    begin, end = piece.begin + match.start(1), piece.begin + match.end(1)
    findings.add_span(
        row, begin, end, "DATE", engine="layout", confidence=CONTEXT_FINDING_CONFIDENCE
    )


def _add_institution_above_address(findings: BlockFindings, row: Row, below: Row) -> None:
    """Add a short row of words above a street, a place or a telephone number: an institution."""
    entities = {span.entity for span in findings.find_spans(below)}
    if findings.find_spans(row) or entities.isdisjoint({"LOCATION", "CONTACT"}):
        return
    words = [word for _, _, word in tokenize_row(row.text)]
    is_short = 1 <= len(words) <= INSTITUTION_MAX_WORDS
    if not is_short or any(map(str.isdigit, row.text)) or find_field_labels(row.text):
        return
    if all(word.lower() in device_terms() for word in words):
        return
    findings.add_span(
        row,
        0,
        len(row.text),
        "LOCATION",
        engine="layout",
        confidence=CONTEXT_FINDING_CONFIDENCE,
    )


def _add_part_of_known_value(findings: BlockFindings, row: Row) -> None:
    """Add a row that is a part of a known value, if that entity was found elsewhere."""
    labels = find_field_labels(row.text)
    begin = labels[-1].value_begin if labels else 0
    shown = _join_words(row.text[begin:])
    if len(shown) < KNOWN_VALUE_PART_MIN_CHARACTERS:
        return
    for value in findings.known.values:
        if value.entity not in ("LOCATION", "NAME"):
            continue
        is_found = any(s.entity == value.entity and s.engine == "known" for s in findings.spans)
        if is_found and shown in _join_words(value.text.replace("^", " ")):
            end = len(row.text)
            findings.add_span(
                row, begin, end, value.entity, engine="known", confidence=KNOWN_FINDING_CONFIDENCE
            )


def _join_words(text: str) -> str:
    """Return the words of a text in lower case, joined by blanks."""
    return " ".join(word for _, _, word in tokenize_row(text)).lower()


def _add_unread_piece(findings: BlockFindings, row: Row, piece: Piece) -> None:
    """Add a piece that was hardly read if it is aligned with the text of its block."""
    line = findings.get_line(piece)
    if not _is_aligned(findings, line):
        return
    _add_whole_piece(findings, row, piece)
    if not line.text:
        box = pad_box(line.box, line)
        mask = Mask(line.frames, box, "TEXT", "layout", UNREAD_FINDING_CONFIDENCE)
        findings.extra.append(mask)


def _add_whole_piece(findings: BlockFindings, row: Row, piece: Piece) -> None:
    """Add a whole piece as text that was not read."""
    confidence = UNREAD_FINDING_CONFIDENCE
    findings.add_span(row, piece.begin, piece.end, "TEXT", engine="layout", confidence=confidence)


def _is_half_found(findings: BlockFindings, row: Row, piece: Piece) -> bool:
    """Return whether a badly read piece without a known word holds a finding."""
    if not has_only_unknown_text(findings.get_line(piece)):
        return False
    return bool(findings.find_spans(row, piece.begin, piece.end))


def _is_aligned(findings: BlockFindings, line: TextLine) -> bool:
    """Return whether a line shares a row or a left edge with a reliable line of its block."""
    box = get_upright_box(line)
    if line.text and box.width < box.height:
        return False
    for index, _ in findings.block.places:
        other = findings.lines[index]
        if other is line or other.rotation != line.rotation:
            continue
        if other.confidence < OCR_RELIABLE_LINE_MIN_CONFIDENCE:
            continue
        theirs = get_upright_box(other)
        low, high = sorted((theirs.height, box.height))
        if high > UNREAD_LINE_MAX_HEIGHT_RATIO * low:
            continue
        distance = abs(theirs.left - box.left)
        if distance <= UNREAD_LINE_LEFT_EDGE_TOLERANCE_HEIGHTS * theirs.height:
            return True
        if theirs.vertical_overlap(box) > UNREAD_LINE_MIN_OVERLAP_SHARE:
            return True
    return False


@dataclass(frozen=True)
class _WordContext:
    """A word of a piece and the findings next to it.

    Attributes
    ----------
    word : str
    is_only_word : bool
        Whether the piece holds no other word.
    near, block : set of str
        Entities found in the piece and the pieces next to it, and in the block.
    has_sex : bool
        Whether a word of the piece is a sex.
    is_piece_found : bool
        Whether the piece itself holds a finding.
    is_setting : bool
        Whether the word has a sign of equality after it: "W= 400".
    adjacent : set of str
        Entities found in the rows above and below, if the word is alone in its row.
    """

    word: str
    is_only_word: bool
    near: set[str]
    block: set[str]
    has_sex: bool
    is_piece_found: bool
    is_setting: bool
    adjacent: set[str]


def _is_sex(context: _WordContext) -> bool:
    """Return whether a word is the sex of a person next to it, or alone and written out."""
    if _SEX.fullmatch(context.word) is None or context.is_setting:
        return False
    if context.is_only_word and not context.adjacent.isdisjoint({"NAME", "ID", "AGE", "DATE"}):
        return True
    is_near_person = not context.near.isdisjoint({"NAME", "ID", "AGE", "DATE"})
    return is_near_person or context.is_only_word and len(context.word) > 1


def _is_time(context: _WordContext) -> bool:
    """Return whether a word is a time next to a date, or alone in a block with PHI of a header."""
    if _TIME.fullmatch(context.word) is None:
        return False
    if "DATE" in context.near or context.is_only_word and "DATE" in context.block:
        return True
    is_alone = context.is_only_word and len(context.word) >= TIME_ALONE_MIN_CHARACTERS
    return is_alone and not context.block.isdisjoint({"NAME", "ID"})


def _is_lone_number(context: _WordContext) -> bool:
    """Return whether a word is a longer number alone in its piece."""
    is_long = context.word.isdigit() and len(context.word) >= LONE_NUMBER_MIN_DIGITS
    return is_long and context.is_only_word


def _is_register_number(context: _WordContext) -> bool:
    """Return whether a word has the shape of a register number in a piece with PHI."""
    return context.is_piece_found and _REGISTER_NUMBER.fullmatch(context.word) is not None


def _is_age(context: _WordContext) -> bool:
    """Return whether a word is an age next to a sex, a name or another age."""
    if _AGE.fullmatch(context.word) is None:
        return False
    if context.has_sex and context.near:
        return True
    return context.is_only_word and not context.near.isdisjoint({"NAME", "AGE"})


#: Entity of a word by the findings next to it, or empty.
_WORD_CONTEXT_RULES = RuleList[[_WordContext], str](
    "pixels.context_rules.word",
    rule_if("sex", _is_sex, "AGE"),
    rule_if("time", _is_time, "DATE"),
    rule_if("lone_number", _is_lone_number, "ID"),
    rule_if("register_number", _is_register_number, "ID"),
    rule_if("age", _is_age, "AGE"),
    default="",
)


def _find_adjacent_entities(findings: BlockFindings, index: int) -> set[str]:
    """Return the entities in the rows above and below a row of one piece; none for other rows."""
    rows = findings.rows
    if len(rows[index].pieces) != 1:
        return set()
    around = (*rows[max(0, index - 1) : index], *rows[index + 1 : index + 2])
    return {span.entity for row in around for span in findings.find_spans(row)}


def _add_words_by_context(
    findings: BlockFindings, row: Row, number: int, adjacent: set[str]
) -> None:
    """Add the words of a piece that are PHI because of the findings next to it."""
    piece = row.pieces[number]
    text = findings.get_text(row, piece)
    words = list(tokenize_row(text))
    near = {
        span.entity
        for one in _find_near_pieces(findings, row, number)
        for span in findings.find_spans(row, one.begin, one.end)
    }
    block = {span.entity for span in findings.spans}
    has_sex = any(_SEX.fullmatch(word) for _, _, word in words)
    is_piece_found = bool(findings.find_spans(row, piece.begin, piece.end))
    for first, last, word in words:
        entity = _WORD_CONTEXT_RULES(
            _WordContext(
                word,
                len(words) == 1,
                near,
                block,
                has_sex,
                is_piece_found,
                text[last:].lstrip().startswith("="),
                adjacent,
            )
        )
        if entity:
            begin, end = piece.begin + first, piece.begin + last
            findings.add_span(
                row, begin, end, entity, engine="layout", confidence=CONTEXT_FINDING_CONFIDENCE
            )


def _find_near_pieces(findings: BlockFindings, row: Row, number: int) -> list[Piece]:
    """Return a piece and those next to it in its row, if the gap is small."""
    pieces = row.pieces
    piece, near = pieces[number], [pieces[number]]
    if number and findings.measure_gap(pieces[number - 1], piece) <= PIECE_MAX_GAP_HEIGHTS:
        near.append(pieces[number - 1])
    if number + 1 < len(pieces):
        if findings.measure_gap(piece, pieces[number + 1]) <= PIECE_MAX_GAP_HEIGHTS:
            near.append(pieces[number + 1])
    return near
