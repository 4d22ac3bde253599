"""Conditions on the attributes of an object, and filters that use them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from safelight.rules.linear_patterns import is_found
from safelight.rules.references import SIBLING_PREFIX, is_beside_this

#: Returns the text of an element by its reference (see `safelight.rules.references`); several
#: values, and those of several items, are joined by ``\\``. The text of an absent element is empty,
#: that of an element without a value is `EMPTY_VALUE`.
AttributeGetter = Callable[[str], str]

#: Text of an element that is there without a value. Comparisons ignore spaces at both ends.
EMPTY_VALUE = " "

ComparisonOperator = Literal[
    "equals", "in", "contains", "startsWith", "matches", "greaterThan", "lessThan", "missing",
    "present", "exists",
]  # fmt: skip
COMPARISON_OPERATORS: tuple[ComparisonOperator, ...] = (
    "equals", "in", "contains", "startsWith", "matches", "greaterThan", "lessThan", "missing",
    "present", "exists",
)  # fmt: skip
#: Operators without a value to compare with.
PRESENCE_OPERATORS: tuple[ComparisonOperator, ...] = ("missing", "present", "exists")
FilterOutcome = Literal["accept", "reject", "quarantine"]
FILTER_OUTCOMES: tuple[FilterOutcome, ...] = ("accept", "reject", "quarantine")


@dataclass(frozen=True)
class Comparison:
    """Comparison of one element with given values, without regard to case.

    Attributes
    ----------
    keyword : str
        Reference to the element: keyword, tag, private element or path; ``this``; or a reference
        with the prefix ``./`` for an element of the same item.
    operator : str
        ``equals``, its synonym ``in``, ``startsWith``, ``greaterThan`` and ``lessThan`` are true
        if they are true of any value of a multi-valued attribute, ``contains`` and ``matches``
        search the text with all values. An age is compared in years. ``missing`` is true of an
        absent or empty attribute, ``present`` of all others, ``exists`` of a present or empty one.
    values : tuple of str
        Alternatives; empty for the operators in `PRESENCE_OPERATORS`.
    other : str
        Reference to the element whose values are the alternatives; empty if they are given. It is
        an element of the same item exactly if the first one is.
    """

    keyword: str
    operator: ComparisonOperator
    values: tuple[str, ...] = ()
    other: str = ""

    def is_met(self, get: AttributeGetter) -> bool:
        """Return whether the comparison is true of an object."""
        text = get(self.keyword)
        if self.operator == "exists":
            return bool(text)
        text = text.strip(" \0")
        if self.operator in PRESENCE_OPERATORS:
            return bool(text) == (self.operator == "present")
        if not text:
            return False
        if self.other:
            compared = replace(self, values=_split_values(get(self.other)), other="")
            return bool(compared.values) and compared.is_met(get)
        if self.operator == "matches":
            return any(is_found(pattern, text) for pattern in self.values)
        values = [value.casefold() for value in _split_values(text)]
        if self.operator in ("greaterThan", "lessThan"):
            return self._compare_numbers(values)
        whole = text.casefold()
        wanted = [value.casefold() for value in self.values]
        if self.operator == "contains":
            return any(value in whole for value in wanted)
        if self.operator == "startsWith":
            return any(value.startswith(start) for value in values for start in wanted)
        return whole in wanted or any(value in wanted for value in values)

    def _compare_numbers(self, values: list[str]) -> bool:
        """Return whether a number among the values is beyond the limit."""
        limits = [limit for value in self.values if (limit := read_number(value)) is not None]
        numbers = [number for value in values if (number := read_number(value)) is not None]
        if not limits or not numbers:
            return False
        if self.operator == "greaterThan":
            return max(numbers) > min(limits)
        return min(numbers) < max(limits)


def _split_values(text: str) -> tuple[str, ...]:
    """Return the values of an element without padding."""
    stripped = text.strip(" \0")
    return tuple(value.strip(" \0") for value in stripped.split("\\")) if stripped else ()


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

_AGE = re.compile(r"(\d{3})([dwmy])", re.IGNORECASE)
_YEARS_BY_AGE_UNIT = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}


def read_number(text: str) -> float | None:
    """Return the number in a value; an age in years; None if there is none.

    Parameters
    ----------
    text : str
        One value.
    """
    if match := _AGE.fullmatch(text.strip()):
        return int(match[1]) * _YEARS_BY_AGE_UNIT[match[2].upper()]
    try:
        return float(text)
    except ValueError:
        return None


def list_references(condition: Condition) -> frozenset[str]:
    """Return the references of all comparisons of a condition."""
    if isinstance(condition, Comparison):
        return frozenset(filter(None, (condition.keyword, condition.other)))
    return frozenset().union(*(list_references(inner) for inner in condition.conditions))


def compares_siblings(condition: Condition) -> bool:
    """Return whether a condition compares an element of the item that holds ``this``."""
    return any(one.startswith(SIBLING_PREFIX) for one in list_references(condition))


def simplify(condition: Condition, get: AttributeGetter) -> Condition | bool:
    """Return the rest of a condition for one object: a part about an item, or its truth.

    Parameters
    ----------
    condition : Comparison or Combination
    get : callable
        Returns the text of an element of the object; see ``AttributeGetter``.
    """
    if isinstance(condition, Comparison):
        return condition if is_beside_this(condition.keyword) else condition.is_met(get)
    ends = condition.operator != "all"  # the truth of one part that decides
    left: list[Condition] = []
    for inner in condition.conditions:
        part = simplify(inner, get)
        if part is ends:
            return condition.operator == "any"
        if not isinstance(part, bool):
            left.append(part)
    if left:
        return Combination(condition.operator, tuple(left))
    return condition.operator != "any"


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
