"""Lines with text that the engine cannot read: mirrored, foreign, handwritten or tiny."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from safelight.pixels.lexicon.allow_list import (
    is_allowed,
    is_misread_curve,
    is_misread_marker,
    is_setting,
    tokenize_row,
)
from safelight.pixels.models import Mask, TextLine
from safelight.pixels.ocr.line_merging import get_upright_box, overlaps_line, share_frames
from safelight.pixels.thresholds import (
    IDEOGRAMS_MIN_CONFIDENCE,
    OCR_LINE_MIN_CONFIDENCE,
    SETTING_MAX_DIGITS,
    UNKNOWN_WORD_MIN_LETTERS,
    UNREAD_LINE_LEFT_EDGE_TOLERANCE_HEIGHTS,
    UNREAD_LINE_MAX_HEIGHT_RATIO,
    UNREAD_NEIGHBOR_MIN_CHARACTERS,
    UNREADABLE_TEXT_MAX_CONFIDENCE,
    UNREADABLE_TEXT_MIN_ASPECT_RATIO,
    UNREADABLE_TEXT_MIN_CHARACTERS,
)

#: Several letters in a row that are neither Latin nor Greek: a caliper gives single ones.
_IDEOGRAMS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")


def is_unreadable_text(line: TextLine) -> bool:
    """Return whether a longer line was read badly, as words that no vocabulary holds.

    Edges of anatomy give short or single characters, and labels of a screen at least one word that
    is known, in the text of the line or in another rendering of it.
    """
    box = get_upright_box(line)
    if box.width < UNREADABLE_TEXT_MIN_ASPECT_RATIO * box.height:
        return False
    if line.confidence < UNREADABLE_TEXT_MAX_CONFIDENCE and _IDEOGRAMS.search(line.text):
        return line.confidence >= IDEOGRAMS_MIN_CONFIDENCE
    if not _is_doubtful_text(line):
        return False
    words = _split(line.text)
    if all(map(_is_short_setting, words)) or any(map(_is_misread_picture, words)):
        return False
    return not any(map(_has_known_word, (line.text, *line.variants)))


def is_unstable_text(line: TextLine) -> bool:
    """Return whether the renderings of a longer line disagree, and none shows known words only.

    The line is a number, or one of its renderings shows an unknown word.
    """
    if not _is_doubtful_text(line) or not line.variants:
        return False
    shown = _fold(line.text)
    if shown in map(_fold, line.variants):
        return False
    if any(_has_known_word(text) and all(map(_is_known, _split(text))) for text in line.variants):
        return False
    return shown.isdigit() or any(map(_has_unknown_word, line.variants))


def has_only_unknown_text(line: TextLine) -> bool:
    """Return whether a longer line was read badly and holds no word of a vocabulary."""
    return _is_doubtful_text(line) and not _has_known_word(line.text)


def find_unread_neighbors(lines: Sequence[TextLine], masks: Sequence[Mask]) -> list[TextLine]:
    """Return the badly read lines directly above or below masked ones.

    Tiny and mirrored text is read in either direction, so that its lines are in different blocks.

    Parameters
    ----------
    lines : sequence of TextLine
        All lines of the scan.
    masks : sequence of Mask
        Masks of its lines.
    """
    doubtful = [
        line
        for line in lines
        if line.confidence < OCR_LINE_MIN_CONFIDENCE
        and len(_fold(line.text)) >= UNREAD_NEIGHBOR_MIN_CHARACTERS
    ]
    if not doubtful:
        return []
    masked = [line for line in lines if any(overlaps_line(mask.box, line.box) for mask in masks)]
    return [
        line
        for line in doubtful
        if line not in masked and any(_is_neighbor(line, other) for other in masked)
    ]


def _is_neighbor(line: TextLine, other: TextLine) -> bool:
    """Return whether a line is directly above or below another, in either direction."""
    if (line.rotation - other.rotation) % 180 or not share_frames(line, other):
        return False
    box, theirs = (get_upright_box(replace(one, rotation=line.rotation)) for one in (line, other))
    low, high = sorted((box.height, theirs.height))
    if high > UNREAD_LINE_MAX_HEIGHT_RATIO * low:
        return False
    tolerance = UNREAD_LINE_LEFT_EDGE_TOLERANCE_HEIGHTS * high
    is_aligned = min(abs(box.left - theirs.left), abs(box.right - theirs.right)) <= tolerance
    return is_aligned and max(box.top - theirs.bottom, theirs.top - box.bottom) <= low


def _is_doubtful_text(line: TextLine) -> bool:
    """Return whether a line has several characters and was read badly."""
    is_doubtful = OCR_LINE_MIN_CONFIDENCE <= line.confidence < UNREADABLE_TEXT_MAX_CONFIDENCE
    return is_doubtful and len(_fold(line.text)) >= UNREADABLE_TEXT_MIN_CHARACTERS


def _split(text: str) -> list[str]:
    """Return the words of a text, without the punctuation around them."""
    return [word for _, _, word in tokenize_row(text)]


def _fold(text: str) -> str:
    """Return the letters and digits of a text."""
    return "".join(filter(str.isalnum, text)).lower()


def _is_known(word: str) -> bool:
    """Return whether a word is in a vocabulary or a setting."""
    return is_allowed(word) or is_setting(word)


def _is_misread_picture(word: str) -> bool:
    """Return whether a word is OCR of a curve, or a misread lead marker."""
    return is_misread_curve(word) or is_misread_marker(word)


def _is_short_setting(word: str) -> bool:
    """Return whether a word is a short number with at most two letters."""
    letters, digits = sum(map(str.isalpha, word)), sum(map(str.isdigit, word))
    return letters < UNKNOWN_WORD_MIN_LETTERS and digits <= SETTING_MAX_DIGITS


def _has_known_word(text: str) -> bool:
    """Return whether a text holds a longer word of a vocabulary, without digits."""
    return any(
        len(word) >= UNKNOWN_WORD_MIN_LETTERS and word.isalpha() and is_allowed(word)
        for word in _split(text)
    )


def _has_unknown_word(text: str) -> bool:
    """Return whether a text holds a longer word that no vocabulary holds."""
    return any(
        sum(map(str.isalpha, word)) > UNKNOWN_WORD_MIN_LETTERS and not _is_known(word)
        for word in _split(text)
    )
