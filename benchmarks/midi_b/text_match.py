"""Compare texts as the scorer of the MIDI-B challenge does: by tokens, as substrings."""

from __future__ import annotations

import re
import string
from collections.abc import Sequence

#: Words that are not compared.
_STOPWORDS = frozenset(
    "a about after all am an and any are as at be because been before being below between both but "
    "by can did do does doing don down during each few for from further had has have having he her "
    "here hers him his how i if in into is it its just me more most my no nor not now of off on "
    "once only or other our out over own same she should so some such than that the their them "
    "then there these they this those through to too under until up very was we were what when "
    "where which while who whom why will with you your".split()
)
_SEPARATORS = re.compile(r"[\s,;()\[\]{}^=\\]+")
#: A plus sign is part of a telephone number.
_PUNCTUATION = string.punctuation.replace("+", "") + "“”‘’•"
#: Length from which a token that must be removed is compared.
_MIN_CHARACTERS = 3
_NUMBER = re.compile(r"\d+\.?\d*")


def split_tokens(text: str) -> list[str]:
    """Return the tokens of a text in lower case, without stop words and punctuation.

    Dates, addresses of the web, numbers with dashes and names of sequences are one token each.
    """
    stripped = (part.strip(_PUNCTUATION) for part in _SEPARATORS.split(text.lower()))
    return [token for token in stripped if token and token not in _STOPWORDS]


def are_all_retained(value: str, expected: str) -> bool:
    """Return whether a value still has all tokens of a text; numbers are compared as numbers."""
    if _NUMBER.fullmatch(value) and _NUMBER.fullmatch(expected):
        return float(value) == float(expected)
    return expected.lower() in value.lower() or not _missing(value, split_tokens(expected))


def are_all_removed(value: str, removed: str) -> bool:
    """Return whether a value has no token of a text; numbers are compared as numbers.

    Tokens of one or two characters are not compared, because they occur in other words by chance.
    """
    if _NUMBER.fullmatch(value) and _NUMBER.fullmatch(removed):
        return float(value) != float(removed)
    if removed and removed.lower() in value.lower():
        return False
    tokens = [token for token in split_tokens(removed) if len(token) >= _MIN_CHARACTERS]
    return len(_missing(value, tokens)) == len(tokens)


def _missing(value: str, tokens: Sequence[str]) -> list[str]:
    lower = value.lower()
    return [token for token in tokens if token not in lower]
