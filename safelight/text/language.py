"""Detect German, Spanish, French, Italian and Portuguese text by its words."""

from __future__ import annotations

import re
from functools import cache

from safelight.text.lexicon.word_lists import expand_lists, read_list
from safelight.text.lexicon.words import is_word

_FUNCTION_WORDS = re.compile(expand_lists(r"\b<list:function_words.language>\b"), re.I)
_DISTINCT_FUNCTION_WORDS_MIN = 3
#: Clinical words are shared by languages more often than function words.
_DISTINCT_CLINICAL_WORDS_MIN = 4
_ENGLISH_WORDS = re.compile(
    r"\b(?:the|and|of|with|was|were|is|are|for|has|had|have|to|on|at|by|this|that|from|he|she|his|"
    r"her|they|it|not|be|been|or|which|will)\b",
    re.I,
)
_TOKEN = re.compile(r"[^\W\d_]{4,}")


def is_foreign_text(text: str) -> bool:
    """Return whether a text is in one of the five languages.

    It has three of their function words, or four of their clinical words that are not English.
    """
    found = {word.lower() for word in _FUNCTION_WORDS.findall(text)}
    if len(found) >= _DISTINCT_FUNCTION_WORDS_MIN:
        return True
    words = _clinical_words().intersection(_TOKEN.findall(text.lower()))
    return len(words) >= _DISTINCT_CLINICAL_WORDS_MIN


def is_mostly_foreign_text(text: str) -> bool:
    """Return whether a text is foreign and has fewer English function words than foreign words.

    An English note may hold foreign names and places (``de la Cruz``, ``Los Alamos``).
    """
    if not is_foreign_text(text):
        return False
    words = _TOKEN.findall(text.lower())
    foreign = len(_FUNCTION_WORDS.findall(text)) + sum(map(_clinical_words().__contains__, words))
    return foreign > len(_ENGLISH_WORDS.findall(text))


@cache
def _clinical_words() -> frozenset[str]:
    """Return the words of the five languages that are not English."""
    return frozenset(word for word in read_list("foreign_words.txt") if not is_word(word))
