"""Lines with text that the engine cannot read: mirrored, foreign, handwritten or tiny."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from safelight.pixels.geometry import Box
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
    OCR_COMPLETE_LINE_MIN_CONFIDENCE,
    OCR_LINE_MIN_CONFIDENCE,
    SETTING_MAX_DIGITS,
    UNKNOWN_WORD_MIN_LETTERS,
    UNREAD_LINE_LEFT_EDGE_TOLERANCE_HEIGHTS,
    UNREAD_LINE_MAX_HEIGHT_RATIO,
    UNREAD_LINE_MIN_EMPTY_SHARE,
    UNREAD_LINE_MIN_OVERLAP_SHARE,
    UNREAD_NEIGHBOR_MIN_CHARACTERS,
    UNREAD_NEIGHBOR_OF_UNREAD_MIN_CHARACTERS,
    UNREAD_PART_MAX_GAP_HEIGHTS,
    UNREADABLE_TEXT_MAX_CONFIDENCE,
    UNREADABLE_TEXT_MIN_ASPECT_RATIO,
    UNREADABLE_TEXT_MIN_CHARACTERS,
)

#: A caliper gives single ones of these letters.
_IDEOGRAMS = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af]{2,}")


def has_ideograms(text: str) -> bool:
    """Return whether a text holds several letters in a row that are neither Latin nor Greek."""
    return _IDEOGRAMS.search(text) is not None


def is_unreadable_text(line: TextLine) -> bool:
    """Return whether a longer line was read badly, as words that no vocabulary holds.

    Edges of anatomy give short or single characters, and labels of a screen at least one word that
    is known, in the text of the line or in another rendering of it.
    """
    box = get_upright_box(line)
    if box.width < UNREADABLE_TEXT_MIN_ASPECT_RATIO * box.height:
        return False
    if line.confidence < UNREADABLE_TEXT_MAX_CONFIDENCE and has_ideograms(line.text):
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


def is_partly_read(line: TextLine) -> bool:
    """Return whether the text of a longer line leaves half of its box empty, before or after it."""
    box, borders = get_upright_box(line), line.character_borders
    if not borders or box.width < UNREADABLE_TEXT_MIN_ASPECT_RATIO * box.height:
        return False
    return max(borders[0], 1 - borders[-1]) > UNREAD_LINE_MIN_EMPTY_SHARE


def find_unread_neighbors(lines: Sequence[TextLine], masks: Sequence[Mask]) -> list[TextLine]:
    """Return the unread lines next to masked ones.

    Mirrored text and foreign scripts are read in either direction, in pieces, or not at all, so
    that the lines of one block of text are in different blocks of the scan.

    Parameters
    ----------
    lines : sequence of TextLine
        All lines of the scan.
    masks : sequence of Mask
        Masks of its lines.
    """
    doubtful = [line for line in lines if _may_be_unread(line)]
    if not doubtful:
        return []
    rest = [line for line in doubtful if not any(_is_covered(line, mask) for mask in masks)]
    around = [
        line
        for line in lines
        if line not in rest and any(overlaps_line(mask.box, line.box) for mask in masks)
    ]
    found: list[TextLine] = []
    while around:
        new = [line for line in rest if any(_belongs_to(line, other) for other in around)]
        rest = [line for line in rest if line not in new]
        found += new
        around = new
    return found


def _is_covered(line: TextLine, mask: Mask) -> bool:
    """Return whether a mask covers half of a line."""
    if not overlaps_line(mask.box, line.box):
        return False
    covered = mask.box.shared_width(line.box) * mask.box.shared_height(line.box)
    return 2 * covered >= line.box.width * line.box.height


def _may_be_unread(line: TextLine) -> bool:
    """Return whether a line was not read completely: badly, upside down or without a known word."""
    if line.confidence >= OCR_COMPLETE_LINE_MIN_CONFIDENCE or not line.text:
        return False
    is_doubtful = line.confidence < OCR_LINE_MIN_CONFIDENCE or line.rotation == 180
    return is_doubtful or not _has_known_word(line.text)


def _belongs_to(line: TextLine, other: TextLine) -> bool:
    """Return whether an unread line continues another line, which is masked."""
    if (line.rotation - other.rotation) % 180 or not share_frames(line, other):
        return False
    box, theirs = (get_upright_box(replace(one, rotation=line.rotation)) for one in (line, other))
    characters = len(_fold(line.text))
    is_badly_read = line.confidence < OCR_LINE_MIN_CONFIDENCE
    is_other_unread = not other.text or _is_inverted(other, line)
    if (is_other_unread or is_badly_read) and characters and _is_beside(box, theirs):
        return True
    if is_other_unread or _is_inverted(line, other):
        least = UNREAD_NEIGHBOR_OF_UNREAD_MIN_CHARACTERS
    else:
        least = UNREAD_NEIGHBOR_MIN_CHARACTERS
        if not is_badly_read:
            return False
    return characters >= least and _is_above_or_below(box, theirs)


def _is_inverted(line: TextLine, other: TextLine) -> bool:
    """Return whether a line reads upside down next to an upright one: it is another script."""
    return line.rotation == 180 and other.rotation == 0


def _is_beside(box: Box, other: Box) -> bool:
    """Return whether a line touches another one in its row."""
    gap = UNREAD_PART_MAX_GAP_HEIGHTS * min(box.height, other.height)
    is_one_row = box.vertical_overlap(other) > UNREAD_LINE_MIN_OVERLAP_SHARE
    return is_one_row and -box.shared_width(other) <= gap


def _is_above_or_below(box: Box, other: Box) -> bool:
    """Return whether a line is directly above or below another one, with an edge in common."""
    low, high = sorted((box.height, other.height))
    if high > UNREAD_LINE_MAX_HEIGHT_RATIO * low:
        return False
    tolerance = UNREAD_LINE_LEFT_EDGE_TOLERANCE_HEIGHTS * high
    is_aligned = min(abs(box.left - other.left), abs(box.right - other.right)) <= tolerance
    return is_aligned and -box.shared_height(other) <= low


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
