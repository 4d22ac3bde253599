"""Detect German, French and Spanish text by its function words."""

from __future__ import annotations

import re

from safelight.text.lexicon.word_lists import expand_lists

_FUNCTION_WORDS = re.compile(expand_lists(r"\b<list:function_words.language>\b"), re.I)
_DISTINCT_WORDS_MIN = 3


def is_foreign_text(text: str) -> bool:
    """Return whether a text is German, French or Spanish: it has three of their function words."""
    return len({word.lower() for word in _FUNCTION_WORDS.findall(text)}) >= _DISTINCT_WORDS_MIN
