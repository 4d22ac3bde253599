"""Find the names of known people: by their parts, which support each other.

A part that is no ordinary word identifies by itself. A part that is one (Long, Will, Rose)
or that is very short (Li) needs support: another part beside it, a title before it, or a
capital where the text writes small.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from safelight.records import Span
from safelight.text.fold import Folded, fold_text, is_unspaced
from safelight.text.known_values import Expression
from safelight.text.words import (
    PLACEHOLDERS,
    everyday_words,
    given_names,
    imaging_words,
    is_word,
    surnames_that_are_words,
    word_set,
)

_TOKEN = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"[a-zà-öø-ÿ][A-ZÀ-ÖØ-Þ]")
_DIGIT = re.compile("[0-9]")
_GAP = re.compile(r"[\s,.^_\-='+/]{0,3}")
_TITLE_BEFORE = re.compile(
    r"(?:\b(?:mr|mrs|ms|miss|mx|dr|drs|prof|herr|herrn|frau|sr|sra|srta|dra|don|dona|m|mme|mlle|pr|"
    r"pt|pat|patient|patientin|patiente|paciente)[.:\s,]{1,3}"
    r"|\b(?:name|nom|nombre|surname|nachname|apellidos?)\s?[:=]\s{0,3})$"
)
_STARTS_SENTENCE = re.compile(r"(?:^|[.!?:;•*\"'(\n-])\s*$")
_TITLES = word_set("titles")
_PARTICLES = word_set("particles")
_STRONG, _WORD, _WEAK, _INITIAL, _PARTICLE = 0, 1, 2, 3, 4
_Owner = tuple[str, str]


@dataclass(frozen=True)
class _Piece:
    """A token of the text that may be part of a known name; offsets into the folded text."""

    begin: int
    end: int
    token: str
    rank: int
    owner: _Owner


@dataclass(frozen=True)
class _Context:
    """A text with what is asked of it for every run: all small? does its case tell nothing?"""

    text: str
    folded: Folded
    small: bool
    caseless: bool


class NameTable:
    """The parts of all known names, and the words that are known by themselves."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[int, _Owner]] = {}
        self._long: tuple[str, ...] = ()
        self._expressions: list[Expression] = []

    def _put(self, token: str, rank: int, owner: _Owner) -> None:
        known = self._parts.get(token)
        if known is None or rank < known[0]:
            self._parts[token] = (rank, owner)
            if rank == _STRONG and len(token) >= 6:
                self._long += (token,)

    def add_word(self, token: str, entity: str, kind: str) -> None:
        """A single known word, such as a city or a user name."""
        self._put(token, _rank(token), (entity, kind))

    def add_person(self, value: str, entity: str, kind: str) -> None:
        """A name in PN or plain form; each of its component groups by itself."""
        owner = (entity, kind)
        for group in value.split("="):
            folded = fold_text(group)
            tokens = _name_tokens(folded)
            unspaced = [t for t in tokens if is_unspaced(t[0])]
            if unspaced:
                self._add_unspaced(unspaced, owner)
            spaced = [t for t in tokens if not is_unspaced(t[0])]
            names = _without_particles(folded, spaced)
            for token in spaced:
                if token not in names:
                    self._put(token, _PARTICLE, owner)
            for token in names:
                self._put(token, _rank(token), owner)
                if len(names) > 1 and len(token) > 1:
                    self._put(token[0], _INITIAL, owner)
            if len(names) > 1:
                self._add_glued(names, owner)
            # a name whose parts are joined elsewhere: O'Brien → OBRIEN, Mac Donald → MACDONALD
            for word in re.split(r"[\s,^]+", folded):
                joined = "".join(_TOKEN.findall(word))
                known = joined in names or is_word(joined)
                if len(joined) > 4 and not known and not is_unspaced(joined[0]):
                    self._put(joined, _STRONG, owner)
            for german, plain in _umlauts(group):
                self._put(german, _rank(german), owner)
                self._put(plain, _rank(plain), owner)

    def _add_glued(self, names: list[str], owner: _Owner) -> None:
        """User and file names: jsmith, smithj, johnsmith; initials in one: JA."""
        whole = [t for t in names if len(t) > 2][:4]
        for first in whole:
            for second in names[:4]:
                if first == second:
                    continue
                for joined in (first + second, second + first, first + second[0],
                               second[0] + first):  # fmt: skip
                    if len(joined) > 4 and not is_word(joined):
                        self._put(joined, _STRONG, owner)
        if len(names) > 2:
            self._put(names[1][0] + names[2][0], _INITIAL, owner)

    def _add_unspaced(self, tokens: list[str], owner: _Owner) -> None:
        gap = r"[\s^,・·　]{0,2}"
        forms = [gap.join(map(re.escape, tokens))] if len(tokens) > 1 else []
        if len(tokens) == 2:
            forms.append(gap.join(map(re.escape, reversed(tokens))))
        forms.extend(re.escape(token) for token in tokens if len(token) > 1)
        needle = max(tokens, key=len)
        for form in forms:
            own = needle if needle in form else form
            self._expressions.append(Expression(own, form, *owner))

    def expressions(self) -> list[Expression]:
        """Patterns for names of scripts that write no spaces."""
        return self._expressions

    def strong_tokens(self) -> dict[str, _Owner]:
        """The parts that identify by themselves: token → (entity, kind)."""
        return {t: owner for t, (rank, owner) in self._parts.items() if rank <= _WORD}

    def find(self, text: str, folded: Folded, compact: str) -> Iterator[Span]:
        """The spans of known names in a text."""
        if not self._parts:
            return
        tokens = _TOKEN.findall(folded.text)
        split = [token for token in self._long if token in compact]
        if not split and self._parts.keys().isdisjoint(tokens) and not _CAMEL.search(text):
            return
        context = _Context(text, folded, text.islower(), _is_caseless(text))
        run: list[_Piece] = []
        for piece in self._pieces(text, folded, split):
            if run and not (
                piece.owner == run[-1].owner
                and _GAP.fullmatch(folded.text, run[-1].end, piece.begin)
            ):
                yield from _settle(run, context)
                run = []
            run.append(piece)
        if run:
            yield from _settle(run, context)

    def _pieces(self, text: str, folded: Folded, split: list[str]) -> Iterator[_Piece]:
        spans = [match.span() for match in _TOKEN.finditer(folded.text)]
        if folded.text != text:
            spans = list(_divide_camel(spans, text, folded))
        skip = 0
        for index, (begin, end) in enumerate(spans):
            if begin < skip:
                continue
            token = folded.text[begin:end]
            known = self._parts.get(token)
            if split and (known is None or known[0] != _STRONG):
                joined = _joined_at(spans, index, folded.text, split)
                if joined:
                    end, token = joined
                    known, skip = self._parts[token], end
            if known is not None:
                yield _Piece(begin, end, token, *known)


def _joined_at(
    spans: list[tuple[int, int]], index: int, text: str, split: list[str]
) -> tuple[int, str] | None:
    """A long name that the text writes in two or three pieces from a token on."""
    token = text[slice(*spans[index])]
    for begin, end in spans[index + 1 : index + 3]:
        if begin - spans[index][1] > 12:
            break
        token += text[begin:end]
        if token in split:
            return end, token
    return None


def _divide_camel(
    spans: list[tuple[int, int]], text: str, folded: Folded
) -> Iterator[tuple[int, int]]:
    """Divide SmithJohn where a capital follows a small letter; McDonald stays whole too."""
    for begin, end in spans:
        cuts = [begin]
        for index in range(begin + 1, end):
            before, here = text[folded.starts[index - 1]], text[folded.starts[index]]
            if here.isupper() and before.islower() and index - cuts[-1] > 2:
                cuts.append(index)
        cuts.append(end)
        yield from pairwise(cuts)


def _components(folded: str) -> list[list[str]]:
    """The tokens of the components of a name, between carets or commas."""
    separator = "^" if "^" in folded else ","
    components = []
    for component in folded.split(separator):
        pieces = [(m.group(), m.span()) for m in _TOKEN.finditer(component)]
        # the letters of CT1 and 4MR2 are no name
        components.append(
            [
                piece
                for piece, (begin, end) in pieces
                if len(piece) > 2 or not _DIGIT.search(component[max(0, begin - 1) : end + 1])
            ]
        )
    return components


def _name_tokens(folded: str) -> list[str]:
    """The tokens of a name without titles and degrees; ``DO^ANNA`` keeps its family name."""
    tokens: list[str] = []
    for index, component in enumerate(_components(folded)):
        proper = [t for t in component if t not in _TITLES]
        if index == 0 or (index < 3 and "^" in folded):
            proper = proper or component
        tokens += [t for t in proper if len(t) < 3 or t not in PLACEHOLDERS]
    return tokens


def _without_particles(folded: str, tokens: list[str]) -> list[str]:
    """The tokens less particles beside another token; alone in a component they are names."""
    particles: set[str] = set()
    for component in _components(folded):
        if not _PARTICLES.issuperset(component):
            particles.update(_PARTICLES.intersection(component))
    return [t for t in tokens if t not in particles] or tokens


def _umlauts(group: str) -> Iterator[tuple[str, str]]:
    """Müller is written Mueller where there are no umlauts, and the other way round."""
    for token in _TOKEN.findall(group.lower()):
        spelt = token.replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
        if spelt != token:
            yield fold_text(spelt), fold_text(token)
        for pair, letter in (("ae", "a"), ("oe", "o"), ("ue", "u")):
            if pair in token and len(token) > 4:
                yield token, fold_text(token.replace(pair, letter))


def _rank(token: str) -> int:
    if len(token) == 1:
        return _INITIAL
    if (len(token) == 2 and token.isascii()) or token in everyday_words():
        return _WEAK
    return _WORD if is_word(token) else _STRONG


def _is_caseless(text: str) -> bool:
    """Whether case tells nothing: all capitals, all small, or a capital on most words."""
    if text.isupper() or text.islower():
        return True
    words: list[str] = re.findall(r"[^\W\d_]{3,}", text[:2000])
    capitals = sum(word[0].isupper() for word in words)
    return capitals > 0.6 * len(words)


def _settle(run: list[_Piece], context: _Context) -> Iterator[Span]:
    """The spans of a run of adjacent parts that support each other enough."""
    kept: list[_Piece] = []
    for piece in run:
        if piece.rank == _INITIAL and not _is_initial(piece, context):
            continue
        # an initial that was none may have torn the run apart
        if kept and not _GAP.fullmatch(context.folded.text, kept[-1].end, piece.begin):
            yield from _judge(kept, context)
            kept = []
        kept.append(piece)
    yield from _judge(kept, context)


def _judge(run: list[_Piece], context: _Context) -> Iterator[Span]:
    while run and run[-1].rank == _PARTICLE:
        run.pop()
    if not run:
        return
    begin, end = context.folded.original(run[0].begin, run[-1].end)
    ranks = {piece.rank for piece in run}
    if _STRONG in ranks or _has_support(run, ranks, begin, end, context):
        entity, kind = min(run, key=lambda piece: piece.rank).owner
        yield Span(begin, end, entity, "known", 1.0, kind)


def _has_support(
    run: list[_Piece], ranks: set[int], begin: int, end: int, context: _Context
) -> bool:
    words = {piece.token for piece in run if piece.rank in (_WORD, _WEAK)}
    if not words:
        return False
    text = context.text
    written = text[begin:end]
    if len(words) > 1 or "^" in text[max(0, begin - 1) : end + 1]:
        return True
    if _INITIAL in ranks and any(mark in written for mark in ",."):
        return True
    if len(written) + 8 > len(text) and written == text.strip():
        return _WORD in ranks or any(map(_stands_alone, words))
    start = run[0].begin
    if _TITLE_BEFORE.search(context.folded.text[max(0, start - 16) : start]):
        return True
    if context.caseless:
        return _WORD in ranks
    if not written[:1].isupper():
        return False
    return _WORD in ranks or not _STARTS_SENTENCE.search(text[max(0, begin - 8) : begin])


def _stands_alone(token: str) -> bool:
    """Whether a field that holds nothing but this word may hold a name: not HEAD, nor PANCREAS."""
    borne = token in surnames_that_are_words() or token in given_names()
    return (borne or len(token) == 2) and token not in imaging_words()


def _is_initial(piece: _Piece, context: _Context) -> bool:
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
