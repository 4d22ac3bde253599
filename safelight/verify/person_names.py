"""Find names of persons in text by lists, as a second reader besides the engine's text model.

A given name next to a surname is a name: ``Anna Lindqvist``, ``LINDQVIST, ANNA`` or ``Anna M.
Lindqvist``. A surname alone is not reported, because eponyms and products look the same. The lists
are those of the 1990 US census, without given names that are words; the engine uses others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from importlib.resources import files

from safelight.verify.identifiers import load_vocabulary

_WORD = r"(?:(?:[A-Z]')?[A-Z][a-z]+(?:-[A-Z][a-z]+)?|(?:[A-Z]')?[A-Z]{3,}(?:-[A-Z]{2,})?)"
_INITIAL = r"(?:[A-Z]\.? )?"
#: Words after which two names are an eponym: Mallory Weiss tear, Stewart Treves syndrome.
_EPONYM = re.compile(
    r"[ -](?:syndromes?|disease|disorder|tears?|murmur|sign|signs|test|maneuver|score|grade|type|"
    r"classification|criteria|procedure|operation|technique|method|protocol|phenomenon|lesion|"
    r"fracture|tumou?r|sarcoma|reaction|index|ratio|catheter|clamp|tube|drain|filter)\b",
    re.IGNORECASE,
)
#: Each pattern has the groups ``given`` and ``family``.
_PATTERNS = (
    re.compile(rf"(?<![\w'-])(?P<given>{_WORD}) {_INITIAL}(?P<family>{_WORD})(?![\w'-])"),
    re.compile(rf"(?<![\w'-])(?P<family>{_WORD}), ?(?P<given>{_WORD})(?![\w'-])"),
)


@lru_cache(maxsize=2)
def _load_list(name: str) -> frozenset[str]:
    """Return the words of a list, case-folded, without words of the vocabulary."""
    text = (files("safelight.verify") / "lists" / name).read_text(encoding="utf-8")
    return frozenset(text.split()) - load_vocabulary()


def find_person_names(text: str) -> Iterator[str]:
    """Yield the names of persons in a text. PHI."""
    for pattern in _PATTERNS:
        position = 0
        while match := pattern.search(text, position):
            if _is_name(match["given"], match["family"]) and not _EPONYM.match(text, match.end()):
                yield match[0]
                position = match.end()
            else:  # the second word may be the first one of a name
                position = _next_word(match)


def _next_word(match: re.Match[str]) -> int:
    """Return the position of the second word of a match."""
    return max(match.start("given"), match.start("family"))


def _is_name(given: str, family: str) -> bool:
    """Return whether two words are a given name and a surname."""
    parts = family.casefold().replace("'", "").split("-")
    return given.casefold() in _load_list("given_names.txt") and any(
        part in _load_list("surnames.txt") for part in parts
    )
