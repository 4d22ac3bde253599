"""Pieces of text that name an institution: a hospital, a practice, a department with its name."""

from __future__ import annotations

import re

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import is_allowed, is_technical_term
from safelight.pixels.thresholds import SHAPE_FINDING_CONFIDENCE
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import listed_words, word_set
from safelight.text.lexicon.words import may_be_name


def find_institution(piece: str) -> Span | None:
    """Return the span of a whole piece of text if a word in it names an institution."""
    words = [word for word in re.split(r"[^\w']+|_+", fold_text(piece)) if word]
    if not _INSTITUTION_RULES(words):
        return None
    return Span(0, len(piece), "LOCATION", "form", SHAPE_FINDING_CONFIDENCE, "INSTITUTION")


def _is_maker(words: list[str]) -> bool:
    """Return whether all words are makers of devices and words of company names."""
    makers = word_set("device_makers.screen")
    if not makers.intersection(words):
        return False
    return makers.union(word_set("company_words")).issuperset(words)


def _has_strong_word(words: list[str]) -> bool:
    """Return whether a word names an institution on its own."""
    strong, stems = word_set("institutions.screen_strong"), listed_words("institutions.screen_stem")
    return any(word in strong or word.startswith(stems) for word in words)


def _has_weak_word_with_name(words: list[str]) -> bool:
    """Return whether a weak word has a name or an unknown word next to it."""
    weak = word_set("institutions.screen_weak")
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
    weak = word_set("institutions.screen_weak").intersection(words)
    return len(weak) >= 2 and not weak <= word_set("institutions.screen_plain")


_INSTITUTION_RULES = RuleList[[list[str]], bool](
    "pixels.find_institution",
    rule_if("maker", _is_maker, False),
    rule_if("strong_word", _has_strong_word, True),
    rule_if("weak_word_with_name", _has_weak_word_with_name, True),
    rule_if("two_weak_words", _has_two_weak_words, True),
    default=False,
)
