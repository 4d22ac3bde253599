"""Merge the spans of all sources into spans that do not overlap and cover the same characters."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import replace

from safelight.records import Span

UNDER_90 = "UNDER_90"
WEEKDAY = "WEEKDAY"
#: Part of a known name that is written like a word which is far commoner than the name.
COMMON_WORD = "COMMON_WORD"
#: Country that is not a part of an address.
COUNTRY = "COUNTRY"
#: Labels of spans that are found but are not identifiers by themselves: ages under 90, weekdays,
#: countries (45 CFR 164.514(b)(2)) and common words. A rule set may turn such ages into bands, and
#: weekdays are shifted together with dates.
NON_IDENTIFYING_LABELS = frozenset((UNDER_90, WEEKDAY, COMMON_WORD, COUNTRY))

#: Order in which the sources decide the entity of spans of equal length.
_SOURCE_PRIORITY = {"known": 0, "key": 1, "regex": 2, "gazetteer": 3, "ner": 4}


def is_unrecorded(span: Span, action: str) -> bool:
    """Return whether a span that a policy keeps is not a finding.

    Parts of known names that are kept as common words are findings.

    Parameters
    ----------
    span : Span
        Merged span.
    action : str
        Action of the policy for the span.
    """
    return (
        span.subtype in NON_IDENTIFYING_LABELS and span.subtype != COMMON_WORD and action == "keep"
    )


def select_identifying(spans: Iterable[Span]) -> list[Span]:
    """Return the spans whose label is not in `NON_IDENTIFYING_LABELS`."""
    return [span for span in spans if span.subtype not in NON_IDENTIFYING_LABELS]


def merge_spans(spans: Iterable[Span], text: str | None = None) -> list[Span]:
    """Return ordered spans without overlap that cover every character of the given spans.

    Overlapping spans of one entity become one span. If entities differ, the longest span is kept
    whole, and the rest of a shorter span keeps its own entity.

    Parameters
    ----------
    spans : iterable of Span
        Spans in any order; empty spans are skipped.
    text : str, optional
        Text of the spans. If given, spans are clipped to the text, white space at their ends is
        removed, and spans without a letter or digit are dropped.

    Returns
    -------
    list of Span
        Merged spans, sorted by begin.
    """
    given = [span for span in spans if span.begin < span.end]
    if text is not None:
        given = [trimmed for span in given if (trimmed := _trim(span, text))]
    if len(given) < 2:
        return given
    taken: list[tuple[int, int]] = []
    merged: list[Span] = []
    for span in sorted(_unite_entities(given), key=_priority):
        for begin, end in _free_ranges(taken, span.begin, span.end):
            piece: Span | None = replace(span, begin=begin, end=end)
            if text is not None and (begin, end) != (span.begin, span.end):
                piece = _trim(replace(span, begin=begin, end=end), text)
            if piece:
                merged.append(piece)
                insort(taken, (piece.begin, piece.end))
    merged.sort(key=lambda span: span.begin)
    return merged


def _priority(span: Span) -> tuple[bool, int, int, float, int, str, str]:
    """Return a sort key: identifying labels first, then longer spans, then the source."""
    source = _SOURCE_PRIORITY.get(span.engine, 5)
    length = span.end - span.begin
    secondary = span.subtype in NON_IDENTIFYING_LABELS
    return (secondary, -length, source, -span.confidence, span.begin, span.entity, span.subtype)


def _with_label_of_group(best: Span, group: list[Span]) -> Span:
    """Return the strongest name or date with the most reliable subtype of its group."""
    if best.subtype or best.entity not in ("NAME", "DATE"):
        return best
    labelled = [s for s in group if s.subtype and s.subtype not in NON_IDENTIFYING_LABELS]
    return replace(best, subtype=min(labelled, key=_priority).subtype) if labelled else best


def _unite_entities(spans: list[Span]) -> list[Span]:
    """Return the spans with overlapping spans of the same entity united."""
    united: list[Span] = []
    by_entity: dict[str, list[Span]] = {}
    for span in spans:
        by_entity.setdefault(span.entity, []).append(span)
    for group in by_entity.values():
        group.sort(key=lambda span: (span.begin, span.end))
        overlapping = [group[0]]
        end = group[0].end
        for span in group[1:]:
            if span.begin >= end:
                united.append(_unite(overlapping))
                overlapping = []
            overlapping.append(span)
            end = max(end, span.end)
        united.append(_unite(overlapping))
    return united


def _unite(overlapping: list[Span]) -> Span:
    """Return one span for overlapping spans of one entity, which are sorted by begin."""
    if len(overlapping) == 1:
        return overlapping[0]
    return replace(
        _with_label_of_group(min(overlapping, key=_priority), overlapping),
        begin=overlapping[0].begin,
        end=max(span.end for span in overlapping),
        confidence=max(span.confidence for span in overlapping),
    )


def _trim(span: Span, text: str) -> Span | None:
    """Return the span without white space at its ends, or None if no letter or digit remains."""
    begin, end = max(span.begin, 0), min(span.end, len(text))
    while begin < end and text[begin].isspace():
        begin += 1
    while begin < end and text[end - 1].isspace():
        end -= 1
    if not any(map(str.isalnum, text[begin:end])):
        return None
    if (begin, end) == (span.begin, span.end):
        return span
    return replace(span, begin=begin, end=end)


class CoveredRanges:
    """Ranges of a text that spans cover, searched in logarithmic time.

    Parameters
    ----------
    spans : sequence of Span
        Merged spans, in order.
    """

    def __init__(self, spans: Sequence[Span]):
        self._begins = [span.begin for span in spans]
        self._ends = [span.end for span in spans]

    def overlap(self, begin: int, end: int) -> bool:
        """Return whether a span covers a character of a range."""
        index = bisect_left(self._begins, end)
        return index > 0 and self._ends[index - 1] > begin


def _free_ranges(taken: list[tuple[int, int]], begin: int, end: int) -> list[tuple[int, int]]:
    """Return the parts of a range outside the taken ranges, which are sorted and disjoint."""
    free = []
    index = max(bisect_left(taken, (begin, begin)) - 1, 0)
    position = begin
    for start, stop in taken[index:]:
        if start >= end:
            break
        if stop <= position:
            continue
        if start > position:
            free.append((position, start))
        position = max(position, stop)
    if position < end:
        free.append((position, end))
    return free
