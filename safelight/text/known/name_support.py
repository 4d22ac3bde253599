"""Whether parts of a known name that stand together in a text are the name, or mere words."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from safelight.records import Span
from safelight.text.known.name_parts import INITIAL, PARTICLE, STRONG, WEAK, WORD
from safelight.text.lexicon.folding import Folded
from safelight.text.lexicon.words import (
    imaging_words,
    is_borne,
    is_word,
    read_list,
    surnames_that_are_words,
)

#: (entity, kind)
Owner = tuple[str, str]

#: No longer than the title of a series: the words of it are terms, not sentences.
LONGEST_TITLE = 64
#: What may stand between the parts of a name.
GAP = re.compile(r"[\s,.^_\-='+/]{0,3}")
_TITLE_BEFORE = re.compile(
    r"(?:\b(?:mr|mrs|ms|miss|mx|dr|drs|prof|herr|herrn|frau|sr|sra|srta|dra|don|dona|m|mme|mlle|pr|"
    r"pt|pat|patient|patientin|patiente|paciente)[.:\s,]{1,3}"
    r"|\b(?:name|nom|nombre|surname|nachname|apellidos?)\s?[:=]\s{0,3})$"
)
_STARTS_SENTENCE = re.compile(r"(?:^|[.!?:;•*\"'(\n-])\s*$")


@dataclass(frozen=True)
class Piece:
    """A token of the text that may be part of a known name; offsets into the folded text."""

    begin: int
    end: int
    token: str
    rank: int
    owner: Owner


@dataclass(frozen=True)
class Context:
    """A text with what is asked of it for every run: all small? does its case tell nothing?"""

    text: str
    folded: Folded
    small: bool
    caseless: bool


def is_caseless(text: str) -> bool:
    """Whether case tells nothing: all capitals, all small, or a capital on most words."""
    if text.isupper() or text.islower():
        return True
    words: list[str] = re.findall(r"[^\W\d_]{3,}", text[:2000])
    capitals = sum(word[0].isupper() for word in words)
    return capitals > 0.6 * len(words)


def settle(run: list[Piece], context: Context) -> Iterator[Span]:
    """The spans of a run of adjacent parts that support each other enough."""
    kept: list[Piece] = []
    for piece in run:
        if piece.rank == INITIAL and not _is_initial(piece, context):
            continue
        # an initial that was none may have torn the run apart
        if kept and not GAP.fullmatch(context.folded.text, kept[-1].end, piece.begin):
            yield from _judge(kept, context)
            kept = []
        kept.append(piece)
    yield from _judge(kept, context)


def _judge(run: list[Piece], context: Context) -> Iterator[Span]:
    while run and run[-1].rank == PARTICLE:
        run.pop()
    if not run:
        return
    begin, end = context.folded.original(run[0].begin, run[-1].end)
    ranks = {piece.rank for piece in run}
    if STRONG in ranks or _has_support(run, ranks, begin, end, context):
        entity, kind = min(run, key=lambda piece: piece.rank).owner
        yield Span(begin, end, entity, "known", 1.0, kind)


def _has_support(run: list[Piece], ranks: set[int], begin: int, end: int, context: Context) -> bool:
    words = {piece.token for piece in run if piece.rank in (WORD, WEAK)}
    if not words:
        return False
    text = context.text
    written = text[begin:end]
    if len(words) > 1 or "^" in text[max(0, begin - 1) : end + 1]:
        return True
    if INITIAL in ranks and any(mark in written for mark in ",."):
        return True
    if len(text) <= LONGEST_TITLE and (context.caseless or not written.islower()):
        if any(map(more_name_than_term, words)):
            return True
        if len(written) == 2 and written.istitle() and not is_word(written.lower()):
            return True  # Ng, Li, Wu
    if len(written) + 8 > len(text) and written == text.strip():
        return WORD in ranks or any(map(_stands_alone, words))
    start = run[0].begin
    if _TITLE_BEFORE.search(context.folded.text[max(0, start - 16) : start]):
        return True
    if context.caseless:
        return WORD in ranks
    if written.islower():
        return False
    return WORD in ranks or not _STARTS_SENTENCE.search(text[max(0, begin - 8) : begin])


def more_name_than_term(token: str) -> bool:
    """Whether a known surname is one even among the words of a title: YOUNG, but not HEAD."""
    return token in surnames_that_are_words() and token not in _terms()


@cache
def _terms() -> frozenset[str]:
    return frozenset(read_list("terms_that_are_surnames.txt"))


def _stands_alone(token: str) -> bool:
    """Whether a field that holds nothing but this word may hold a name: not HEAD, nor PANCREAS."""
    return (is_borne(token) or len(token) == 2) and token not in imaging_words()


def _is_initial(piece: Piece, context: Context) -> bool:
    """Whether a letter of a known initial is written as one, and not as a word."""
    begin, end = context.folded.original(piece.begin, piece.end)
    before, after = context.text[max(0, begin - 1) : begin], context.text[end : end + 1]
    if before and before in "'’":  # the genitive: Smith's
        return False
    if (after and after in ".^'’") or (before and before in "^_"):  # J. J^ O'Brien _J
        return True
    if context.small:
        return piece.token not in ("a", "i", "e", "s", "o", "y")
    return context.text[begin:end].isupper()
