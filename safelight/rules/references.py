"""References to elements: in conditions, in composed values and in lookups."""

from __future__ import annotations

import re
from functools import lru_cache

from safelight.rules.selectors import PathStep, Selector, parse_selector

#: Reference to the element that a rule is applied to.
THIS = "this"

#: Prefix of a reference to an element of the item (or of the top level) that holds ``this``.
SIBLING_PREFIX = "./"

EXPECTED_REFERENCE = (
    "one element: a keyword (Modality), a tag ((0008,0060)), a private element "
    '((0019,"CREATOR",0c)) or a path (Sequence/Element)'
)


#: Private element or private creator by number. Only conditions may name a private creator.
PRIVATE_NUMBER_PATTERN = r"\(([0-9A-Fa-f]{3}[13579BDFbdf]),\s*([0-9A-Fa-f]{4})\)"


@lru_cache(maxsize=4096)
def parse_reference(text: str, *, by_number: bool = False) -> Selector:
    """Return the selector of a reference, which names exactly one element.

    A path names the element in all items of its sequences.

    Parameters
    ----------
    text : str
    by_number : bool
        Whether a private creator may be named too: ``(0019,0010)``.

    Raises
    ------
    ValueError
        If the text is not a reference. The message has the expected form.
    """
    if by_number and (match := re.fullmatch(PRIVATE_NUMBER_PATTERN, text.strip())):
        return Selector(text, "", (PathStep(private_digits=(match[1] + match[2]).upper()),))
    selector = parse_selector(text)
    if selector.depth or not all(step.is_exact for step in selector.steps):
        raise ValueError(EXPECTED_REFERENCE)
    return selector


def is_beside_this(reference: str) -> bool:
    """Return whether a reference names the element of a rule, or an element of the same item."""
    return reference == THIS or reference.startswith(SIBLING_PREFIX)
