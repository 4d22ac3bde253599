"""Lines that name a person by what stands in them alone: names, and initials of who took a film."""

from __future__ import annotations

import re

from safelight.pixels.lexicon.allow_list import (
    device_terms,
    is_allowed,
    is_technical_term,
    tokenize_row,
)
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import (
    everyday_words,
    given_names,
    imaging_words,
    is_borne,
    may_be_name,
    surnames_that_are_words,
)

#: The mark of a side with letters beside it, as they stand on films.
_MARKED = re.compile(r"(?:[LR]|LT|RT|LEFT|RIGHT)\s+([A-Z]{2,3})|([A-Z]{2,3})\s+(?:[LR]|LEFT|RIGHT)")


def find_initials(piece: str) -> Span | None:
    """Who took a film: two or three letters of no vocabulary beside the mark of a side."""
    match = _MARKED.fullmatch(piece.strip())
    if match is None:
        return None
    letters = match[1] or match[2]
    if is_technical_term(letters):
        return None
    begin = piece.index(letters, 1 if match[1] else 0)
    return Span(begin, begin + len(letters), "NAME", "form", 0.7, "INITIALS")


def find_person(piece: str) -> Span | None:
    """The whole of a short piece, if it is a given name beside one or two other words.

    A frequent surname that is no everyday word is one alone. Words that are in a vocabulary as
    well count when people bear them as names; all words must then be such.
    """
    words = [word for _, _, word in tokenize_row(piece)]
    if len(words) == 1 and _is_surname(fold_text(words[0])):
        return Span(0, len(piece), "NAME", "form", 0.7, "PERSON")
    if not 2 <= len(words) <= 4 or not all(re.fullmatch(r"[^\W\d_][\w'.-]*", w) for w in words):
        return None
    folded = [fold_text(word) for word in words]
    joined = any(map(_of_syllables, folded)) and any(map(is_borne, folded))
    named = any(len(word) > 2 and word in given_names() for word in folded)
    borne = len(words) <= 3 and all(len(w) == 1 or may_be_name(w) for w in folded)
    known = all(word in imaging_words() for word in folded)
    strange = not all(is_allowed(word) for word in words)
    if joined or named and (borne and not known or strange):
        return Span(0, len(piece), "NAME", "form", 0.8, "PERSON")
    return None


def _is_surname(word: str) -> bool:
    """Whether a word that stands alone is a surname rather than one of a screen."""
    ordinary = word in everyday_words() or word in device_terms()
    return len(word) > 2 and word in surnames_that_are_words() and not ordinary


def _of_syllables(word: str) -> bool:
    """Whether a word is two short ones joined, as Min-ho and Wei-Ling, and not of the trade."""
    parts = word.split("-")
    if len(parts) != 2 or not all(2 <= len(part) <= 5 and part.isalpha() for part in parts):
        return False
    return not any(part in device_terms() or part in imaging_words() for part in parts)
