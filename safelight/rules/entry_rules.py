"""Rules that the entries of a rules file make for an attribute, and their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from safelight.dicom.tags import PATIENT_ID, PATIENT_NAME
from safelight.rules.model import RuleEntry
from safelight.rules.operations import AttributeRule, ConditionalRule, Operation, Recheck
from safelight.rules.profile import choose_clean_operation, choose_operation, resolve_code
from safelight.standard.attribute_categories import (
    is_direct_identifier,
    is_identifying_attribute,
    is_technical_attribute,
)
from safelight.standard.confidentiality import find_row
from safelight.standard.options import Option

#: Attributes that are the identity of the patient. If some objects kept them and others did not,
#: one patient would become two.
PATIENT_IDENTITY = frozenset({PATIENT_NAME, PATIENT_ID})

#: Operation on a sequence of each operation that an entry may name. A sequence has no value, so
#: all others, such as a token, remove it.
_SEQUENCE_OPERATIONS = {
    Operation.KEEP: Operation.RECURSE,
    Operation.RECURSE: Operation.RECURSE,
    Operation.REMOVE: Operation.REMOVE,
    Operation.EMPTY: Operation.EMPTY,
    Operation.DUMMY: Operation.DUMMY,
    # These change values inside, by the rules of the items.
    Operation.SHIFT: Operation.RECURSE,
    Operation.UID: Operation.RECURSE,
    Operation.CLEAN: Operation.RECURSE,
    Operation.QUARANTINE: Operation.QUARANTINE,
}

#: Operations after which nothing of a private element is left.
REMOVING_OPERATIONS = (Operation.REMOVE, Operation.EMPTY, Operation.DUMMY, Operation.QUARANTINE)

#: Operations that keep a value or a part of it.
_REVEALING = (
    Operation.KEEP, Operation.RECURSE, Operation.CLEAN, Operation.AGE, Operation.TRANSFORM,
    Operation.REMOVE_ITEMS,
)  # fmt: skip


def combine_rules(
    entries: Sequence[RuleEntry],
    make_rule: Callable[[RuleEntry], AttributeRule],
    resolve_otherwise: Callable[[], AttributeRule],
) -> AttributeRule:
    """Return the rule of the first entry, or one with cases if its condition is still open."""
    cases: list[ConditionalRule] = []
    last: AttributeRule | None = None
    for entry in entries:
        rule = make_rule(entry)
        if entry.condition is None:
            last = rule
            break
        cases.append(ConditionalRule(entry.condition, rule))
    otherwise = last if last is not None else resolve_otherwise()
    if not cases:
        return otherwise
    return replace(
        otherwise, operation=Operation.CONDITIONAL, cases=tuple(cases), otherwise=otherwise
    )


def restrict_rule(
    rule: AttributeRule,
    entries: Sequence[RuleEntry],
    make_rule: Callable[[RuleEntry], AttributeRule],
) -> AttributeRule:
    """Return a rule whose alternatives that keep something are replaced by those of entries."""
    if not entries:
        return rule
    if rule.otherwise is None:
        return (
            rule
            if rule.operation in REMOVING_OPERATIONS
            else combine_rules(entries, make_rule, lambda: rule)
        )
    cases = tuple(
        ConditionalRule(case.condition, restrict_rule(case.rule, entries, make_rule))
        for case in rule.cases
    )
    return replace(rule, cases=cases, otherwise=restrict_rule(rule.otherwise, entries, make_rule))


def is_protective(entry: RuleEntry) -> bool:
    """Return whether an entry leaves nothing of a value but a shifted date."""
    if entry.operation is None:
        return entry.action != "C"
    return entry.operation not in _REVEALING


def make_entry_rule(entry: RuleEntry, tag: int, vr: str, attribute_type: str) -> AttributeRule:
    """Return the rule that an entry of ``elements`` makes for an attribute."""
    fallback = choose_operation(resolve_code("X", attribute_type), vr)
    operation = entry.operation
    if operation is None and entry.action == "C":
        operation = choose_clean_operation(vr, fallback)
    elif operation is None:
        operation = choose_operation(entry.action, vr)
    elif operation is Operation.CLEAN:
        operation = choose_clean_operation(vr, Operation.CLEAN)
    if vr == "SQ":
        operation = _SEQUENCE_OPERATIONS.get(operation, fallback)
    recheck = _choose_recheck(tag)
    is_explicit = (
        recheck is Recheck.NONE
        and entry.selector.tag == tag
        and not (vr == "PN" or is_direct_identifier(tag))
    )
    if entry.selector.tag == tag in PATIENT_IDENTITY and operation is Operation.KEEP:
        is_explicit = True
    argument = entry.reason if operation is Operation.QUARANTINE else entry.value
    return AttributeRule(
        operation, entry.source, argument, fallback, recheck, entry.parameters, is_explicit
    )


def _choose_recheck(tag: int) -> Recheck:
    """Return the findings that count against a value that an entry of ``elements`` keeps."""
    row = find_row(tag)
    if row is not None and Option.CLEAN_DESCRIPTORS not in row.options:
        return Recheck.NONE  # Table E.1-1 calls it identifying, so it is kept on purpose
    if is_identifying_attribute(tag):
        return Recheck.NONE
    return Recheck.CONFIDENT if is_technical_attribute(tag) else Recheck.ALL
