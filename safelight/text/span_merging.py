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
    carried = span.subtype in CARRIED
    return (carried, -length, trust, -span.confidence, span.begin, span.entity, span.subtype)


def _with_fine(best: Span, group: list[Span]) -> Span:
    """Keep whose name it is, or whose birth, where the strongest span of a group does not say."""
    if best.subtype or best.entity not in ("NAME", "DATE"):
        return best
    told = [span for span in group if span.subtype and span.subtype not in CARRIED]
    return replace(best, subtype=min(told, key=_order).subtype) if told else best


def _union(spans: list[Span]) -> list[Span]:
    """Join overlapping spans of the same entity; the strongest gives the labels."""
    joined: list[Span] = []
    by_entity: dict[str, list[Span]] = {}
    for span in spans:
        by_entity.setdefault(span.entity, []).append(span)
    for group in by_entity.values():
        group.sort(key=lambda span: (span.begin, span.end))
        run = [group[0]]
        end = group[0].end
        for span in group[1:]:
            if span.begin >= end:
                joined.append(_joined(run))
                run = []
            run.append(span)
            end = max(end, span.end)
        joined.append(_joined(run))
    return joined


def _joined(run: list[Span]) -> Span:
    """Overlapping spans of one entity, in order of their begin, as one."""
    if len(run) == 1:
        return run[0]
    return replace(
        _with_fine(min(run, key=_order), run),
        begin=run[0].begin,
        end=max(span.end for span in run),
        confidence=max(span.confidence for span in run),
    )


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
