"""Read doubtful lines a second time as tight crops: tiny text enlarged, and mirrored text.

Tiny and mirrored text is read as words that no vocabulary knows, which are masked. If two other
renderings show harmless words, these are the text of the line.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

import cv2
import numpy as np

from safelight.pixels.geometry import Box
from safelight.pixels.lexicon.allow_list import is_allowed, is_technical_term, tokenize_row
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.models import Picture
from safelight.pixels.ocr.base import Reading, TextReader
from safelight.pixels.ocr.unread_text import is_read_completely
from safelight.pixels.thresholds import (
    HARMLESS_LINE_MIN_CONFIDENCE,
    SECOND_READING_ENLARGEMENT,
    SECOND_READING_MARGIN_PIXELS,
    SECOND_READING_MIN_CHARACTERS,
    SECOND_READING_MIN_HARMLESS_RENDERINGS,
    SETTING_MAX_DIGITS,
    STROKE_BACKGROUND_LEVEL,
    STROKE_MIN_DIFFERENCE_LEVELS,
    TINY_LINE_MAX_HEIGHT_PIXELS,
    UNCLEAR_LINE_CONFIDENCES,
    UNKNOWN_WORD_MIN_LETTERS,
)
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import is_known_name

#: The first digits of a date or time of which the rest may not have been read.
_PART_OF_DATE = re.compile(r"\d[/:-]")


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
    return [
        _read_again(line, shown, strokes, reader) if _is_doubtful(line) else line for line in lines
    ]


def is_harmless(reading: Reading) -> bool:
    """Return whether a line was read reliably and completely, as words that are not names."""
    return _is_reliable(reading) and _has_harmless_words_only(reading.text)


def _has_harmless_words_only(text: str) -> bool:
    """Return whether a text has only numbers and allowed words, no names or labels."""
    if find_field_labels(text) or _PART_OF_DATE.search(text):
        return False
    words = [word for _, _, word in tokenize_row(text)]
    letters = max((sum(map(str.isalpha, word)) for word in words), default=0)
    return letters >= UNKNOWN_WORD_MIN_LETTERS - 1 and all(map(_is_harmless_word, words))


def _is_harmless_word(word: str) -> bool:
    """Return whether a word is a term of devices or imaging, or an ordinary word and no name."""
    if sum(map(str.isdigit, word)) > SETTING_MAX_DIGITS or not is_allowed(word):
        return False
    return is_technical_term(word) or not is_known_name(fold_text(word))


def _is_reliable(reading: Reading) -> bool:
    """Return whether a line was read reliably and completely."""
    return reading.confidence >= HARMLESS_LINE_MIN_CONFIDENCE and is_read_completely(reading)


def _is_doubtful(line: Reading) -> bool:
    """Return whether a longer horizontal line was read badly, or holds a misread word."""
    if line.rotation in (90, 270):
        return False
    if not line.text:
        return True
    is_short = sum(map(str.isalnum, line.text)) < SECOND_READING_MIN_CHARACTERS
    if is_short or _has_harmless_words_only(line.text):
        return False
    return _is_badly_read(line) or _is_hard_to_read(line)


def _is_badly_read(line: Reading) -> bool:
    """Return whether the text of a line is doubtful, or missing."""
    return not line.text or line.confidence < HARMLESS_LINE_MIN_CONFIDENCE


def _is_hard_to_read(line: Reading) -> bool:
    """Return whether the letters of a line are so small or unclear that some may be misread."""
    low, high = UNCLEAR_LINE_CONFIDENCES
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


def _read_again(line: Reading, shown: Picture, strokes: Picture, reader: TextReader) -> Reading:
    """Return a doubtful line with the text that other renderings show, if they are better."""
    box = _shrink_to_strokes(line.box.clip(*strokes.shape), strokes)
    if min(box.width, box.height) < 1:
        return line
    if _is_hard_to_read(line):
        enlarged = _read_enlarged(line, box, shown, strokes, reader)
        if enlarged is not None:
            return enlarged
    if _is_badly_read(line) and not _has_long_known_word(line.text):
        return _read_mirrored(line, [_cut(picture, box, 1) for picture in (shown, strokes)], reader)
    return line


def _read_enlarged(
    line: Reading, box: Box, shown: Picture, strokes: Picture, reader: TextReader
) -> Reading | None:
    """Return a line of harmless words if two of three enlarged crops show them.

    A crop that shows the same words as before, which are not harmless, ends the search.
    """
    harmless: list[Reading] = []
    for number, (picture, margin) in enumerate(((shown, 0), (strokes, 0), (shown, 1))):
        if number - len(harmless) >= SECOND_READING_MIN_HARMLESS_RENDERINGS:
            return None
        reading = _read_crop(line, _cut(picture, box, margin), reader)
        if reading.text == line.text:
            return None
        harmless += [reading] if is_harmless(reading) else []
        if len(harmless) == SECOND_READING_MIN_HARMLESS_RENDERINGS:
            return harmless[0]
    return None


def _read_mirrored(line: Reading, crops: Sequence[Picture], reader: TextReader) -> Reading:
    """Return a line as it is read from right to left, if all crops show text in this direction."""
    # The characters of a mirrored line have the order of those of an inverted one.
    turned = replace(line, rotation=180)
    found: list[Reading] = []
    for crop in crops:
        reading = _read_crop(turned, np.ascontiguousarray(crop[:, ::-1]), reader)
        characters = sum(map(str.isalnum, reading.text))
        if characters < SECOND_READING_MIN_CHARACTERS or not _is_reliable(reading):
            return line
        found.append(reading)
    if all(map(is_harmless, found)):
        return found[0]
    return replace(found[0], text="", character_borders=())


def _read_crop(line: Reading, crop: Picture, reader: TextReader) -> Reading:
    """Return a line with the text of a crop."""
    read = reader.recognize([crop])[0]
    variants = tuple(text for text in dict.fromkeys((line.text, *line.variants)) if text)
    return replace(read, box=line.box, rotation=line.rotation, variants=variants)


def _cut(picture: Picture, box: Box, margin: int) -> Picture:
    """Return an enlarged crop of a picture with a margin."""
    wide = box.grow(SECOND_READING_MARGIN_PIXELS, margin).clip(*picture.shape[:2])
    crop = np.ascontiguousarray(picture[wide.slices])
    scale = SECOND_READING_ENLARGEMENT
    return np.asarray(cv2.resize(crop, None, fx=scale, fy=scale), np.uint8)


def _shrink_to_strokes(box: Box, strokes: Picture) -> Box:
    """Return the part of a box that holds strokes; all of it if it holds none."""
    difference = np.abs(strokes[box.slices].astype(np.int16) - STROKE_BACKGROUND_LEVEL)
    rows, columns = (
        np.flatnonzero((difference > STROKE_MIN_DIFFERENCE_LEVELS).any(axis=axis))
        for axis in (1, 0)
    )
    if not rows.size:
        return box
    left, top = int(columns[0]), int(rows[0])
    width, height = int(columns[-1]) + 1 - left, int(rows[-1]) + 1 - top
    return Box(box.left + left, box.top + top, width, height)
