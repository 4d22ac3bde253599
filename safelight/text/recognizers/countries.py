"""Mark countries that are not a part of an address: a country alone does not identify a person.

45 CFR 164.514(b)(2)(i)(B) names the geographic subdivisions that are smaller than a state.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from safelight.records import Span
from safelight.text.lexicon.phrases import tokenize
from safelight.text.lexicon.word_lists import word_set
from safelight.text.span_merging import COUNTRY

#: Characters between a country and another part of an address.
_BETWEEN_PARTS = re.compile(r"[\s,;/()-]{1,4}")


def mark_countries(text: str, spans: Sequence[Span]) -> list[Span]:
    """Return the spans with the subtype `COUNTRY` for each country that is not next to a place.

    Parameters
    ----------
    text : str
        Whole text.
    spans : sequence of Span
        Merged spans, in order.

    Returns
    -------
    list of Span
        In the same order. A country next to another place stays a part of an address.
    """
    marked = list(spans)
    for index, span in enumerate(spans):
        if span.entity != "LOCATION" or not _is_country(text[span.begin : span.end]):
            continue
        if not any(
            other.entity == "LOCATION" and _is_next_to(text, span, other)
            for other in spans[max(0, index - 1) : index + 2]
        ):
            marked[index] = replace(span, subtype=COUNTRY)
    return marked


def _is_country(value: str) -> bool:
    """Return whether a value is the name of a country."""
    words = tokenize(value)
    return " ".join(words[1:] if words[:1] == ["the"] else words) in _countries()


def _is_next_to(text: str, span: Span, other: Span) -> bool:
    """Return whether only marks of an address separate a place other than a country from a span."""
    if other == span or _is_country(text[other.begin : other.end]):
        return False
    between = text[min(span.end, other.end) : max(span.begin, other.begin)]
    return _BETWEEN_PARTS.fullmatch(between) is not None


@cache
def _countries() -> frozenset[str]:
    """Return the folded names of countries."""
    return frozenset(" ".join(tokenize(name)) for name in word_set("countries"))
