"""Move the borders of merged spans, so that a replacement changes no character beside the value.

A span does not end inside a degree (``Vandermeer, M`` of ``Vandermeer, M.D.``), does not take in a
genitive (``Ashgrove's plan``), and does not hold one of two brackets or quotation marks. It takes
in what belongs to the value: the initial of a surname (``S Haq``, ``Patel B``) and the groups of a
number that are joined to it (``207-555-O12l``).
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
_ENTITIES_OF_DIGITS = frozenset(("DATE", "ID", "CONTACT"))
#: Letters that a scanner reads for digits.
_DIGIT = "[0-9OIloSB]"
#: Groups of a number, after a hyphen or a slash, in which letters may be misread digits.
_GROUPS_AFTER = re.compile(
    rf"(?:[-/](?=[A-Za-z]{{0,2}}[0-9]){_DIGIT}{{2,4}})+(?![^\W_]|[.:/-][0-9])"
)
_CHARACTERS_BEFORE = 24
#: Initials before a surname: after a title, a verb of signing, a mark, or at the start of a line.
_INITIALS_BEFORE = re.compile(
    r"(?:\A|[\n:(,;|]|\b(?:by|w/|with|from|to|Dr|Mr|Mrs|Ms|Miss|Prof|Optom|Cons|Tech)\.?)[ \t]{0,2}"
    r"((?:[A-Z]\. ?){1,2}|[A-Z] )\Z|"
    r"[a-z]{2}[.;:] ((?:[A-Z]\. ?){1,2})\Z"
)
#: Two initials before a surname, which elsewhere may be an abbreviation: ``done by SM Hepworth``.
_TWO_INITIALS_BEFORE = re.compile(r"[a-z] by ([A-Z]{2} )\Z")
#: An initial after a surname in a list: ``Patel B, Patel S (path)``.
_INITIAL_AFTER = re.compile(r" [A-Z](?=[,;)\n|]| \(|\Z)(?!, ?[A-Z]\.?[A-Z]?\.?(?![^\W_]))")
#: Capitals of an identifier before its digits, after a mark or a label: ``lot CK 2207``.
_CAPITALS_OF_ID = re.compile(
    r"(?:[|(]|\b(?:lot|ref|card|book|kit|bag|serial|case|policy|batch)\.?)[ ]{0,2}"
    r"(?!(?:MRN|NHS|DOB|SSN|UR|SN|ID|NO|REF|ACC|NHI|CHI|NPI|GMC|TEL|FAX|EXT|MR|PID|LOT) )"
    r"([A-Z]{2,4} )\Z"
)
_SURNAME = re.compile(r"[^\W\d_]+(?:[-'’][^\W\d_]+)*")


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
    ordered = list(spans)
    limits = [*(span.begin for span in ordered[1:]), len(text)]
    last = 0
    for span, limit in zip(ordered, limits):
        begin, end = _move_borders(text, span)
        begin = span.begin if begin < last else begin
        end = span.end if end > limit else end
        begin, end = _cut_marks(text, begin, end)
        last = end
        if any(map(str.isalnum, text[begin:end])):
            is_same = (begin, end) == (span.begin, span.end)
            yield span if is_same else replace(span, begin=begin, end=end)


def _move_borders(text: str, span: Span) -> tuple[int, int]:
    """Return the range of the value of a span, judged by its entity."""
    begin, end = span.begin, span.end
    if span.entity == "NAME":
        end = _cut_degree(text, begin, end)
        begin, end = _with_initials(text, begin, end)
    if span.entity in _ENTITIES_OF_DIGITS and text[end - 1 : end].isdigit():
        groups = _GROUPS_AFTER.match(text, end)
        end = groups.end() if groups else end
    if span.entity == "ID" and text[begin : begin + 1].isdigit():
        capitals = _CAPITALS_OF_ID.search(text, max(0, begin - _CHARACTERS_BEFORE), begin)
        begin -= len(capitals[1]) if capitals else 0
    if span.entity in _ENTITIES_OF_WORDS:
        genitive = _GENITIVE.search(text, begin, end)
        end = genitive.start() if genitive else end
    return begin, end


def _cut_degree(text: str, begin: int, end: int) -> int:
    """Return the end of a name before a degree of which the span holds the first letter only."""
    start = _START_OF_DEGREE.search(text, begin, end)
    if start is None or not _REST_OF_DEGREE.match(text, end):
        return end
    first = start.start() + len(start.group()) - len(start.group().lstrip(", "))
    return start.start() if _DEGREE.match(text, first) else end


def _with_initials(text: str, begin: int, end: int) -> tuple[int, int]:
    """Return the range of a surname with the initials before or after it."""
    if not _SURNAME.fullmatch(text, begin, end) or not text[begin].isupper():
        return begin, end
    before = text[max(0, begin - _CHARACTERS_BEFORE) : begin]
    initials = _INITIALS_BEFORE.search(before) or _TWO_INITIALS_BEFORE.search(before)
    if initials:
        return begin - len(initials[initials.lastindex or 1]), end
    after = _INITIAL_AFTER.match(text, end)
    return begin, after.end() if after else end


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
