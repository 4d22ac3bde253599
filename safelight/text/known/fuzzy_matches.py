"""Find what character recognition made of known names and identifiers."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz.distance import Levenshtein

from safelight.records import Span
from safelight.text.lexicon.folding import Folded, fold_text
from safelight.text.lexicon.words import is_word

_PIECE = re.compile(r"[^\s,;:^()\[\]/\\_=.\"-]+")
_NUMBER = re.compile(r"[0-9olisbzg|]+(?:[ ./_-]?[0-9olisbzg|]+)*")
#: Shapes that are taken for each other, one for one, letter side and digit side.
_TO_LETTERS = str.maketrans("01|5826!i", "olisbzgll")
_TO_DIGITS = str.maketrans("oli|sbzgq", "011158269")


def _letters(token: str) -> str:
    return token.translate(_TO_LETTERS).replace("rn", "m").replace("vv", "w").replace("i", "l")


def _allowed(length: int) -> int:
    """Edits that leave a name recognisable: none below 4 letters, one below 8, then two."""
    return 0 if length < 4 else 1 if length < 8 else 2


class FuzzyMatcher:
    """Matches shapes first, then a bounded edit distance; ordinary words are left alone.

    Parameters
    ----------
    names : mapping
        Folded name part → (entity, kind).
    identifiers : iterable of tuple
        (text, entity, kind).
    """

    def __init__(
        self, names: Mapping[str, tuple[str, str]], identifiers: Iterable[tuple[str, str, str]]
    ):
        self._names = [(_letters(token), owner) for token, owner in names.items() if len(token) > 2]
        self._numbers = []
        for text, entity, kind in identifiers:
            compact = "".join(filter(str.isalnum, fold_text(text)))
            digits = compact.translate(_TO_DIGITS)
            if digits.isdigit() and len(digits.lstrip("0")) >= 4:
                self._numbers.append((digits.lstrip("0"), (entity, kind)))

    def find(self, folded: Folded) -> Iterator[Span]:
        """Spans of misread names and numbers, with a confidence below 1."""
        if self._names:
            yield from self._find_names(folded)
        if self._numbers:
            yield from self._find_numbers(folded)

    def _find_names(self, folded: Folded) -> Iterator[Span]:
        for match in _PIECE.finditer(folded.text):
            token = match.group()
            if len(token) < 3 or token.isdigit() or is_word(token):
                continue
            shape = _letters(token)
            for name, (entity, kind) in self._names:
                limit = _allowed(len(name))
                if abs(len(shape) - len(name)) > limit:
                    continue
                distance = Levenshtein.distance(shape, name, score_cutoff=limit)
                if distance <= limit:
                    span = folded.original(*match.span())
                    yield Span(*span, entity, "known", 1 - 0.1 * (distance + 1), kind)
                    break

    def _find_numbers(self, folded: Folded) -> Iterator[Span]:
        for match in _NUMBER.finditer(folded.text):
            compact = "".join(filter(str.isalnum, match.group().replace("|", "1")))
            if sum(map(str.isdigit, compact)) < 2:
                continue
            digits = compact.translate(_TO_DIGITS).lstrip("0")
            for number, (entity, kind) in self._numbers:
                limit = 0 if len(number) < 6 else 1 if len(number) < 10 else 2
                if abs(len(digits) - len(number)) <= limit:
                    distance = Levenshtein.distance(digits, number, score_cutoff=limit)
                    if distance <= limit:
                        span = folded.original(*match.span())
                        yield Span(*span, entity, "known", 1 - 0.1 * (distance + 1), kind)
                        break
