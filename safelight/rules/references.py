"""References to elements: in conditions, in composed values and in lookups."""

from __future__ import annotations

from functools import lru_cache

from safelight.rules.selectors import Selector, parse_selector

#: Reference to the element that a rule is applied to.
THIS = "this"

EXPECTED_REFERENCE = (
    "one element: a keyword (Modality), a tag ((0008,0060)), a private element "
    '((0019,"CREATOR",0c)) or a path (Sequence/Element)'
)


@lru_cache(maxsize=4096)
def parse_reference(text: str) -> Selector:
    """Return the selector of a reference, which names exactly one element.

    A path names the element in all items of its sequences.

    Parameters
    ----------
    text : str

    Raises
    ------
    ValueError
        If the text is not a reference. The message has the expected form.
    """
    selector = parse_selector(text)
    if selector.depth or not all(step.is_exact for step in selector.steps):
        raise ValueError(EXPECTED_REFERENCE)
    return selector
