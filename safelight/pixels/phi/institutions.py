"""Pieces of text that name an institution: a hospital, a practice, a department with its name."""

from __future__ import annotations

import re
from functools import lru_cache
from importlib import resources
from typing import NamedTuple

import yaml

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import is_allowed, is_technical_term
from safelight.pixels.thresholds import SHAPE_FINDING_CONFIDENCE
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.words import may_be_name


class _WordLists(NamedTuple):
    """Words of ``institutions.yaml``.

    Attributes
    ----------
    strong : frozenset of str
        Words that name an institution on their own.
    strong_prefixes : tuple of str
        Beginnings of such words.
    weak : frozenset of str
        Words that name an institution next to a name, an unknown word or another weak word.
    plain : frozenset of str
        Weak words that do not name an institution if all weak words of a piece are such.
    makers, company : frozenset of str
        Makers of devices, and words of company names.
    """

    strong: frozenset[str]
    strong_prefixes: tuple[str, ...]
    weak: frozenset[str]
    plain: frozenset[str]
    makers: frozenset[str]
    company: frozenset[str]


def find_institution(piece: str) -> Span | None:
    """Return the span of a whole piece of text if a word in it names an institution."""
    words = [word for word in re.split(r"[^\w']+|_+", fold_text(piece)) if word]
    if not _INSTITUTION_RULES(words):
        return None
    return Span(0, len(piece), "LOCATION", "form", SHAPE_FINDING_CONFIDENCE, "INSTITUTION")


def _is_maker(words: list[str]) -> bool:
    """Return whether all words are makers of devices and words of company names."""
    lists = _load_lists()
    if not lists.makers.intersection(words):
        return False
    return lists.makers.union(lists.company).issuperset(words)


def _has_strong_word(words: list[str]) -> bool:
    """Return whether a word names an institution on its own."""
    lists = _load_lists()
    return any(word in lists.strong or word.startswith(lists.strong_prefixes) for word in words)


def _has_weak_word_with_name(words: list[str]) -> bool:
    """Return whether a weak word has a name or an unknown word next to it."""
    weak = _load_lists().weak
    if weak.isdisjoint(words):
        return False
    return any(map(_may_name_institution, (word for word in words if word not in weak)))


def _may_name_institution(word: str) -> bool:
    """Return whether a word may be the name of an institution: unknown, or known as a name."""
    if len(word) <= 2 or any(map(str.isdigit, word)):
        return False
    return not is_allowed(word) or may_be_name(word) and not is_technical_term(word)


def _has_two_weak_words(words: list[str]) -> bool:
    """Return whether two different weak words occur, not all of them plain."""
    lists = _load_lists()
    weak = lists.weak.intersection(words)
    return len(weak) >= 2 and not weak <= lists.plain


_INSTITUTION_RULES = RuleList[[list[str]], bool](
    "pixels.find_institution",
    rule_if("maker", _is_maker, False),
    rule_if("strong_word", _has_strong_word, True),
    rule_if("weak_word_with_name", _has_weak_word_with_name, True),
    rule_if("two_weak_words", _has_two_weak_words, True),
    default=False,
)


@lru_cache(maxsize=1)
def _load_lists() -> _WordLists:
    """Return the word lists of the data file."""
    text = (resources.files("safelight.pixels.phi") / "institutions.yaml").read_text("utf-8")
    data = {kind: [str(word) for word in words] for kind, words in yaml.safe_load(text).items()}
    return _WordLists(
        strong=frozenset(word for word in data["alone"] if not word.endswith("*")),
        strong_prefixes=tuple(word[:-1] for word in data["alone"] if word.endswith("*")),
        weak=frozenset(data["beside"]),
        plain=frozenset(data["plain"]),
        makers=frozenset(data["makers"]),
        company=frozenset(data["company"]),
    )
