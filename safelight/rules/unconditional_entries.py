"""Find the entries of a rules file that decide about an attribute of every patient.

What such an entry writes follows from the rules alone. A value that is written under a condition
separates the patients who meet it from the others.
"""

from __future__ import annotations

from collections.abc import Iterable

from safelight.rules.attributes import get_vr
from safelight.rules.model import RuleEntry
from safelight.rules.selectors import Selector


def is_unconditional(entry: RuleEntry, earlier: Iterable[RuleEntry]) -> bool:
    """Return whether an entry decides about the attribute that it selects for every patient.

    Parameters
    ----------
    entry : RuleEntry
    earlier : iterable of RuleEntry
        Entries before it in the file, which may decide first.
    """
    if entry.condition is not None or entry.exceptions:
        return False
    return not any(_overlaps(one.selector, entry.selector) for one in earlier)


def _overlaps(one: Selector, other: Selector) -> bool:
    """Return whether two selectors may select the same element, wherever it is."""
    if other.tag is not None:
        return one.steps[-1].matches(other.tag, get_vr(other.tag))
    return one.tag is None or other.steps[-1].matches(one.tag, get_vr(one.tag))
