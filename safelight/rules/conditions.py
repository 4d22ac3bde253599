"""Conditions on the attributes of an object, and filters that use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

#: Returns the text of a top-level attribute by keyword; several values are joined by ``\\``.
#: The text of an absent attribute is empty.
AttributeGetter = Callable[[str], str]

ComparisonOperator = Literal["equals", "contains", "startsWith", "matches", "missing", "present"]
COMPARISON_OPERATORS: tuple[ComparisonOperator, ...] = (
    "equals", "contains", "startsWith", "matches", "missing", "present",
)  # fmt: skip
FilterOutcome = Literal["accept", "reject", "quarantine"]
FILTER_OUTCOMES: tuple[FilterOutcome, ...] = ("accept", "reject", "quarantine")


@dataclass(frozen=True)
class Comparison:
    """Comparison of one attribute with given values, without regard to case.

    Attributes
    ----------
    keyword : str
        Keyword of a top-level attribute.
    operator : str
        ``equals`` and ``startsWith`` are true if they are true of any value of a multi-valued
        attribute, ``contains`` and ``matches`` search the text with all values.
        ``missing`` is true of an absent or empty attribute, ``present`` of all others.
    values : tuple of str
        Alternatives; empty for ``missing`` and ``present``.
    """

    keyword: str
    operator: ComparisonOperator
    values: tuple[str, ...] = ()

    def is_met(self, get: AttributeGetter) -> bool:
        """Return whether the comparison is true of an object."""
        text = get(self.keyword).strip(" \0")
        if self.operator in ("missing", "present"):
            return bool(text) == (self.operator == "present")
        if not text:
            return False
        if self.operator == "matches":
            return any(re.search(pattern, text, re.IGNORECASE) for pattern in self.values)
        values = [value.strip(" \0").casefold() for value in text.split("\\")]
        whole = text.casefold()
        wanted = [value.casefold() for value in self.values]
        if self.operator == "contains":
            return any(value in whole for value in wanted)
        if self.operator == "startsWith":
            return any(value.startswith(start) for value in values for start in wanted)
        return whole in wanted or any(value in wanted for value in values)


@dataclass(frozen=True)
class Combination:
    """Combination of conditions.

    Attributes
    ----------
    operator : str
        ``all``, ``any``, or ``not`` (none of the conditions).
    conditions : tuple of Comparison or Combination
    """

    operator: Literal["all", "any", "not"]
    conditions: tuple[Condition, ...]

    def is_met(self, get: AttributeGetter) -> bool:
        """Return whether the combination is true of an object."""
        if self.operator == "all":
            return all(condition.is_met(get) for condition in self.conditions)
        any_met = any(condition.is_met(get) for condition in self.conditions)
        return any_met == (self.operator == "any")


Condition = Comparison | Combination


@dataclass(frozen=True)
class Filter:
    """Filter of a rule set: the outcome for objects that meet a condition.

    Attributes
    ----------
    outcome : str
        ``accept``, ``reject`` or ``quarantine``.
    condition : Comparison or Combination
    reason : str
        Reason from the rules file. It holds no PHI.
    """

    outcome: FilterOutcome
    condition: Condition
    reason: str


def find_first_match(filters: tuple[Filter, ...], get: AttributeGetter) -> Filter | None:
    """Return the first filter whose condition an object meets; None accepts the object.

    Parameters
    ----------
    filters : tuple of Filter
        Filters of a rule set, in the order in which they are tried.
    get : callable
        Returns the text of a top-level attribute of the object by keyword; see
        ``AttributeGetter``.
    """
    return next((candidate for candidate in filters if candidate.condition.is_met(get)), None)
