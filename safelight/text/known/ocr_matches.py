"""Find known names and identifiers that character recognition (OCR) misread."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping

from rapidfuzz.distance import Levenshtein

from safelight.records import Span
from safelight.text.lexicon.folding import Folded, fold_text
from safelight.text.lexicon.words import is_word

_TOKEN = re.compile(r"[^\s,;:^()\[\]/\\_=.\"-]+")
_NUMBER = re.compile(r"[0-9olisbzg|]+(?:[ ./_-]?[0-9olisbzg|]+)*")
#: Similar shapes that OCR confuses: digits to letters, and letters to digits.
_TO_LETTERS = str.maketrans("01|5826!i", "olisbzgll")
_TO_DIGITS = str.maketrans("oli|sbzgq", "011158269")


def _letter_shapes(token: str) -> str:
    """Return a token with all similar shapes replaced by the same letters."""
    return token.translate(_TO_LETTERS).replace("rn", "m").replace("vv", "w").replace("i", "l")


def _name_edit_limit(length: int) -> int:
    """Return the edits allowed in a name: none below 4 letters, one below 8, else two."""
    return 0 if length < 4 else 1 if length < 8 else 2


def _number_edit_limit(length: int) -> int:
    """Return the edits allowed in a number: none below 6 digits, one below 10, else two."""
    return 0 if length < 6 else 1 if length < 10 else 2


class OCRMatcher:
    """Matcher for misread values: similar shapes first, then a bounded edit distance.

    Ordinary words are never matched.

    Parameters
    ----------
    names : mapping
        Folded name part → (entity, subtype).
    identifiers : iterable of tuple
        (text, entity, subtype) of each identifier.
    """

    def __init__(
        self, names: Mapping[str, tuple[str, str]], identifiers: Iterable[tuple[str, str, str]]
    ):
        self._names = [
            (_letter_shapes(token), owner) for token, owner in names.items() if len(token) > 2
        ]
        self._numbers = []
        for text, entity, subtype in identifiers:
            compact = "".join(filter(str.isalnum, fold_text(text)))
            digits = compact.translate(_TO_DIGITS)
            if digits.isdigit() and len(digits.lstrip("0")) >= 4:
                self._numbers.append((digits.lstrip("0"), (entity, subtype)))

    def find(self, folded: Folded) -> Iterator[Span]:
        """Yield the spans of misread names and numbers; their confidence is below 1."""
        if self._names:
            yield from self._find_names(folded)
        if self._numbers:
            yield from self._find_numbers(folded)

    def _find_names(self, folded: Folded) -> Iterator[Span]:
        """Yield the tokens that resemble a known name part."""
        for match in _TOKEN.finditer(folded.text):
            token = match.group()
            if len(token) < 3 or token.isdigit() or is_word(token):
                continue
            shape = _letter_shapes(token)
            for name, (entity, subtype) in self._names:
                limit = _name_edit_limit(len(name))
                if abs(len(shape) - len(name)) > limit:
                    continue
                distance = Levenshtein.distance(shape, name, score_cutoff=limit)
                if distance <= limit:
                    span = folded.original(*match.span())
                    yield Span(*span, entity, "known", 1 - 0.1 * (distance + 1), subtype)
                    break

    def _find_numbers(self, folded: Folded) -> Iterator[Span]:
        """Yield the numbers that resemble a known identifier."""
        for match in _NUMBER.finditer(folded.text):
            compact = "".join(filter(str.isalnum, match.group().replace("|", "1")))
            if sum(map(str.isdigit, compact)) < 2:
                continue
            digits = compact.translate(_TO_DIGITS).lstrip("0")
            for number, (entity, subtype) in self._numbers:
                limit = _number_edit_limit(len(number))
                if abs(len(digits) - len(number)) <= limit:
                    distance = Levenshtein.distance(digits, number, score_cutoff=limit)
                    if distance <= limit:
                        span = folded.original(*match.span())
                        yield Span(*span, entity, "known", 1 - 0.1 * (distance + 1), subtype)
                        break
