"""Choose the rules for one object by the conditions of their entries."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import replace

from safelight.rules.compiled_rules import CompiledRules
from safelight.rules.conditions import AttributeGetter, Condition, list_references, simplify
from safelight.rules.model import RuleEntry, RuleSet
from safelight.rules.references import is_beside_this

#: Number of compiled rule sets that are kept, one for each combination of met conditions.
MAX_COMPILED_VARIANTS = 64


class ConditionalRules:
    """Compiled rules of a rule set, one for each combination of conditions that objects meet.

    A condition on an element of the object is decided once for the object. Its entry then always
    applies, or never. A condition on ``this`` or on an element of the same item stays in the
    compiled rule. Rules without conditions are compiled once.

    Parameters
    ----------
    rule_set : RuleSet

    Attributes
    ----------
    unconditional : CompiledRules
        Rules in which every condition is open; those of all objects if there are no conditions.
    """

    def __init__(self, rule_set: RuleSet):
        self.unconditional = CompiledRules(rule_set)
        self._rule_set = rule_set
        self._conditions: tuple[Condition, ...] = tuple(
            dict.fromkeys(
                entry.condition
                for entry in rule_set.elements
                if entry.condition is not None
                and not all(map(is_beside_this, list_references(entry.condition)))
            )
        )
        self._variants: OrderedDict[tuple[Condition | bool, ...], CompiledRules] = OrderedDict()

    @property
    def has_conditions(self) -> bool:
        """True if the rules depend on elements of the object."""
        return bool(self._conditions)

    def choose(self, get: AttributeGetter) -> CompiledRules:
        """Return the rules for one object.

        Parameters
        ----------
        get : callable
            Returns the text of an element of the object; see ``AttributeGetter``.
        """
        if not self._conditions:
            return self.unconditional
        outcome = tuple(simplify(condition, get) for condition in self._conditions)
        compiled = self._variants.get(outcome)
        if compiled is None:
            decided = dict(zip(self._conditions, outcome, strict=True))
            elements = (_decide(entry, decided) for entry in self._rule_set.elements)
            left = tuple(entry for entry in elements if entry is not None)
            compiled = CompiledRules(replace(self._rule_set, elements=left))
            if len(self._variants) >= MAX_COMPILED_VARIANTS:
                self._variants.popitem(last=False)
            self._variants[outcome] = compiled
        else:
            self._variants.move_to_end(outcome)
        return compiled


def _decide(entry: RuleEntry, decided: dict[Condition, Condition | bool]) -> RuleEntry | None:
    """Return an entry with the rest of its condition; None if its condition is not met."""
    if entry.condition is None:
        return entry
    left = decided.get(entry.condition, entry.condition)
    if left is False:
        return None
    return replace(entry, condition=None if left is True else left)
