"""Move the borders of merged spans, so that a replacement changes no character beside the value.

A span does not end inside a degree (``Vandermeer, M`` of ``Vandermeer, M.D.``), does not take in a
genitive (``Ashgrove's plan``), and does not hold one of two brackets or quotation marks.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from safelight.records import Span

#: Rest of a degree after the part that a span holds: ``.D.`` of ``M.D.``.
_REST_OF_DEGREE = re.compile(r"\.?(?:[A-Z]\.?){1,3}(?![^\W_])")
#: Start of a degree at the end of a name.
_START_OF_DEGREE = re.compile(r",? (?:M|D|R|N|P|F|B|L|C|A|Ph|Pharm)\.?\Z")
_DEGREE = re.compile(
    r"(?:M\.?D|D\.?O|R\.?N|N\.?P|P\.?A|Ph\.?D|D\.?D\.?S|M\.?B\.?B\.?S|F\.?A\.?C\.?S|F\.?R\.?C\.?[SPR]|"
    r"L\.?P\.?N|C\.?N\.?M|D\.?P\.?M|M\.?P\.?H|B\.?S\.?N|M\.?S\.?N|A\.?P\.?R\.?N)\.?(?![^\W_])"
)
_GENITIVE = re.compile(r"(?<=[^\W\d_])['’][sS]\Z")
_BRACKETS = {"(": ")", "[": "]", "{": "}", "<": ">", "“": "”", "‘": "’", '"': '"'}
_CLOSING = {closing: opening for opening, closing in _BRACKETS.items()}
_QUOTES = "'\"“”‘’`"
_ENTITIES_OF_WORDS = frozenset(("NAME", "PROFESSION"))


def tidy_borders(text: str, spans: Iterable[Span]) -> list[Span]:
    """Return the spans with their borders at the borders of the values.

    Parameters
    ----------
    text : str
        Whole text.
    spans : iterable of Span
        Merged spans.

    Returns
    -------
    list of Span
        In the same order; a span without a letter or digit is left out.
    """
    return list(_tidy(text, spans))


def _tidy(text: str, spans: Iterable[Span]) -> Iterator[Span]:
    """Yield the spans with new borders."""
    for span in spans:
        begin, end = span.begin, span.end
        if span.entity == "NAME":
            end = _cut_degree(text, begin, end)
        if span.entity in _ENTITIES_OF_WORDS:
            genitive = _GENITIVE.search(text, begin, end)
            end = genitive.start() if genitive else end
        begin, end = _cut_marks(text, begin, end)
        if any(map(str.isalnum, text[begin:end])):
            is_same = (begin, end) == (span.begin, span.end)
            yield span if is_same else replace(span, begin=begin, end=end)


def _cut_degree(text: str, begin: int, end: int) -> int:
    """Return the end of a name before a degree of which the span holds the first letter only."""
    start = _START_OF_DEGREE.search(text, begin, end)
    if start is None or not _REST_OF_DEGREE.match(text, end):
        return end
    first = start.start() + len(start.group()) - len(start.group().lstrip(", "))
    return start.start() if _DEGREE.match(text, first) else end


def _cut_marks(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return a range without brackets and quotation marks whose other half is outside."""
    while begin < end and _is_half_of_pair(text, begin, end, begin):
        begin += 1
    while end > begin and _is_half_of_pair(text, begin, end, end - 1):
        end -= 1
    return begin, end


def _is_half_of_pair(text: str, begin: int, end: int, position: int) -> bool:
    """Return whether a mark at a border has its other half outside the range."""
    mark, value = text[position], text[begin:end]
    if mark in "'’`" and position == begin:
        return text[end : end + 1] in _QUOTES and text[end : end + 1] != ""
    if mark == '"':
        return value.count('"') % 2 == 1
    if mark in _BRACKETS:
        return position == begin and value.count(mark) > value.count(_BRACKETS[mark])
    if mark in _CLOSING:
        return position == end - 1 and value.count(mark) > value.count(_CLOSING[mark])
    return False
