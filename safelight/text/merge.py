"""Merge the spans of all sources: their union, the longest first, nothing dropped silently."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable
from dataclasses import replace

from safelight.records import Span
from safelight.text.carried import CARRIED

#: Who is believed about the entity when two spans are equally long.
_TRUST = {"known": 0, "key": 1, "regex": 2, "gazetteer": 3, "ner": 4}


def _order(span: Span) -> tuple[bool, int, int, float, int, str, str]:
    """What identifies comes before what is only carried along, however long that is."""
    trust = _TRUST.get(span.engine, 5)
    length = span.end - span.begin
    carried = span.fine in CARRIED
    return (carried, -length, trust, -span.confidence, span.begin, span.entity, span.fine)


def _union(spans: list[Span]) -> list[Span]:
    """Join overlapping spans of the same entity; the strongest gives the labels."""
    joined: list[Span] = []
    by_entity: dict[str, list[Span]] = {}
    for span in spans:
        by_entity.setdefault(span.entity, []).append(span)
    for group in by_entity.values():
        group.sort(key=lambda span: (span.begin, span.end))
        best, end = group[0], group[0].end
        begin, confidence = best.begin, best.confidence
        for span in group[1:]:
            if span.begin < end:
                end = max(end, span.end)
                confidence = max(confidence, span.confidence)
                best = min(best, span, key=_order)
            else:
                joined.append(replace(best, begin=begin, end=end, confidence=confidence))
                best, begin, end, confidence = span, span.begin, span.end, span.confidence
        joined.append(replace(best, begin=begin, end=end, confidence=confidence))
    return joined


def merge_spans(spans: Iterable[Span], text: str | None = None) -> list[Span]:
    """Spans in order and without overlap that cover all that any of the given ones covers.

    Overlapping spans of one entity become one. Where entities differ, the longest keeps its
    place and what stands out of the others stays hidden under their own entity.

    Parameters
    ----------
    spans : iterable of Span
        In any order; empty ones are passed over.
    text : str, optional
        When given, spans are cut to it and lose white space at their ends, and pieces that
        hold neither letter nor digit are left out.
    """
    given = [span for span in spans if span.begin < span.end]
    if text is not None:
        given = [tight for span in given if (tight := _tighten(span, text))]
    if len(given) < 2:
        return given
    taken: list[tuple[int, int]] = []
    merged: list[Span] = []
    for span in sorted(_union(given), key=_order):
        for begin, end in _free(taken, span.begin, span.end):
            piece: Span | None = replace(span, begin=begin, end=end)
            if text is not None and (begin, end) != (span.begin, span.end):
                piece = _tighten(replace(span, begin=begin, end=end), text)
            if piece:
                merged.append(piece)
                insort(taken, (piece.begin, piece.end))
    merged.sort(key=lambda span: span.begin)
    return merged


def _tighten(span: Span, text: str) -> Span | None:
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


def _free(taken: list[tuple[int, int]], begin: int, end: int) -> list[tuple[int, int]]:
    """What of a range is not yet taken; ``taken`` is sorted and without overlap."""
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
