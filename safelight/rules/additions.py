"""Elements that a rule set adds to objects."""

from __future__ import annotations

from dataclasses import dataclass

from safelight.rules.action_parameters import ActionParameters
from safelight.rules.conditions import Condition


@dataclass(frozen=True)
class Addition:
    """One entry of ``add``: an element of the top level that is created.

    Attributes
    ----------
    tag : int
    parameters : ActionParameters
        A value of ``text``, or a ``lookup``.
    always : bool
        Whether an element that the object has is replaced; otherwise it is created only if the
        new object has no value for it.
    condition : Comparison, Combination or None
        Objects that get the element; None for all.
    source : str
        Name of the rule set and index of the entry: ``NAME add[I]``.
    line : int
        Line in the file, counted from 1.
    """

    tag: int
    parameters: ActionParameters
    always: bool
    condition: Condition | None
    source: str
    line: int
