"""Whether a text is English, as far as its small words tell."""

from __future__ import annotations

import re

_SMALL_WORDS = re.compile(
    r"\b(?:der|die|das|und|ist|mit|wir|eine?[rnms]?|nicht|keine?|im|bei|nach|zur|vom|für|seit|"
    r"les?|la|des|du|une|est|pas|avec|pour|dans|sans|et|el|los|las|una|del|con|por|desde|hace|"
    r"refiere|años|sin|de)\b",
    re.I,
)
_ENOUGH = 3


def is_foreign(text: str) -> bool:
    """Whether a text is German, French or Spanish: three of their small words stand in it."""
    return len({word.lower() for word in _SMALL_WORDS.findall(text)}) >= _ENOUGH
