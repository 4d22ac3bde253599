"""Ordered lists of named rules, with counters of how often each rule decided.

A function with many early returns becomes a `RuleList`: each return is a `Rule` with a name, and
the order of the rules is the order of the list. Counting is off unless `count_decisions` is
active, and then costs nothing but one comparison per decision.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, ParamSpec, TypeVar, cast

P = ParamSpec("P")
R = TypeVar("R")

#: Name under which a `RuleList` counts that no rule decided.
DEFAULT = "default"

#: Counters by (name of the list, name of the rule); None while counting is off.
_counts: Counter[tuple[str, str]] | None = None


@dataclass(frozen=True)
class Rule(Generic[P, R]):
    """One rule of a list.

    Attributes
    ----------
    name : str
        Name in the table of counters; unique within its list.
    decide : callable
        Returns the decision, or None to leave it to the next rule. If `decision` is set, it is a
        condition instead: any true result makes that decision.
    decision : object, optional
        Fixed decision; see :func:`rule_if`.
    """

    name: str
    decide: Callable[P, R | None]
    decision: R | None = None


def rule_if(name: str, condition: Callable[P, object], decision: R) -> Rule[P, R]:
    """Return a rule that makes one fixed decision if a condition is true.

    Parameters
    ----------
    name : str
        Name in the table of counters.
    condition : callable
        Takes the arguments of the list; its result is used as a truth value.
    decision : object
        Result of the list if the condition is true.
    """
    return Rule(name, cast(Any, condition), decision)


class RuleList(Generic[P, R]):
    """Rules in order: a call returns the first decision that is not None.

    Parameters
    ----------
    name : str
        Name in the table of counters, usually of the public function that calls the list.
    *rules : Rule
        All take the same arguments.
    default : object
        Result if no rule decides.
    """

    def __init__(self, name: str, *rules: Rule[P, R], default: R) -> None:
        self.name = name
        self.rules = rules
        self.default = default
        self._steps = tuple((rule.decide, rule.decision, rule.name) for rule in rules)
        _register(self)

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> R:
        """Return the decision of the first rule that makes one, or the default."""
        for decide, fixed, name in self._steps:
            decision = decide(*args, **kwargs)
            if fixed is not None:
                decision = fixed if decision else None
            if decision is not None:
                if _counts is not None:
                    _counts[self.name, name] += 1
                return decision
        if _counts is not None:
            _counts[self.name, DEFAULT] += 1
        return self.default


_lists: dict[str, tuple[str, ...]] = {}


def _register(rules: RuleList[P, R]) -> None:
    """Remember the names of the rules of a list, for the table of counters."""
    names = (*(rule.name for rule in rules.rules), DEFAULT)
    if len(set(names)) != len(names):
        raise ValueError(f"two rules of {rules.name} have one name: rename one of them")
    _lists[rules.name] = names


@contextmanager
def count_decisions() -> Iterator[Counter[tuple[str, str]]]:
    """Count the decisions of all rule lists of this process while the context is active.

    Yields
    ------
    Counter
        Keys are (name of the list, name of the rule), of every list that was imported before.
        A rule that never decided is 0.
    """
    global _counts  # noqa: PLW0603
    before = _counts
    _counts = Counter({(name, rule): 0 for name, rules in _lists.items() for rule in rules})
    try:
        yield _counts
    finally:
        _counts = before
