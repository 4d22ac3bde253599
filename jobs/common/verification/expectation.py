"""Derive what the verifier must expect from the rules of a run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safelight.headers.possible_codes import list_possible_codes
from safelight.rules import AttributeRule, CompiledRules, Operation, RuleSet
from safelight.rules.attributes import get_vr
from safelight.rules.selectors import list_dictionary_tags
from safelight.rules.written_dates import WrittenDates, find_written_dates
from safelight.standard.confidentiality import load_table
from safelight.verify import Expectation

#: Origin of a rule that an entry of a rules file makes, such as ``research elements[3]``.
_OWN_RULE = re.compile(r"\b(?:elements|add)\[\d+\]")
#: Sequence that represents all sequences: its items have no rules of their own.
_REFERENCED_IMAGE_SEQUENCE = 0x00081140
_WITHOUT_VALUE = frozenset({Operation.REMOVE, Operation.EMPTY})
#: Operations after which an element has nothing of its original value.
_WITHOUT_ORIGINAL = _WITHOUT_VALUE | {
    Operation.DUMMY, Operation.UID, Operation.PATIENT_ID, Operation.TOKEN, Operation.NAME,
    Operation.LITERAL, Operation.HASH, Operation.QUARANTINE,
}  # fmt: skip


def make_expectation(rules: RuleSet) -> Expectation:
    """Return what objects that were de-identified by rules must look like.

    Parameters
    ----------
    rules : RuleSet

    Returns
    -------
    Expectation
    """
    written = find_written_dates(rules)
    return Expectation(
        granted_codes=list_possible_codes(rules),
        surrogate_names=rules.name_style == "surrogate",
        uid_root=rules.uid_root,
        ruled_tags=_list_ruled_tags(rules, _WITHOUT_VALUE),
        retained_tags=_list_ruled_tags(rules, _WITHOUT_ORIGINAL),
        date_precisions=_list_precisions(written),
        literals=written.literals,
        hash_lengths=_list_hash_lengths(rules),
    )


def _list_precisions(written: WrittenDates) -> dict[int, str]:
    """Return the precision of the dates that the rules reduce, by attribute."""
    if not written.precisions:
        return {}
    listed = (int(tag, 16) for tag in load_table() if "X" not in tag.upper())
    tags = {*list_dictionary_tags(), *listed}  # some are newer than the data dictionary
    dates = ((tag, vr) for tag in tags if (vr := get_vr(tag)) in ("DA", "DT"))
    return {tag: found for tag, vr in dates if (found := written.find_precision(tag, vr)) != "day"}


def _list_ruled_tags(rules: RuleSet, left_out: frozenset[Operation]) -> frozenset[int]:
    """Return the attributes for which entries of the rules file have another operation."""
    return frozenset(
        tag
        for tag, rule in _iterate_rules(rules)
        if rule.operation not in left_out and _OWN_RULE.search(rule.source)
    )


def _list_hash_lengths(rules: RuleSet) -> dict[int, int]:
    """Return the lengths of keyed hashes by attribute."""
    return {
        tag: rule.parameters.length
        for tag, rule in _iterate_rules(rules)
        if rule.operation is Operation.HASH and rule.parameters is not None
    }


def _iterate_rules(rules: RuleSet) -> Iterator[tuple[int, AttributeRule]]:
    """Yield the rules of all attributes, at the top level and in sequences."""
    root = CompiledRules(rules).get_root_level("")
    for level in (root, root.get_item_level(_REFERENCED_IMAGE_SEQUENCE)):
        for tag in list_dictionary_tags():
            yield tag, level.rules[tag]
