"""Institutions that are named by everyday words, found without PHI next to them.

A screen or a film often shows nothing but the name of the practice: "Blue Sky Imaging", "Oak Hill",
"Kidney Center". Each of the words is harmless; which of them occur together is the evidence.
"""

from __future__ import annotations

from typing import NamedTuple

from safelight.named_rules import RuleList, rule_if
from safelight.pixels.lexicon.allow_list import is_screen_term
from safelight.pixels.phi.header_institutions import CONNECTORS, split_name
from safelight.pixels.thresholds import CONTEXT_FINDING_CONFIDENCE
from safelight.records import Span
from safelight.text.lexicon.folding import fold_text
from safelight.text.lexicon.word_lists import word_set


def find_everyday_institution(piece: str) -> Span | None:
    """Return the span of a whole piece of text if its words together name an institution."""
    words = [fold_text(word) for word in split_name(piece)]
    if not _EVERYDAY_INSTITUTION_RULES(_find_uses([w for w in words if w not in CONNECTORS])):
        return None
    return Span(0, len(piece), "LOCATION", "form", CONTEXT_FINDING_CONFIDENCE, "INSTITUTION")


class _NameWords(NamedTuple):
    """The words of a name by their uses; see ``institution_name_words.csv``."""

    words: list[str]
    heads: frozenset[str]
    everyday: frozenset[str]
    landscape: frozenset[str]
    organs: frozenset[str]
    bodies: frozenset[str]


def _find_uses(words: list[str]) -> _NameWords:
    """Return the words of a name with those of each use."""
    sets = (
        word_set("institution_name_words.head"),
        word_set("institution_name_words.everyday"),
        word_set("institution_name_words.landscape"),
        word_set("institution_name_words.organ"),
        word_set("institution_name_words.body"),
    )
    return _NameWords(words, *(one.intersection(words) for one in sets))


def _has_term(name: _NameWords) -> bool:
    """Return whether a word without a use is a term of screens, devices, anatomy or imaging."""
    known = name.heads | name.everyday | name.landscape | name.organs | name.bodies
    return any(is_screen_term(word) for word in name.words if word not in known)


def _is_named_head(name: _NameWords) -> bool:
    """Return whether a name is a kind of institution with an everyday or a landscape word."""
    return bool(name.heads) and bool((name.everyday | name.landscape) - name.heads)


def _is_landscape(name: _NameWords) -> bool:
    """Return whether a name consists of two landscapes."""
    return len(name.landscape) == len(name.words) == 2


def _is_organ_institution(name: _NameWords) -> bool:
    """Return whether a name consists of organs and ends with a kind of institution."""
    if not name.words or name.words[-1] not in name.bodies:
        return False
    return bool(name.organs - {name.words[-1]}) and name.organs.union(name.bodies) >= set(
        name.words
    )


#: Decides whether words in the form of a name are an institution.
_EVERYDAY_INSTITUTION_RULES = RuleList[[_NameWords], bool](
    "pixels.everyday_institution",
    rule_if("term", _has_term, False),
    rule_if("named_head", _is_named_head, True),
    rule_if("landscape", _is_landscape, True),
    rule_if("organ_institution", _is_organ_institution, True),
    default=False,
)
