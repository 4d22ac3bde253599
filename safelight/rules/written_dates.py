"""List the dates and times that a rule set writes itself.

Everybody who knows the rules knows such a date: a literal, or the first day of a year. If a later
pass shifted it by days, the shift could be read from the result.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from safelight.rules.action_parameters import PRECISIONS
from safelight.rules.attributes import get_vr
from safelight.rules.model import RuleEntry, RuleSet
from safelight.rules.operations import Operation
from safelight.rules.selectors import Selector, parse_selector
from safelight.rules.unconditional_entries import is_unconditional

#: Precision of a date of which a rule may have left any part: the first one of all.
UNKNOWN_PRECISION: Final = "unknown"

#: From the lowest to the highest one.
_ORDER: Final = (UNKNOWN_PRECISION, *PRECISIONS)

_DATE_VRS: Final = ("DA", "DT")
_TIME_VRS: Final = frozenset({*_DATE_VRS, "TM"})
_DATE_OR_TIME = re.compile(r"\d[\d.:+-]*")

#: Private attributes have an odd group.
_PRIVATE_GROUP: Final = 1 << 16

#: Actions whose result has a precision that depends on a pattern.
_PATTERN_ACTIONS: Final = frozenset({"regex", "truncate", "text"})


@dataclass(frozen=True)
class WrittenDates:
    """Dates and times that a rule set writes itself.

    Attributes
    ----------
    literals : frozenset of str
        Values that the rules write as they are.
    conditional : frozenset of str
        Values that the rules write under a condition only, so that they may separate few patients
        from the others.
    precisions : frozenset of tuple of str
        Selector and precision of the dates of which the rules keep only a part.
    """

    literals: frozenset[str] = frozenset()
    conditional: frozenset[str] = frozenset()
    precisions: frozenset[tuple[str, str]] = frozenset()

    def __bool__(self) -> bool:
        """Return whether there are any."""
        return bool(self.literals or self.conditional or self.precisions)

    def find_precision(self, tag: int, vr: str) -> str:
        """Return the lowest precision that a date of an attribute may have.

        Parameters
        ----------
        tag : int
            Standard or private tag, at any depth.
        vr : str
            ``DA`` or ``DT``.

        Returns
        -------
        str
            One of :data:`~safelight.rules.action_parameters.PRECISIONS`, or
            :data:`UNKNOWN_PRECISION`.
        """
        return _find_precision(self.precisions, tag, vr)

    def encode(self) -> str:
        """Return the dates as JSON."""
        return json.dumps(
            [sorted(self.literals), sorted(self.precisions), sorted(self.conditional)]
        )


@lru_cache(maxsize=4096)
def _find_precision(precisions: frozenset[tuple[str, str]], tag: int, vr: str) -> str:
    found = {to for text, to in precisions if _may_select(parse_selector(text), tag, vr)}
    return min({"day"} | found, key=_ORDER.index)


def _may_select(selector: Selector, tag: int, vr: str) -> bool:
    """Return whether a selector may select an element, wherever the element is."""
    element = selector.steps[-1]
    if tag & _PRIVATE_GROUP and not element.vr:
        return selector.is_private
    return element.matches(tag, vr)


def decode_written_dates(texts: Iterable[str]) -> WrittenDates:
    """Return the dates of several rule sets together.

    Parameters
    ----------
    texts : iterable of str
        Results of :meth:`WrittenDates.encode`, also of versions without conditional dates; an
        empty one has no dates.
    """
    literals: set[str] = set()
    conditional: set[str] = set()
    precisions: set[tuple[str, str]] = set()
    for text in filter(None, texts):
        values, selectors, *others = json.loads(text)
        literals.update(values)
        precisions.update((selector, to) for selector, to in selectors)
        conditional.update(*others)
    return WrittenDates(
        frozenset(literals), frozenset(conditional - literals), frozenset(precisions)
    )


def find_written_dates(rules: RuleSet) -> WrittenDates:
    """Return the dates and times that a rule set writes itself.

    Parameters
    ----------
    rules : RuleSet
    """
    precisions = {
        (entry.selector.text, precision)
        for entry in rules.elements
        if (precision := _find_entry_precision(entry)) is not None
    }
    if rules.date_precision != "day":
        precisions |= {(f"*/{{{vr}}}", rules.date_precision) for vr in _DATE_VRS}
    written = [one for one in _list_literals(rules) if _DATE_OR_TIME.fullmatch(one[0])]
    literals = {text for text, is_conditional in written if not is_conditional}
    conditional = {text for text, is_conditional in written if is_conditional}
    return WrittenDates(
        frozenset(literals), frozenset(conditional - literals), frozenset(precisions)
    )


def _list_literals(rules: RuleSet) -> Iterator[tuple[str, bool]]:
    """Yield the literals that the rules may write into a date or a time.

    The second value says whether they do so under a condition only.
    """
    for index, entry in enumerate(rules.elements):
        others = [one for one in rules.elements[:index] if not _writes_the_same(one, entry)]
        is_conditional = not is_unconditional(entry, others)
        if entry.operation is Operation.LITERAL and _may_be_date(entry.selector):
            yield from ((text, is_conditional) for text in (entry.value or "").split("\\"))
        elif entry.parameters is not None and _may_be_date(entry.selector):
            yield entry.parameters.template, is_conditional
    for addition in rules.additions:
        for tag, parameters in addition.list_values():
            if addition.find_vr(tag) in _TIME_VRS:
                for text in parameters.template.split("\\"):
                    yield text, addition.condition is not None
    yield from ((value, False) for vr, value in rules.dummies if vr in _TIME_VRS)


def _writes_the_same(one: RuleEntry, other: RuleEntry) -> bool:
    """Return whether two entries write the same literal."""
    return one.operation is other.operation is Operation.LITERAL and one.value == other.value


def _find_entry_precision(entry: RuleEntry) -> str | None:
    """Return the precision of the dates that an entry writes; None if it keeps the day."""
    parameters = entry.parameters
    if parameters is None or not _may_be_date(entry.selector):
        return None
    if parameters.action in _PATTERN_ACTIONS:
        return None if _DATE_OR_TIME.fullmatch(parameters.template) else UNKNOWN_PRECISION
    return parameters.to if parameters.to not in ("", "day") else None


def _may_be_date(selector: Selector) -> bool:
    """Return whether a selector may select a date or a time."""
    vr = get_vr(selector.tag) if selector.tag is not None else selector.steps[-1].vr
    return not vr or vr in _TIME_VRS
