"""Find people in a list of people: ``Dufresne (ENT), Yost (MO), Patel B, Nakagawa (RO)``."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from safelight.records import Span
from safelight.text.lexicon.phrases import abbreviations, is_known_phrase, tokenize
from safelight.text.lexicon.word_lists import word_set
from safelight.text.lexicon.words import everyday_words, is_known_name
from safelight.text.recognizers.eponyms.surnames import is_eponym
from safelight.text.span_merging import CoveredRanges

#: Found names of a list from which on the other items are names.
_MIN_NAMES = 2
_CONFIDENCE = 0.8
#: Item of a list: a name of one or two words or a surname with initials, and a role in brackets.
_ITEM = re.compile(
    r"((?:[A-Z]\.? ?){0,2}[^\W\d_a-z][^\W\d_]*[a-zß-ÿ][^\W\d_]*"
    r"(?:[-'’ ][^\W\d_a-z][^\W\d_]+)?(?: [A-Z]\.?)?)"
    r"(?: \([^()\n]{1,24}\))?"
)
_SEPARATOR = re.compile(r",? and |, ?| / ?|; ?| & ")


class _Item(NamedTuple):
    """Item of a list: the range of the value without the role."""

    begin: int
    end: int


def find_people_in_lists(text: str, spans: Sequence[Span]) -> Iterator[Span]:
    """Yield the items outside of the spans of lists of which two items or more are names.

    Parameters
    ----------
    text : str
        Whole text.
    spans : sequence of Span
        Merged spans, in order.

    Yields
    ------
    Span
        NAME, engine ``gazetteer``. Abbreviations, everyday words, eponyms and known phrases are
        left out.
    """
    covered = CoveredRanges(spans)
    names = {span.begin for span in spans if span.entity == "NAME"}
    for items in _lists(text, sorted(names)):
        if sum(item.begin in names for item in items) < _MIN_NAMES:
            continue
        for begin, end in items:
            if not covered.overlap(begin, end) and _may_be_person(text, begin, end):
                yield Span(begin, end, "NAME", "gazetteer", _CONFIDENCE)


def _lists(text: str, starts: list[int]) -> Iterator[list[_Item]]:
    """Yield the lists that start with a found name."""
    reached = 0
    for start in starts:
        if start < reached:
            continue
        items = []
        position = start
        while item := _ITEM.match(text, position):
            items.append(_Item(*item.span(1)))
            reached = item.end()
            separator = _SEPARATOR.match(text, item.end())
            if separator is None:
                break
            position = separator.end()
        if len(items) > _MIN_NAMES:
            yield items


def _may_be_person(text: str, begin: int, end: int) -> bool:
    """Return whether an item may be a person."""
    words = [word for word in tokenize(text[begin:end]) if len(word) > 1]
    if not words or any(word.upper() in abbreviations() for word in words):
        return False
    if word_set("nationalities").issuperset(words):
        return False
    if all(word in everyday_words() and not is_known_name(word) for word in words):
        return False
    return not (is_known_phrase(text, begin, end) or is_eponym(text, begin, end))
