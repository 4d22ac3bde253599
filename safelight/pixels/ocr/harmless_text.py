"""Lines that were read reliably and show nothing but terms and settings of devices."""

from __future__ import annotations

import re

from safelight.pixels.lexicon.allow_list import (
    is_allowed,
    is_technical_term,
    tokenize_row,
)
from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.ocr.base import Reading
from safelight.pixels.ocr.unread_text import is_read_completely
from safelight.pixels.thresholds import (
    HARMLESS_LINE_MIN_CONFIDENCE,
    SETTING_MAX_DIGITS,
    UNKNOWN_WORD_MIN_LETTERS,
)
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import is_known_name

#: The first digits of a date or time of which the rest may not have been read.
_PART_OF_DATE = re.compile(r"\d[/:-]")
#: Settings with a letter before each number, as of a window: "W 350 L 40".
_LETTERED_SETTINGS = re.compile(r"(?:[A-Z]{1,2}[ :=]?-?\d{1,4}(?:\.\d)? ?){2,4}")


def is_harmless(reading: Reading) -> bool:
    """Return whether a line was read reliably and completely, as words that are not names."""
    return is_reliable(reading) and has_harmless_words_only(reading.text)


def is_reliable(reading: Reading) -> bool:
    """Return whether a line was read reliably and completely."""
    return reading.confidence >= HARMLESS_LINE_MIN_CONFIDENCE and is_read_completely(reading)


def has_harmless_words_only(text: str) -> bool:
    """Return whether a text has only numbers and allowed words, no names or labels."""
    if find_field_labels(text) or _PART_OF_DATE.search(text):
        return False
    words = [word for _, _, word in tokenize_row(text)]
    letters = max((sum(map(str.isalpha, word)) for word in words), default=0)
    return letters >= UNKNOWN_WORD_MIN_LETTERS - 1 and all(map(_is_harmless_word, words))


def has_settings_only(text: str) -> bool:
    """Return whether a text is two to four settings with a letter before each number."""
    return _LETTERED_SETTINGS.fullmatch(text) is not None


def _is_harmless_word(word: str) -> bool:
    """Return whether a word is a term of devices or imaging, or an ordinary word and no name."""
    if sum(map(str.isdigit, word)) > SETTING_MAX_DIGITS or not is_allowed(word):
        return False
    return is_technical_term(word) or not is_known_name(fold_text(word))
