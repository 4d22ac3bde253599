"""Derive what the verifier must expect from the rules of a run."""

from __future__ import annotations

import re

from safelight.headers.possible_codes import list_possible_codes
from safelight.rules import CompiledRules, Operation, RuleSet
from safelight.rules.selectors import list_dictionary_tags
from safelight.verify import Expectation

#: Origin of a rule that an entry of a rules file makes, such as ``research elements[3]``.
_OWN_RULE = re.compile(r"\b(?:elements|add)\[\d+\]")
#: Sequence that represents all sequences: its items have no rules of their own.
_REFERENCED_IMAGE_SEQUENCE = 0x00081140
_WITHOUT_VALUE = frozenset({Operation.REMOVE, Operation.EMPTY})


def make_expectation(rules: RuleSet) -> Expectation:
    """Return what objects that were de-identified by rules must look like.

    Parameters
    ----------
    rules : RuleSet

    Returns
    -------
    Expectation
    """
    return Expectation(
        granted_codes=list_possible_codes(rules),
        surrogate_names=rules.name_style == "surrogate",
        uid_root=rules.uid_root,
        ruled_tags=_list_ruled_tags(rules),
    )


def _list_ruled_tags(rules: RuleSet) -> frozenset[int]:
    """Return the attributes to which entries of the rules file give a value."""
    root = CompiledRules(rules).get_root_level("")
    return frozenset(
        tag
        for level in (root, root.get_item_level(_REFERENCED_IMAGE_SEQUENCE))
        for tag in list_dictionary_tags()
        if level.rules[tag].operation not in _WITHOUT_VALUE
        and _OWN_RULE.search(level.rules[tag].source)
    )
