"""Find the names of known people by their parts, which support each other.

A part that is not an ordinary word identifies by itself. A part that is also a word (Long, Will,
Rose), or that is very short (Li), needs support: another part next to it, a title before it, or a
capital in a text that is mostly lower case.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cached_property
from itertools import pairwise

from safelight.records import Span
from safelight.text.known.expressions import ValueExpression
from safelight.text.known.name_parts import (
    INITIAL_PART,
    PARTICLE_PART,
    STRONG_PART,
    TOKEN,
    WORD_PART,
    drop_particles,
    name_tokens,
    rank_part,
    umlaut_spellings,
)
from safelight.text.known.name_support import (
    DESCRIPTION_MAX_CHARACTERS,
    NAME_GAP,
    Owner,
    PartMatch,
    TextContext,
    find_supported_names,
    is_caseless,
)
from safelight.text.known.needle_index import NeedleIndex
from safelight.text.lexicon.folding import Folded, fold_text, is_unspaced
from safelight.text.lexicon.words import imaging_words, is_word

#: Login name in a name element: letters and digits in one word.
_LOGIN = re.compile(r"(?<![^\W_])(?=[0-9]*[a-z])(?=[a-z]*[0-9])[a-z0-9]{4,}(?![^\W_])")
#: Fields of limited length (file IDs, AE titles, SH) truncate a name to this many letters or more.
_TRUNCATED_MIN_LETTERS = 8
#: The longest of these fields (LO) has this many characters.
_TRUNCATED_MAX_LETTERS = 64
#: Parts from this length on are also found if a text writes them in several pieces.
_SPLIT_MIN_LETTERS = 6
#: Largest distance between the end of the first piece and the start of the last.
_SPLIT_GAP_MAX_CHARACTERS = 12
#: Parts joined to a login or file name must have more letters than this.
_JOINED_LETTERS = 4
_CAMEL = re.compile(r"[a-zà-öø-ÿ][A-ZÀ-ÖØ-Þ]")


class NameTable:
    """Parts of all known names, and known single words such as cities."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[int, Owner]] = {}
        self._truncated: dict[str, tuple[int, Owner]] = {}
        self._splittable: list[str] = []
        self._expressions: list[ValueExpression] = []

    @cached_property
    def _split_index(self) -> NeedleIndex[str]:
        """Return the parts that a text may write in several pieces; no part is added later."""
        return NeedleIndex((token, token) for token in self._splittable)

    def add_word(self, token: str, entity: str, subtype: str) -> None:
        """Add a single known word, such as a city or a user name.

        Parameters
        ----------
        token : str
            Folded word.
        entity, subtype : str
            Labels of the spans.
        """
        self._add_part(token, rank_part(token), (entity, subtype))

    def add_person(self, value: str, entity: str, subtype: str) -> None:
        """Add the name of a person.

        Parameters
        ----------
        value : str
            Name in PN or plain format; its component groups are added separately.
        entity, subtype : str
            Entity and subtype of the spans.
        """
        owner = (entity, subtype)
        for group in value.split("="):
            folded = fold_text(group)
            tokens = name_tokens(folded)
            unspaced = [t for t in tokens if is_unspaced(t[0])]
            if unspaced:
                self._add_unspaced(unspaced, owner)
            spaced = [t for t in tokens if not is_unspaced(t[0])]
            names = drop_particles(folded, spaced)
            for token in spaced:
                if token not in names:
                    self._add_part(token, PARTICLE_PART, owner)
            self._add_names(names, owner)
            self._add_unhyphenated(folded, names, owner)
            for login in _LOGIN.findall(folded):
                pattern = rf"(?<![^\W_]){login}(?![^\W_])"
                self._expressions.append(ValueExpression(login, pattern, *owner))
            for with_e, without_e in umlaut_spellings(group):
                self._add_part(with_e, rank_part(with_e), owner)
                self._add_part(without_e, rank_part(without_e), owner)

    def expressions(self) -> list[ValueExpression]:
        """Return the expressions of names in scripts without spaces, and of login names."""
        return self._expressions

    def strong_tokens(self) -> dict[str, Owner]:
        """Return the parts that can identify by themselves: token → (entity, subtype)."""
        return {t: owner for t, (rank, owner) in self._parts.items() if rank <= WORD_PART}

    def find(
        self, text: str, folded: Folded, compact: str, is_note: bool = False
    ) -> Iterator[Span]:
        """Yield the spans of known names in a text.

        Parameters
        ----------
        text : str
            Original text.
        folded : Folded
            The same text, folded.
        compact : str
            Letters and digits of the folded text.
        """
        if not self._parts:
            return
        tokens = TOKEN.findall(folded.text)
        split = self._split_index.find(compact)
        known = not self._parts.keys().isdisjoint(tokens) or not self._truncated.keys().isdisjoint(
            tokens
        )
        if not split and not known and not _CAMEL.search(text):
            return
        is_description = not is_note and len(text) <= DESCRIPTION_MAX_CHARACTERS
        context = TextContext(text, folded, text.islower(), is_caseless(text), is_description)
        run: list[PartMatch] = []
        for match in self._matches(text, folded, split):
            if run and not (
                match.owner == run[-1].owner
                and NAME_GAP.fullmatch(folded.text, run[-1].end, match.begin)
            ):
                yield from find_supported_names(run, context)
                run = []
            run.append(match)
        if run:
            yield from find_supported_names(run, context)

    def _add_part(self, token: str, rank: int, owner: Owner) -> None:
        """Add a part unless it is already known with at least the same rank."""
        known = self._parts.get(token)
        if known is None or rank < known[0]:
            self._parts[token] = (rank, owner)
            if rank == STRONG_PART and len(token) >= _SPLIT_MIN_LETTERS:
                self._splittable.append(token)

    def _add_truncated(self, token: str, owner: Owner) -> None:
        """Add the beginnings of a long part, as fields of limited length hold them."""
        if rank_part(token) == STRONG_PART:
            longest = min(len(token), _TRUNCATED_MAX_LETTERS + 1)
            for length in range(_TRUNCATED_MIN_LETTERS, longest):
                if not is_word(token[:length]):
                    self._truncated.setdefault(token[:length], (STRONG_PART, owner))

    def _add_names(self, names: list[str], owner: Owner) -> None:
        """Add the tokens of a name with their beginnings, initials and combinations."""
        for token in names:
            self._add_part(token, rank_part(token), owner)
            self._add_truncated(token, owner)
            if len(names) > 1 and len(token) > 1:
                self._add_part(token[0], INITIAL_PART, owner)
        if len(names) > 1:
            self._add_joined(names, owner)

    def _add_unhyphenated(self, folded: str, names: list[str], owner: Owner) -> None:
        """Add parts as other systems join them: O'Brien as OBRIEN, Smith-Jones as SMITHJONES."""
        for word in re.split(r"[\s,^]+", folded):
            joined = "".join(TOKEN.findall(word))
            is_known = joined in names or is_word(joined)
            if len(joined) > _JOINED_LETTERS and not is_known and not is_unspaced(joined[0]):
                self._add_part(joined, STRONG_PART, owner)

    def _add_joined(self, names: list[str], owner: Owner) -> None:
        """Add the parts joined as in login and file names (jsmith, johnsmith), and as initials."""
        whole = [t for t in names if len(t) > 2][:4]
        for first in whole:
            for second in names[:4]:
                if first == second:
                    continue
                for joined in (first + second, second + first, first + second[0],
                               second[0] + first):  # fmt: skip
                    if len(joined) > _JOINED_LETTERS and not is_word(joined):
                        self._add_part(joined, STRONG_PART, owner)
        if len(names) > 2:
            self._add_part(names[1][0] + names[2][0], INITIAL_PART, owner)

    def _add_unspaced(self, tokens: list[str], owner: Owner) -> None:
        """Add expressions for a name in a script without spaces between words."""
        gap = r"[\s^,・·　]{0,2}"
        forms = [gap.join(map(re.escape, tokens))] if len(tokens) > 1 else []
        if len(tokens) == 2:
            forms.append(gap.join(map(re.escape, reversed(tokens))))
        forms.extend(re.escape(token) for token in tokens if len(token) > 1)
        needle = max(tokens, key=len)
        for form in forms:
            own = needle if needle in form else form
            self._expressions.append(ValueExpression(own, form, *owner))

    def _divide(
        self, span: tuple[int, int], text: str, folded: Folded
    ) -> Iterable[tuple[int, int]]:
        """Return a known token undivided (McDonald, sMiTh), else its parts between capitals."""
        if folded.text[span[0] : span[1]] in self._parts:
            return [span]
        return _divide_camel([span], text, folded)

    def _matches(self, text: str, folded: Folded, split: list[str]) -> Iterator[PartMatch]:
        """Yield the tokens of a text that are parts of known names.

        ``split`` holds the parts that the text may write in several pieces.
        """
        spans = [match.span() for match in TOKEN.finditer(folded.text)]
        if folded.text != text:
            spans = [part for span in spans for part in self._divide(span, text, folded)]
        skip = 0
        for index, (begin, token_end) in enumerate(spans):
            if begin < skip:
                continue
            end = token_end
            token = folded.text[begin:end]
            known = self._parts.get(token) or self._truncated.get(token)
            if split and (known is None or known[0] != STRONG_PART):
                joined = _joined_at(spans, index, folded.text, split)
                if joined:
                    end, token = joined
                    known, skip = self._parts[token], end
            if known is None and split:
                known = self._find_enclosed(token, split)
            if known is not None:
                yield PartMatch(begin, end, token, *known)

    def _find_enclosed(self, token: str, split: list[str]) -> tuple[int, Owner] | None:
        """Return rank and owner of a long part of a name inside a token that is not a word.

        Codes and file names join a name with other letters: ``ptHargreave``, ``HARGREAVETO``.
        """
        if is_word(token) or token in imaging_words():
            return None
        for part in split:
            if part in token and self._parts[part][1][0] == "NAME":
                return self._parts[part]
        return None


def _joined_at(
    spans: list[tuple[int, int]], index: int, text: str, split: list[str]
) -> tuple[int, str] | None:
    """Return end and text of a part written in two or three pieces that starts at a token."""
    token = text[slice(*spans[index])]
    for begin, end in spans[index + 1 : index + 3]:
        if begin - spans[index][1] > _SPLIT_GAP_MAX_CHARACTERS:
            break
        token += text[begin:end]
        if token in split:
            return end, token
    return None


def _divide_camel(
    spans: list[tuple[int, int]], text: str, folded: Folded
) -> Iterator[tuple[int, int]]:
    """Yield the parts of a token, cut where a capital follows a lower-case letter (SmithJohn).

    Parts of one or two letters are not cut off (McDonald).
    """
    for begin, end in spans:
        cuts = [begin]
        for index in range(begin + 1, end):
            before, here = text[folded.starts[index - 1]], text[folded.starts[index]]
            if here.isupper() and before.islower() and index - cuts[-1] > 2:
                cuts.append(index)
        cuts.append(end)
        yield from pairwise(cuts)
