"""Derive what the verifier must expect from the rules of a run."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from safelight.headers.possible_codes import list_possible_codes
from safelight.rules import AttributeRule, CompiledRules, Operation, RuleSet
from safelight.rules.action_parameters import ActionParameters
from safelight.rules.attributes import get_vr
from safelight.rules.references import parse_reference
from safelight.rules.selectors import PathStep, list_dictionary_tags
from safelight.rules.written_dates import WrittenDates, find_written_dates
from safelight.standard.confidentiality import load_table
from safelight.standard.private_elements import normalize_creator
from safelight.verify import ANY_VALUE, Expectation, PrivateRule, ValueForm

#: Origin of a rule that an entry of a rules file makes, such as ``research elements[3]``.
_OWN_RULE = re.compile(r"\b(?:elements|add)\[\d+\]")
#: Sequence that represents all sequences: its items have no rules of their own.
_REFERENCED_IMAGE_SEQUENCE = 0x00081140
#: VRs of numbers with decimals; the multiples in others are cut to whole numbers.
_DECIMAL_VRS = frozenset({"DS", "FD", "FL"})
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
    own_rules = _group_own_rules(rules)
    return Expectation(
        granted_codes=list_possible_codes(rules),
        surrogate_names=rules.name_style == "surrogate",
        uid_root=rules.uid_root,
        ruled_tags=_list_ruled_tags(rules, _WITHOUT_VALUE),
        retained_tags=_list_ruled_tags(rules, _WITHOUT_ORIGINAL),
        date_precisions=_list_precisions(written),
        literals=written.literals | written.conditional,
        hash_forms=_list_hash_forms(rules),
        top_level_tags=_list_top_level_tags(rules),
        kept_tags=_find_tags(own_rules, Operation.KEEP),
        cleaned_tags=_find_tags(own_rules, Operation.CLEAN),
        written=_list_written(rules, own_rules),
        forms=_list_forms(rules, own_rules),
        private_rules=_list_private_rules(rules),
    )


def _group_own_rules(rules: RuleSet) -> dict[int, list[AttributeRule]]:
    """Return the rules that objects can get for attributes that entries of the file decide."""
    found: dict[int, list[AttributeRule]] = {}
    for tag, rule in _iterate_rules(rules):
        alternatives = list(rule.list_alternatives())
        if _is_own(rule):
            found.setdefault(tag, []).extend(alternatives)
    return found


def _list_top_level_tags(rules: RuleSet) -> frozenset[int]:
    """Return the attributes for which entries of the file have rules at the top level only."""
    root = CompiledRules(rules).get_root_level("")
    with_path = {entry.selector.tag for entry in rules.elements if len(entry.selector.steps) > 1}
    items = root.get_item_level(_REFERENCED_IMAGE_SEQUENCE)
    return frozenset(
        tag
        for tag in list_dictionary_tags()
        if _is_own(root.rules[tag]) and not _is_own(items.rules[tag]) and tag not in with_path
    )


def _is_own(rule: AttributeRule) -> bool:
    """Return whether an entry of the rules file makes a rule in some objects."""
    return any(_OWN_RULE.search(one.source) for one in rule.list_alternatives())


def _find_tags(own_rules: dict[int, list[AttributeRule]], operation: Operation) -> frozenset[int]:
    """Return the attributes that have an operation in some objects."""
    return frozenset(
        tag
        for tag, alternatives in own_rules.items()
        if any(rule.operation is operation for rule in alternatives)
    )


def _list_written(
    rules: RuleSet, own_rules: dict[int, list[AttributeRule]]
) -> dict[int, tuple[str, ...]]:
    """Return the values that the rules write, by attribute, as templates."""
    found: dict[int, set[str]] = {}
    for tag, alternatives in own_rules.items():
        for rule in alternatives:
            if rule.operation is Operation.LITERAL:
                found.setdefault(tag, set()).update((rule.argument or "").split("\\"))
            elif rule.operation in (Operation.TEXT, Operation.LOOKUP) and rule.parameters:
                found.setdefault(tag, set()).update(_list_templates(rule.parameters))
    for addition in rules.additions:
        for tag, parameters in addition.list_values():
            found.setdefault(tag, set()).update(_list_templates(parameters))
    return {tag: tuple(sorted(templates)) for tag, templates in found.items()}


def _list_templates(parameters: ActionParameters) -> Iterable[str]:
    """Return the templates of composed values; the values of a lookup table are not known."""
    return [ANY_VALUE] if parameters.table else parameters.template.split("\\")


def _list_forms(rules: RuleSet, own_rules: dict[int, list[AttributeRule]]) -> dict[int, ValueForm]:
    """Return the forms of the attributes whose values the rules change in one way in all objects.

    Attributes for which a path has a rule of its own are left out.
    """
    with_path = {entry.selector.tag for entry in rules.elements if len(entry.selector.steps) > 1}
    found = {}
    for tag, alternatives in own_rules.items():
        forms = {
            _make_form(rule, get_vr(tag))
            for rule in alternatives
            if rule.operation not in _WITHOUT_VALUE
        }
        form = forms.pop() if len(forms) == 1 else None
        if form is not None and tag not in with_path:
            found[tag] = form
    return found


def _make_form(rule: AttributeRule, vr: str) -> ValueForm | None:
    """Return the form of the values after a rule; None if they may have any."""
    parameters = rule.parameters
    if rule.operation is not Operation.TRANSFORM or parameters is None:
        return None
    if parameters.action == "generalise":
        if not parameters.to:
            return ValueForm("band", step=parameters.step)
        is_date = vr in ("DA", "DT") and parameters.to != "day"
        return ValueForm("date", precision=parameters.to) if is_date else None
    if parameters.action == "round":
        is_cut = vr not in _DECIMAL_VRS and parameters.step % 1 != 0
        return None if is_cut else ValueForm("round", step=parameters.step)
    if parameters.action == "truncate":
        return ValueForm("truncate", length=parameters.length)
    is_known = parameters.action in ("upper", "lower", "initials")
    return ValueForm(parameters.action) if is_known else None


def _list_private_rules(rules: RuleSet) -> tuple[PrivateRule, ...]:
    """Return the rules of the file for private elements, at any depth."""
    found = [
        PrivateRule(_compile_private(step), True)
        for one in rules.additions
        if (step := parse_reference(one.name).steps[-1]).is_private
    ]
    for entry in rules.elements:
        is_retained = entry.operation not in _WITHOUT_ORIGINAL
        # A condition or a path that an element may not meet must not forbid it.
        is_general = entry.condition is None and len(entry.selector.steps) == 1
        step = entry.selector.steps[-1]
        if step.is_private and not entry.exceptions and (is_retained or is_general):
            found.append(PrivateRule(_compile_private(step), is_retained))
    return tuple(found)


def _compile_private(step: PathStep) -> str:
    """Return the pattern of private elements: group, creator in capitals, and element number."""
    if step.private is None:
        group, creator, number = step.private_digits[:4], "*", step.private_digits[4:]
    else:
        group, creator, low_byte = step.private
        number = f"XX{low_byte}"
    digits = [part.replace("X", "[0-9A-F]") for part in (group, number)]
    name = ".*".join(map(re.escape, normalize_creator(creator).split("*")))
    return f"{digits[0]},{name},{digits[1]}"


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


def _list_hash_forms(rules: RuleSet) -> dict[int, tuple[str, int]]:
    """Return prefix and length of keyed hashes by attribute."""
    return {
        tag: (rule.parameters.prefix, rule.parameters.length)
        for tag, rule in _iterate_rules(rules)
        if rule.operation is Operation.HASH and rule.parameters is not None
    }


def _iterate_rules(rules: RuleSet) -> Iterator[tuple[int, AttributeRule]]:
    """Yield the rules of all attributes, at the top level and in sequences."""
    root = CompiledRules(rules).get_root_level("")
    for level in (root, root.get_item_level(_REFERENCED_IMAGE_SEQUENCE)):
        for tag in list_dictionary_tags():
            yield tag, level.rules[tag]
