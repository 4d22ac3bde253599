"""Read doubtful lines a second time as tight crops: tiny text enlarged, and mirrored text.

Tiny and mirrored text is read as words that no vocabulary knows, which are masked. If two other
renderings show harmless words, these are the text of the line.
"""

from __future__ import annotations

from collections.abc import Sequence

from safelight.pixels.lexicon.allow_list import is_allowed, tokenize_row
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.harmless_text import has_harmless_words_only, is_harmless
from safelight.pixels.ocr.mirrored_lines import Flip, read_mirrored_line, read_mirrored_rest
from safelight.pixels.ocr.tight_crops import cut_crop, read_crop, shrink_to_strokes
from safelight.pixels.thresholds import (
    HARMLESS_LINE_MIN_CONFIDENCE,
    SECOND_READING_MIN_CHARACTERS,
    SECOND_READING_MIN_HARMLESS_RENDERINGS,
    SECOND_READING_VERTICAL_MIN_CHARACTERS,
    SETTING_MAX_DIGITS,
    TINY_LINE_MAX_HEIGHT_PIXELS,
    UNCLEAR_LINE_CONFIDENCES,
)


def read_doubtful_lines(
    lines: Sequence[Reading], shown: Picture, strokes: Picture, reader: TextReader
) -> list[Reading]:
    """Return the lines, the doubtful ones with the text of a second reading.

    Parameters
    ----------
    lines : sequence of Reading
        Merged readings of a frame.
    shown, strokes : ndarray of uint8
        The frame and its stroke picture.
    reader : TextReader

    Returns
    -------
    list of Reading
        A mirrored line that is not harmless has no text.
    """
    found, flips = [], []
    for line in lines:
        reading, flip = line, None
        if _is_doubtful(line):
            reading, flip = _read_again(line, shown, strokes, reader)
        found.append(reading)
        flips.append(flip)
    return read_mirrored_rest(found, flips, shown, strokes, reader)


def _is_doubtful(line: Reading) -> bool:
    """Return whether a longer line was read badly, or holds a misread word.

    Edges of anatomy are often read as a short vertical line.
    """
    characters = sum(map(str.isalnum, line.text))
    if line.rotation in (90, 270):
        return _is_badly_read(line) and characters >= SECOND_READING_VERTICAL_MIN_CHARACTERS
    if not line.text:
        return True
    if characters < SECOND_READING_MIN_CHARACTERS or has_harmless_words_only(line.text):
        return False
    return _is_badly_read(line) or _is_hard_to_read(line)


def _is_badly_read(line: Reading) -> bool:
    """Return whether the text of a line is doubtful, or missing."""
    return not line.text or line.confidence < HARMLESS_LINE_MIN_CONFIDENCE


def _is_hard_to_read(line: Reading) -> bool:
    """Return whether the letters of a line are so small or unclear that some may be misread."""
    low, high = UNCLEAR_LINE_CONFIDENCES
    if line.rotation in (90, 270):
        return False
    if not line.text or line.confidence < low or _has_long_number(line.text):
        return False
    return line.box.height <= TINY_LINE_MAX_HEIGHT_PIXELS or line.confidence < high


def _has_long_number(text: str) -> bool:
    """Return whether a word of a text has so many digits that it is not harmless."""
    return any(sum(map(str.isdigit, word)) > SETTING_MAX_DIGITS for word in text.split())


def _has_long_known_word(text: str) -> bool:
    """Return whether a text has a word that is not the misreading of a mirrored one."""
    words = (word for _, _, word in tokenize_row(text) if word.isalpha())
    return any(len(word) >= SECOND_READING_MIN_CHARACTERS and is_allowed(word) for word in words)


def _read_again(
    line: Reading, shown: Picture, strokes: Picture, reader: TextReader
) -> tuple[Reading, Flip | None]:
    """Return a doubtful line with the text that other renderings show, if they are better.

    The second value is the direction in which the line is mirrored, or None.
    """
    if _is_hard_to_read(line):
        enlarged = _read_enlarged(line, shown, strokes, reader)
        if enlarged is not None:
            return enlarged, None
    if _is_badly_read(line) and not _has_long_known_word(line.text):
        return read_mirrored_line(line, shown, strokes, reader)
    return line, None


def _read_enlarged(
    line: Reading, shown: Picture, strokes: Picture, reader: TextReader
) -> Reading | None:
    """Return a line of harmless words if two of three enlarged crops show them.

    A crop that shows the same words as before, which are not harmless, ends the search.
    """
    box = shrink_to_strokes(line.box.clip(*strokes.shape), strokes)
    if min(box.width, box.height) < 1:
        return None
    harmless: list[Reading] = []
    for number, (picture, margin) in enumerate(((shown, 0), (strokes, 0), (shown, 1))):
        if number - len(harmless) >= SECOND_READING_MIN_HARMLESS_RENDERINGS:
            return None
        reading = read_crop(line, cut_crop(picture, box, margin), reader)
        if reading.text == line.text:
            return None
        harmless += [reading] if is_harmless(reading) else []
        if len(harmless) == SECOND_READING_MIN_HARMLESS_RENDERINGS:
            return harmless[0]
    return None
