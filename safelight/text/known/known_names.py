"""Find the names of known people: by their parts, which support each other.

A part that is no ordinary word identifies by itself. A part that is one (Long, Will, Rose)
or that is very short (Li) needs support: another part beside it, a title before it, or a
capital where the text writes small.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import pairwise

from safelight.records import Span
from safelight.text.known.known_values import Expression
from safelight.text.known.name_parts import (
    INITIAL,
    PARTICLE,
    STRONG,
    TOKEN,
    WORD,
    name_tokens,
    rank_of,
    umlauts,
    without_particles,
)
from safelight.text.known.name_support import GAP, Context, Owner, Piece, is_caseless, settle
from safelight.text.lexicon.folding import Folded, fold_text, is_unspaced
from safelight.text.lexicon.words import is_word

#: A name that is an account's: letters and digits in one word.
_LOGIN = re.compile(r"(?<![^\W_])(?=[0-9]*[a-z])(?=[a-z]*[0-9])[a-z0-9]{4,}(?![^\W_])")
#: A name is cut off by fields of 8 letters and more: file IDs, AE titles, short strings.
_CUT_LETTERS = 8
_CAMEL = re.compile(r"[a-zà-öø-ÿ][A-ZÀ-ÖØ-Þ]")


class NameTable:
    """The parts of all known names, and the words that are known by themselves."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[int, Owner]] = {}
        self._cut: dict[str, tuple[int, Owner]] = {}
        self._long: tuple[str, ...] = ()
        self._expressions: list[Expression] = []

    def _put(self, token: str, rank: int, owner: Owner) -> None:
        known = self._parts.get(token)
        if known is None or rank < known[0]:
            self._parts[token] = (rank, owner)
            if rank == STRONG and len(token) >= 6:
                self._long += (token,)

    def _put_cut(self, token: str, owner: Owner) -> None:
        """The beginnings of a long name, as short fields hold it."""
        if rank_of(token) == STRONG:
            for length in range(_CUT_LETTERS, len(token)):
                if not is_word(token[:length]):
                    self._cut.setdefault(token[:length], (STRONG, owner))

    def add_word(self, token: str, entity: str, kind: str) -> None:
        """A single known word, such as a city or a user name."""
        self._put(token, rank_of(token), (entity, kind))

    def add_person(self, value: str, entity: str, kind: str) -> None:
        """A name in PN or plain form; each of its component groups by itself."""
        owner = (entity, kind)
        for group in value.split("="):
            folded = fold_text(group)
            tokens = name_tokens(folded)
            unspaced = [t for t in tokens if is_unspaced(t[0])]
            if unspaced:
                self._add_unspaced(unspaced, owner)
            spaced = [t for t in tokens if not is_unspaced(t[0])]
            names = without_particles(folded, spaced)
            for token in spaced:
                if token not in names:
                    self._put(token, PARTICLE, owner)
            for token in names:
                self._put(token, rank_of(token), owner)
                self._put_cut(token, owner)
                if len(names) > 1 and len(token) > 1:
                    self._put(token[0], INITIAL, owner)
            if len(names) > 1:
                self._add_glued(names, owner)
            # a name whose parts are joined elsewhere: O'Brien → OBRIEN, Mac Donald → MACDONALD
            for word in re.split(r"[\s,^]+", folded):
                joined = "".join(TOKEN.findall(word))
                known = joined in names or is_word(joined)
                if len(joined) > 4 and not known and not is_unspaced(joined[0]):
                    self._put(joined, STRONG, owner)
            for login in _LOGIN.findall(folded):
                pattern = rf"(?<![^\W_]){login}(?![^\W_])"
                self._expressions.append(Expression(login, pattern, *owner))
            for german, plain in umlauts(group):
                self._put(german, rank_of(german), owner)
                self._put(plain, rank_of(plain), owner)

    def _add_glued(self, names: list[str], owner: Owner) -> None:
        """User and file names: jsmith, smithj, johnsmith; initials in one: JA."""
        whole = [t for t in names if len(t) > 2][:4]
        for first in whole:
            for second in names[:4]:
                if first == second:
                    continue
                for joined in (first + second, second + first, first + second[0],
                               second[0] + first):  # fmt: skip
                    if len(joined) > 4 and not is_word(joined):
                        self._put(joined, STRONG, owner)
        if len(names) > 2:
            self._put(names[1][0] + names[2][0], INITIAL, owner)

    def _add_unspaced(self, tokens: list[str], owner: Owner) -> None:
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
        """Patterns for names of scripts that write no spaces, and for names of accounts."""
        return self._expressions

    def strong_tokens(self) -> dict[str, Owner]:
        """The parts that identify by themselves: token → (entity, kind)."""
        return {t: owner for t, (rank, owner) in self._parts.items() if rank <= WORD}

    def find(self, text: str, folded: Folded, compact: str) -> Iterator[Span]:
        """The spans of known names in a text."""
        if not self._parts:
            return
        tokens = TOKEN.findall(folded.text)
        split = [token for token in self._long if token in compact]
        known = not self._parts.keys().isdisjoint(tokens) or not self._cut.keys().isdisjoint(tokens)
        if not split and not known and not _CAMEL.search(text):
            return
        context = Context(text, folded, text.islower(), is_caseless(text))
        run: list[Piece] = []
        for piece in self._pieces(text, folded, split):
            if run and not (
                piece.owner == run[-1].owner
                and GAP.fullmatch(folded.text, run[-1].end, piece.begin)
            ):
                yield from settle(run, context)
                run = []
            run.append(piece)
        if run:
            yield from settle(run, context)

    def _divided(
        self, span: tuple[int, int], text: str, folded: Folded
    ) -> Iterable[tuple[int, int]]:
        """A token as it is if it is known: McDonald, sMiTh; else its parts between capitals."""
        if folded.text[span[0] : span[1]] in self._parts:
            return [span]
        return _divide_camel([span], text, folded)

    def _pieces(self, text: str, folded: Folded, split: list[str]) -> Iterator[Piece]:
        spans = [match.span() for match in TOKEN.finditer(folded.text)]
        if folded.text != text:
            spans = [part for span in spans for part in self._divided(span, text, folded)]
        skip = 0
        for index, (begin, end) in enumerate(spans):
            if begin < skip:
                continue
            token = folded.text[begin:end]
            known = self._parts.get(token) or self._cut.get(token)
            if split and (known is None or known[0] != STRONG):
                joined = _joined_at(spans, index, folded.text, split)
                if joined:
                    end, token = joined
                    known, skip = self._parts[token], end
            if known is not None:
                yield Piece(begin, end, token, *known)


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
