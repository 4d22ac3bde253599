"""Conditions on an object, and the filters that are made of them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

#: Gives the text of a top-level attribute by keyword, values joined by ``\\``; empty if absent.
AttributeGetter = Callable[[str], str]

ComparisonOperator = Literal["equals", "contains", "startsWith", "matches", "missing", "present"]
COMPARISON_OPERATORS: tuple[ComparisonOperator, ...] = (
    "equals",
    "contains",
    "startsWith",
    "matches",
    "missing",
    "present",
)
FilterOutcome = Literal["accept", "reject", "quarantine"]
FILTER_OUTCOMES: tuple[FilterOutcome, ...] = ("accept", "reject", "quarantine")


@dataclass(frozen=True)
class Comparison:
    """One test of one attribute; texts are compared without regard to case.

    ``values`` are alternatives. ``equals`` and ``startsWith`` hold if any value of a
    multi-valued attribute does; ``missing`` means absent or empty, ``present`` the contrary.
    """

    keyword: str
    test: ComparisonOperator
    values: tuple[str, ...] = ()

    def is_met(self, get: AttributeGetter) -> bool:
        """Whether the object passes."""
        text = get(self.keyword).strip(" \0")
        if self.test in ("missing", "present"):
            return bool(text) == (self.test == "present")
        if not text:
            return False
        values = [value.strip(" \0").casefold() for value in text.split("\\")]
        whole = text.casefold()
        if self.test == "matches":
            return any(re.search(pattern, text, re.IGNORECASE) for pattern in self.values)
        wanted = [value.casefold() for value in self.values]
        if self.test == "contains":
            return any(value in whole for value in wanted)
        if self.test == "startsWith":
            return any(value.startswith(start) for value in values for start in wanted)
        return whole in wanted or any(value in wanted for value in values)


@dataclass(frozen=True)
class Combination:
    """``all``, ``any`` or ``not`` (none) of some conditions."""

    how: Literal["all", "any", "not"]
    parts: tuple[Condition, ...]

    def is_met(self, get: AttributeGetter) -> bool:
        """Whether the object passes."""
        if self.how == "all":
            return all(part.is_met(get) for part in self.parts)
        return any(part.is_met(get) for part in self.parts) == (self.how == "any")


Condition = Comparison | Combination


@dataclass(frozen=True)
class Filter:
    """What happens to objects that meet a condition, and why. The reason holds no PHI."""

    outcome: FilterOutcome
    when: Condition
    reason: str


def find_first_match(filters: tuple[Filter, ...], get: AttributeGetter) -> Filter | None:
    """The first filter that an object meets; ``None`` accepts it."""
    return next((one for one in filters if one.when.is_met(get)), None)
