"""PHI that no list has: the words of a block that are neither technical nor everyday words."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import (
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
from safelight.pixels.phi.block_findings import BlockFindings, Piece, Row
from safelight.pixels.phi.unread_lines import has_ideograms
from safelight.pixels.thresholds import (
    CONTEXT_FINDING_CONFIDENCE,
    DEVICE_CODE_CHARACTERS,
    FOREIGN_SCRIPT_MIN_LETTERS,
    FOREIGN_SCRIPT_MIN_WORDS,
    OCR_COMPLETE_LINE_MIN_CONFIDENCE,
    OCR_INITIALS_MIN_CONFIDENCE,
    OCR_LINE_MIN_CONFIDENCE,
    OCR_RELIABLE_LINE_MIN_CONFIDENCE,
    SHORT_NAME_MIN_LETTERS,
    UNKNOWN_WORD_FINDING_CONFIDENCE,
    UNKNOWN_WORD_MIN_LETTERS,
    WHOLE_NAME_MAX_TECHNICAL_WORDS,
    WHOLE_NAME_MAX_WORDS,
)

#: A number after one word, which is its label though no list holds it.
_WORD_AND_NUMBER = re.compile(r"\W*((?:[^\W\d_][.-]?){2,12})[\s:#]+((?:\d[ ./-]?){5,})\W*")
_Word = tuple[int, int, str]


def add_number_of_unknown_label(findings: BlockFindings, row: Row) -> None:
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
    is_cut : bool
        Whether it begins at the left edge of the frame, in a block with a finding.
    """

    word: str
    letters: int
    confidence: float
    is_covered: bool
    is_piece_found: bool
    is_row_found: bool
    is_cut: bool = False


def _is_curve(unknown: _UnknownWord) -> bool:
    """Return whether a word of a line that was not read completely is OCR of a curve."""
    if unknown.confidence >= OCR_COMPLETE_LINE_MIN_CONFIDENCE:
        return False
    return is_misread_curve(unknown.word)


def _is_too_short(unknown: _UnknownWord) -> bool:
    """Return whether a word has too few letters: two suffice for initials next to a finding.

    They also suffice for names in ideograms.
    """
    may_be_initials = (
        unknown.is_piece_found
        and unknown.confidence > OCR_INITIALS_MIN_CONFIDENCE
        and unknown.letters == len(unknown.word)
    )
    may_be_short = may_be_initials or has_ideograms(unknown.word)
    least = SHORT_NAME_MIN_LETTERS if may_be_short else UNKNOWN_WORD_MIN_LETTERS
    return unknown.letters < least


def _is_rest_of_name(unknown: _UnknownWord) -> bool:
    """Return whether a word in lower case lost its beginning at the edge of the frame."""
    return unknown.is_cut and unknown.word.islower() and unknown.word.isalpha()


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
    "pixels.unknown_words.visible",
    rule_if("covered", lambda unknown: unknown.is_covered, True),
    rule_if("curve", _is_curve, True),
    rule_if("too_short", _is_too_short, True),
    rule_if("rest_of_name", _is_rest_of_name, False),
    rule_if("allowed", lambda unknown: is_allowed(unknown.word), True),
    rule_if("setting", lambda unknown: is_setting(unknown.word), True),
    rule_if("sequence_name", lambda unknown: is_sequence_name(unknown.word), True),
    rule_if("capitals", _is_three_capitals, True),
    rule_if("device_code", lambda unknown: is_device_code(unknown.word), True),
    rule_if("marker", _is_marker, True),
    default=False,
)


def add_unknown_words(findings: BlockFindings, row: Row) -> None:
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
            is_cut = has_findings and not begin - piece.begin and line.box.left <= 0
            unknown = _UnknownWord(
                word, letters, line.confidence, is_covered, is_piece_found, bool(found), is_cut
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
