"""PHI that is found by the findings next to it: ages, times, numbers, unread and unknown text."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import (
    device_terms,
    is_allowed,
    is_misread_curve,
    is_misread_marker,
    is_sequence_name,
    is_setting,
    is_technical_term,
    tokenize_row,
)
from safelight.pixels.lexicon.device_codes import is_device_code
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.models import Mask, TextLine
from safelight.pixels.ocr.line_merging import get_upright_box
from safelight.pixels.phi.block_findings import BlockFindings, Piece, Row
from safelight.pixels.phi.header_institutions import add_header_institutions
from safelight.pixels.phi.span_boxes import pad_box
from safelight.pixels.phi.unread_lines import has_only_unknown_text, is_unstable_text
from safelight.pixels.thresholds import (
    CONTEXT_FINDING_CONFIDENCE,
    DEVICE_CODE_CHARACTERS,
    FOREIGN_SCRIPT_MIN_LETTERS,
    FOREIGN_SCRIPT_MIN_WORDS,
    INITIALS_MIN_CHARACTERS,
    INSTITUTION_MAX_WORDS,
    KNOWN_FINDING_CONFIDENCE,
    KNOWN_VALUE_PART_MIN_CHARACTERS,
    LONE_NUMBER_MIN_DIGITS,
    OCR_COMPLETE_LINE_MIN_CONFIDENCE,
    OCR_INITIALS_MIN_CONFIDENCE,
    OCR_LINE_MIN_CONFIDENCE,
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    PIECE_MAX_GAP_HEIGHTS,
    TIME_ALONE_MIN_CHARACTERS,
    UNKNOWN_WORD_FINDING_CONFIDENCE,
    UNKNOWN_WORD_MIN_LETTERS,
    UNREAD_FINDING_CONFIDENCE,
    UNREAD_LINE_LEFT_EDGE_TOLERANCE_HEIGHTS,
    UNREAD_LINE_MAX_HEIGHT_RATIO,
    UNREAD_LINE_MIN_OVERLAP_SHARE,
    WHOLE_NAME_MAX_TECHNICAL_WORDS,
    WHOLE_NAME_MAX_WORDS,
)

_SEX = re.compile(r"(?:male|female|männlich|weiblich|[mfw])", re.IGNORECASE)
#: A time of day, with or without seconds.
_TIME = re.compile(r"(?:[01]?\d|2[0-3])[:h][0-5]\d(?::[0-5]\d)?", re.IGNORECASE)
_AGE = re.compile(r"(?:1[01]\d|[1-9]?\d)")
_SEX_AND_AGE = re.compile(r"[MFW][\s/,]+\d{1,3}\s?[yj]?|\d{1,3}\s?[yj]?[\s/,]+[MFW]", re.IGNORECASE)
#: A number of a register: a ratio unless PHI is next to it.
_REGISTER_NUMBER = re.compile(r"\d{2,}/\d{4,}|\d{4,}/\d{2,}")
#: A number after one word, which is its label though no list holds it.
_WORD_AND_NUMBER = re.compile(r"\W*((?:[^\W\d_][.-]?){2,12})[\s:#]+((?:\d[ ./-]?){5,})\W*")

#: The label of a date of birth with misread letters, and a value: "DOR 00/  205".
_MISREAD_BIRTH_DATE = re.compile(r"\W*[DO0][O0D][BR8E3][\s:.]*(\S.*)", re.IGNORECASE)

_Word = tuple[int, int, str]


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
                elif is_unstable_text(line):
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
        _add_number_of_unknown_label(findings, row)
        _add_unknown_words(findings, row)


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


def _add_number_of_unknown_label(findings: BlockFindings, row: Row) -> None:
    """Add the number of a row that holds one other word, which is not a technical term."""
    match = _WORD_AND_NUMBER.fullmatch(row.text)
    if match and not is_technical_term(match[1]):
        begin, end = match.span(2)
        findings.add_span(
            row, begin, end, "ID", engine="layout", confidence=CONTEXT_FINDING_CONFIDENCE
        )


@dataclass(frozen=True)
class _UnknownWord:
    """A word that may be unknown, and its place.

    Attributes
    ----------
    word : str
    letters : int
        Letters in the word.
    confidence : float
        Confidence of its line.
    is_covered : bool
        Whether a finding or a field label overlaps it.
    is_piece_found, is_row_found : bool
        Whether its piece or its row holds a finding.
    """

    word: str
    letters: int
    confidence: float
    is_covered: bool
    is_piece_found: bool
    is_row_found: bool


def _is_curve(unknown: _UnknownWord) -> bool:
    """Return whether a word of a line that was not read completely is OCR of a curve."""
    if unknown.confidence >= OCR_COMPLETE_LINE_MIN_CONFIDENCE:
        return False
    return is_misread_curve(unknown.word)


def _is_too_short(unknown: _UnknownWord) -> bool:
    """Return whether a word has too few letters: two suffice for initials next to a finding."""
    may_be_initials = (
        unknown.is_piece_found
        and unknown.confidence > OCR_INITIALS_MIN_CONFIDENCE
        and unknown.letters == len(unknown.word)
    )
    least = INITIALS_MIN_CHARACTERS if may_be_initials else UNKNOWN_WORD_MIN_LETTERS
    return unknown.letters < least


def _is_marker(unknown: _UnknownWord) -> bool:
    """Return whether a word of a badly read row without PHI is a lead marker of a radiograph."""
    if unknown.is_row_found or unknown.confidence >= OCR_COMPLETE_LINE_MIN_CONFIDENCE:
        return False
    return is_misread_marker(unknown.word)


def _is_three_capitals(unknown: _UnknownWord) -> bool:
    """Return whether a word is three capitals in a row without PHI: a code of the device."""
    word = unknown.word
    return len(word) == DEVICE_CODE_CHARACTERS and word.isupper() and not unknown.is_row_found


#: Decides whether a word stays visible, since it is known or was found already.
_VISIBLE_WORD_RULES = RuleList[[_UnknownWord], bool](
    "pixels.context_rules.visible_word",
    rule_if("covered", lambda unknown: unknown.is_covered, True),
    rule_if("curve", _is_curve, True),
    rule_if("too_short", _is_too_short, True),
    rule_if("allowed", lambda unknown: is_allowed(unknown.word), True),
    rule_if("setting", lambda unknown: is_setting(unknown.word), True),
    rule_if("sequence_name", lambda unknown: is_sequence_name(unknown.word), True),
    rule_if("capitals", _is_three_capitals, True),
    rule_if("device_code", lambda unknown: is_device_code(unknown.word), True),
    rule_if("marker", _is_marker, True),
    default=False,
)


def _add_unknown_words(findings: BlockFindings, row: Row) -> None:
    """Add the words that no vocabulary holds: in doubt they are names."""
    found = [(span.begin, span.end) for span in findings.find_spans(row)]
    covered = [*found, *((one.begin, one.value_begin) for one in find_field_labels(row.text))]
    has_findings = bool(findings.spans)
    for piece in row.pieces:
        line = findings.get_line(piece)
        words = list(tokenize_row(findings.get_text(row, piece)))
        is_text = has_findings or _is_foreign_script(words)
        least = OCR_LINE_MIN_CONFIDENCE if is_text else OCR_RELIABLE_LINE_MIN_CONFIDENCE
        if line.confidence < least:
            continue
        is_piece_found = _overlaps_any(piece.begin, piece.end, found)
        for first, last, word in words:
            begin, end = first + piece.begin, last + piece.begin
            letters = sum(character.isalpha() for character in word)
            is_covered = _overlaps_any(begin, end, covered)
            unknown = _UnknownWord(
                word, letters, line.confidence, is_covered, is_piece_found, bool(found)
            )
            if not _VISIBLE_WORD_RULES(unknown):
                confidence = UNKNOWN_WORD_FINDING_CONFIDENCE
                findings.add_span(row, begin, end, "NAME", engine="unknown", confidence=confidence)
        _add_whole_name(findings, row, piece, words)


def _overlaps_any(begin: int, end: int, ranges: Iterable[tuple[int, int]]) -> bool:
    """Return whether a range overlaps one of several."""
    return any(first < end and last > begin for first, last in ranges)


def _is_foreign_script(words: Sequence[_Word]) -> bool:
    """Return whether the words of a line look like OCR of a script that it does not know."""
    unknown = [w for _, _, w in words if len(w) > 2 and w.isalpha() and not is_allowed(w)]
    letters = sum(map(len, unknown))
    return len(unknown) >= FOREIGN_SCRIPT_MIN_WORDS and letters >= FOREIGN_SCRIPT_MIN_LETTERS


def _add_whole_name(
    findings: BlockFindings, row: Row, piece: Piece, words: Sequence[_Word]
) -> None:
    """Add the words of a short piece around a name in it, up to technical terms."""
    spans = findings.find_spans(row, piece.begin, piece.end)
    if not any(s.entity in ("NAME", "LOCATION") and s.engine != "layout" for s in spans):
        return
    text = findings.get_text(row, piece)
    if len(words) > WHOLE_NAME_MAX_WORDS or find_field_labels(text):
        return
    found = [(span.begin - piece.begin, span.end - piece.begin) for span in spans]
    is_found = [_overlaps_any(first, last, found) for first, last, _ in words]
    for order in (range(len(words)), range(len(words) - 1, -1, -1)):
        for number in _find_words_of_name(words, is_found, order):
            begin, end = piece.begin + words[number][0], piece.begin + words[number][1]
            confidence = UNKNOWN_WORD_FINDING_CONFIDENCE
            findings.add_span(row, begin, end, "NAME", engine="unknown", confidence=confidence)


def _find_words_of_name(
    words: Sequence[_Word], is_found: Sequence[bool], order: Iterable[int]
) -> Iterator[int]:
    """Yield the words that follow a finding in some order, up to technical terms."""
    passed = WHOLE_NAME_MAX_TECHNICAL_WORDS
    for number in order:
        word = words[number][2]
        if is_found[number]:
            passed = 0
        elif is_technical_term(word):
            passed += len(word) > 1
        elif passed < WHOLE_NAME_MAX_TECHNICAL_WORDS:
            yield number
