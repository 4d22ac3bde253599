"""Known values of which only a part could be read: cut by the edge, drowned by the picture."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from rapidfuzz.distance import Levenshtein

from safelight.pixels.keys import shape
from safelight.pixels.ocr.base import Box
from safelight.pixels.records import TextLine
from safelight.pixels.vocabulary import is_allowed, words_of
from safelight.records import Span
from safelight.text.known import KnownPHI

#: Characters of a known value that have to be there.
SHORTEST = 4


@dataclass(frozen=True)
class Partial:
    """A part of a known value, and how many of its characters are missing on either side."""

    span: Span
    before: int
    after: int

    def extended(self, box: Box, line: TextLine) -> Box:
        """The box with room for the missing characters, in reading direction."""
        if not (self.before or self.after) or not line.text:
            return box
        x, y, w, h = box
        if line.turn in (90, 270):
            step = line.box[3] / len(line.text)
            first, last = (self.before, self.after) if line.turn == 90 else (self.after, self.before)
            return (x, y - round(first * step), w, h + round((first + last) * step))
        step = line.box[2] / len(line.text)
        first, last = (self.before, self.after) if not line.turn else (self.after, self.before)
        return (x - round(first * step), y, w + round((first + last) * step), h)


def find_partial(text: str, known: KnownPHI) -> list[Partial]:
    """Words of a text that are a part of a known word, or it with a few letters misread."""
    found = []
    tokens = _tokens(known)
    words = list(words_of(text))
    for index, (begin, end, word) in enumerate(words):
        seen = shape(word)
        if len(seen) < SHORTEST or is_allowed(word) and not any(c.isdigit() for c in word):
            continue
        for token, entity in tokens:
            missing = _missing(seen, token)
            if missing is None:
                continue
            before = missing[0] if index == 0 else 0
            after = missing[1] if index == len(words) - 1 else 0
            span = Span(begin, end, entity, "known", 0.8)
            found.append(Partial(span, before, after))
            break
    return found


def _missing(seen: str, token: str) -> tuple[int, int] | None:
    """Characters missing before and after, or nothing when it is no part of the token."""
    if len(seen) < len(token):
        if token.endswith(seen):
            return len(token) - len(seen), 0
        if token.startswith(seen):
            return 0, len(token) - len(seen)
        if len(seen) >= 6 and seen in token:
            place = token.index(seen)
            return place, len(token) - len(seen) - place
        for spare in (seen[1:], seen[:-1]):  # the character at the cut is misread most often
            if len(spare) >= SHORTEST:
                if token.endswith(spare):
                    return len(token) - len(seen), 0
                if token.startswith(spare):
                    return 0, len(token) - len(seen)
    allowed = max(1, len(token) // 4)
    if len(seen) >= 5 and Levenshtein.distance(seen, token, score_cutoff=allowed) <= allowed:
        return 0, 0
    return None


@lru_cache(maxsize=256)
def _tokens(known: KnownPHI) -> tuple[tuple[str, str], ...]:
    """The words of the known values by shape, longest first; ordinary words left out."""
    tokens: dict[str, str] = {}
    for value in known.values:
        if value.entity == "DATE":
            continue
        for _, _, word in words_of(value.text.replace("^", " ").replace("=", " ")):
            token = shape(word)
            if len(token) >= SHORTEST and (value.entity == "ID" or not is_allowed(word)):
                tokens.setdefault(token, value.entity)
    return tuple(sorted(tokens.items(), key=lambda item: (-len(item[0]), item)))
