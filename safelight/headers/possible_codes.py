"""List the codes of CID 7050 that objects can get under a rule set."""

from __future__ import annotations

from functools import reduce
from operator import or_

from safelight.headers.deidentification_labels import derive_labels
from safelight.headers.retained_information import (
    NOTHING,
    RETAINING_OPERATIONS,
    Retained,
    classify_standard,
)
from safelight.rules import CompiledRules, Operation, RuleSet
from safelight.rules.attributes import get_vr
from safelight.rules.selectors import list_dictionary_tags
from safelight.standard.options import Option

#: Sequence that represents all sequences: its items have no rules of their own.
_REFERENCED_IMAGE_SEQUENCE = 0x00081140


_ORIGINAL_DATES = Retained.ORIGINAL_DATE | Retained.ORIGINAL_TIME
_ALL_DATES = (
    _ORIGINAL_DATES | Retained.SHIFTED_DATE | Retained.CONSISTENT_TIME | Retained.REDUCED_DATE
)
_CONTRADICTING = Retained.BEYOND_PROFILE | Retained.UNREAD_TEXT | Retained.DIRECT_IDENTIFIER


def list_possible_codes(rules: RuleSet) -> frozenset[str]:
    """Return the codes that an object can get, by the selected options or by rules for elements.

    Parameters
    ----------
    rules : RuleSet

    Returns
    -------
    frozenset of str
    """
    root = CompiledRules(rules).get_root_level("")
    found = Retained.SAFE_PRIVATE if Option.RETAIN_SAFE_PRIVATE in rules.options else NOTHING
    for entry in rules.elements:
        if entry.selector.is_private and entry.operation is not Operation.REMOVE:
            found |= Retained.SAFE_PRIVATE
    flags = [
        Retained(classify_standard(tag, get_vr(tag), rule.operation, True, rules.options))
        for level in (root, root.get_item_level(_REFERENCED_IMAGE_SEQUENCE))
        for tag in list_dictionary_tags()
        for rule in level.rules[tag].list_alternatives()
        if rule.operation in RETAINING_OPERATIONS
    ]
    found |= reduce(or_, flags, NOTHING)
    codes: set[str] = set()
    # The options for dates exclude each other in one object, not among the objects of a run.
    for dates in (Retained.SHIFTED_DATE | Retained.CONSISTENT_TIME, _ORIGINAL_DATES):
        labels = derive_labels(
            (found & ~_CONTRADICTING) & ~(_ALL_DATES & ~dates),
            rules.options,
            pixels_cleaned=rules.pixels.check,
            face_excluded=rules.pixels.faces != "keep",
            content_cleaned=True,
            text_read=True,
        )
        codes.update(labels.codes)
    return frozenset(codes)
