"""Operations of the header stage on an element, and the rule that selects one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from enum import IntEnum

from safelight.rules.action_parameters import ActionParameters
from safelight.rules.conditions import AttributeGetter, Condition, compares_siblings


class Operation(IntEnum):
    """Operation on one element."""

    KEEP = 0
    REMOVE = 1
    EMPTY = 2
    DUMMY = 3  # a constant that fits the VR; in a sequence, the elements of its items
    UID = 4  # map the UID, unless the standard registers it
    SHIFT = 5  # shift the date by the days of the patient; a time is kept
    CLEAN = 6  # remove identifying parts of free text
    PATIENT_ID = 7  # the pseudonym of the patient
    TOKEN = 8  # a keyed token that fits the VR
    NAME = 9  # a token or a surrogate name, depending on the rule set
    AGE = 10  # keep up to 89 years; 090Y above
    LITERAL = 11  # a fixed value
    RECURSE = 12  # keep the sequence and apply the rules to its items
    STRUCTURED_CONTENT = 13  # clean the content tree of a report, or refuse the object
    ENCAPSULATED_DOCUMENT = 14  # clean the document (PDF, CDA), or refuse the object
    TRANSFORM = 15  # change the value by a function, such as round; a part of it remains
    HASH = 16  # a keyed hash of a given length
    LOOKUP = 17  # a value of a lookup table
    TEXT = 18  # a value that is composed of values of the new object
    QUARANTINE = 19  # refuse the object
    CONDITIONAL = 20  # depends on a condition, see `AttributeRule.cases`
    REMOVE_ITEMS = 21  # remove the items of a sequence that meet a condition; in entries only


class Recheck(IntEnum):
    """Findings of the text model that count against a value that the rules keep."""

    ALL = 0  # free text
    CONFIDENT = 1  # technical vocabulary according to a table: only confident findings
    NONE = 2  # identifying according to a table, and kept by the organisation on purpose


@dataclass(frozen=True)
class AttributeRule:
    """Rule for one attribute at one place of an object.

    Attributes
    ----------
    operation : Operation
    source : str
        Origin of the rule, for the audit: ``E.1-1 X/Z/D type 2``, ``research elements[3]``.
    argument : str or None
        Value for ``LITERAL``; or the VR of a private element that may be stored as UN.
    fallback : Operation
        Replaces ``CLEAN`` where text cannot be cleaned: REMOVE, EMPTY or DUMMY.
    recheck : Recheck
        Findings of the text model that count if the value is kept.
    parameters : ActionParameters or None
        Parameters of an entry of a rules file that computes a new value.
    is_explicit : bool
        Whether the rules file keeps this attribute by name although Table E.1-1 calls it
        identifying. The value then is not searched for known values. Of the direct identifiers,
        this holds for the name and the ID of the patient only.
    cases : tuple of ConditionalRule
        Rules of ``CONDITIONAL``, in the order in which they are tried.
    otherwise : AttributeRule or None
        Rule of ``CONDITIONAL`` if no condition is met.
    """

    operation: Operation
    source: str
    argument: str | None = None
    fallback: Operation = Operation.REMOVE
    recheck: Recheck = Recheck.ALL
    parameters: ActionParameters | None = None
    is_explicit: bool = False
    cases: tuple[ConditionalRule, ...] = ()
    otherwise: AttributeRule | None = None

    @property
    def is_perturbed(self) -> bool:
        """True if the rule adds noise to the value."""
        return self.parameters is not None and self.parameters.action == "perturb"

    @property
    def may_keep(self) -> bool:
        """True if a value that the lookup table lacks is kept."""
        return self.parameters is not None and self.parameters.keeps_missing

    def keep(self) -> AttributeRule:
        """Return the rule that keeps the value instead."""
        return replace(self, operation=Operation.KEEP)

    def choose(self, get: AttributeGetter) -> AttributeRule:
        """Return the rule for an element by its value; the rule itself if it has no cases.

        Parameters
        ----------
        get : callable
            Returns the text of the element for ``this``, and the text of an element of the same
            item for a reference with the prefix ``./``.
        """
        if self.otherwise is None:
            return self
        for case in self.cases:
            if case.condition.is_met(get):
                return case.rule.choose(get)
        return self.otherwise.choose(get)

    def compares_siblings(self) -> bool:
        """Return whether the rule depends on elements of the item that holds its element."""
        return any(
            compares_siblings(case.condition) or case.rule.compares_siblings()
            for case in self.cases
        ) or (self.otherwise is not None and self.otherwise.compares_siblings())

    def list_alternatives(self) -> Iterator[AttributeRule]:
        """Yield the rules that objects can get: those of all cases, or the rule itself."""
        if self.otherwise is None:
            yield self
            if self.may_keep:
                yield self.keep()
            return
        for case in self.cases:
            yield from case.rule.list_alternatives()
        yield from self.otherwise.list_alternatives()


@dataclass(frozen=True)
class ConditionalRule:
    """Rule that is applied if a condition is met.

    Attributes
    ----------
    condition : Comparison or Combination
    rule : AttributeRule
    """

    condition: Condition
    rule: AttributeRule


def find_item_removal(
    rules: Iterable[ConditionalRule], get: AttributeGetter
) -> AttributeRule | None:
    """Return the rule that removes an item of a sequence; None if the item stays.

    Parameters
    ----------
    rules : iterable of ConditionalRule
        Rules of the sequence.
    get : callable
        Returns the text of an element of the item for a reference with the prefix ``./``.
    """
    return next((one.rule for one in rules if one.condition.is_met(get)), None)
