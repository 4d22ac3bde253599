"""Decisions of a release that hold for all of its objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from safelight.risk.hierarchies import DATE_COLUMNS
from safelight.rules.written_dates import WrittenDates
from safelight.rules.written_texts import WrittenTexts


@dataclass(frozen=True)
class ReleaseTreatment:
    """Decisions of a release that hold for all of its objects.

    Attributes
    ----------
    levels : mapping of str to int
        Level of generalisation by column of ``catalog``; a column that is missing has level 0.
    common_descriptions : frozenset of str
        Descriptions that enough patients share. Other descriptions are removed.
    keep_private : bool
        Whether private elements are kept. Their values may link two releases.
    dicomdir : bool
        Whether the directory records of the object are made.
    written_dates : WrittenDates
        Dates and times that the rules of the first pass have written themselves.
    written_texts : WrittenTexts
        Texts that these rules have written for every patient. They are kept.
    """

    levels: Mapping[str, int] = field(default_factory=dict)
    common_descriptions: frozenset[str] = frozenset()
    keep_private: bool = False
    dicomdir: bool = False
    written_dates: WrittenDates = field(default_factory=WrittenDates)
    written_texts: WrittenTexts = field(default_factory=WrittenTexts)

    @property
    def date_level(self) -> int:
        """Level of generalisation of all dates; see :func:`find_date_level`."""
        return find_date_level(self.levels)


def find_date_level(levels: Mapping[str, int]) -> int:
    """Return the level of generalisation of all dates: the highest one of the columns of dates."""
    return max(levels.get(column, 0) for column in DATE_COLUMNS)
