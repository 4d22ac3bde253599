"""Spans that are carried along though they identify nobody by themselves.

Ages under 90 and weekdays are no identifiers (45 CFR 164.514(b)(2)). They are found all the
same, so that a rule may turn ages into bands and shift weekdays with their dates.
"""

from __future__ import annotations

from collections.abc import Iterable

from safelight.records import Span

UNDER_90 = "UNDER_90"
WEEKDAY = "WEEKDAY"
CARRIED = frozenset((UNDER_90, WEEKDAY))


def identifying(spans: Iterable[Span]) -> list[Span]:
    """The spans without those that are only carried along."""
    return [span for span in spans if span.subtype not in CARRIED]
