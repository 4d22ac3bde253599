"""Detect German, French and Spanish text by its function words."""

from __future__ import annotations

import re

_FUNCTION_WORDS = re.compile(
    r"\b(?:der|die|das|und|ist|mit|wir|eine?[rnms]?|nicht|keine?|im|bei|nach|zur|vom|für|seit|"
    r"les?|la|des|du|une|est|pas|avec|pour|dans|sans|et|el|los|las|una|del|con|por|desde|hace|"
    r"refiere|años|sin|de)\b",
    re.I,
)
_DISTINCT_WORDS_MIN = 3


def is_foreign_text(text: str) -> bool:
    """Return whether a text is German, French or Spanish: it has three of their function words."""
    return len({word.lower() for word in _FUNCTION_WORDS.findall(text)}) >= _DISTINCT_WORDS_MIN
