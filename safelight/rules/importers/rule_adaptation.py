"""Adapt imported rules to what an object needs, and to what the VRs of its attributes can hold."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace

from pydicom.datadict import keyword_for_tag

from safelight.dicom.encoding import MAX_CHARACTERS
from safelight.dicom.tags import (
    MODALITY,
    SERIES_INSTANCE_UID,
    SOP_CLASS_UID,
    SOP_INSTANCE_UID,
    STUDY_INSTANCE_UID,
)
from safelight.dicom.value_formats import can_hold
from safelight.rules.attributes import get_vr
from safelight.rules.entry_rules import PATIENT_IDENTITY
from safelight.rules.importers.models import ImportedRule
from safelight.rules.parsing.elements import ACTIONS
from safelight.rules.profile import choose_operation
from safelight.rules.required_attributes import REQUIRED_TAGS, is_operation_allowed
from safelight.rules.selectors import VRS, Selector, list_dictionary_tags, parse_selector
from safelight.standard.attribute_categories import is_direct_identifier

#: Modality of an object whose rules remove the modality: "Other" (PS3.3, section C.7.3.1.1.1).
_OTHER_MODALITY = "OT"
_NEEDED = "an object cannot be stored or read without it"

_ACCEPT_LINT = "a direct identifier is kept: a run needs --accept-lint identifier-kept"
_REPLACED_ELSEWHERE = "values that the rules remove elsewhere are replaced here too"

#: UIDs of which an object gets a new one.
_MAPPED_UIDS = (SOP_INSTANCE_UID, STUDY_INSTANCE_UID, SERIES_INSTANCE_UID)

#: VRs of which a text that is too long is cut off.
_CUT_VRS = frozenset({"CS", "SH", "LO", "ST", "LT", "PN"})
_NOT_IN_CODED_STRING = re.compile(r"[^A-Z0-9_ ]+")

_VRS_WITHOUT_TEXT = frozenset({"SQ", "OB", "OW", "OD", "OF", "OL", "OV", "UN"})


def can_write(vr: str, value: str) -> bool:
    """Return whether a literal value can be written into an element of a VR."""
    return vr not in _VRS_WITHOUT_TEXT and can_hold(vr, value)


def fit_text(selector: str, value: str) -> str:
    """Return the part of a value that the VR of one attribute can hold.

    A coded string gets upper case and loses other characters, and a long text is cut off.

    Parameters
    ----------
    selector : str
        Selector of one attribute, or of several.
    value : str
    """
    tag = parse_selector(selector).tag
    vr = get_vr(tag) if tag is not None else ""
    if vr not in _CUT_VRS or can_hold(vr, value):
        return value
    fitting = _NOT_IN_CODED_STRING.sub("", value.upper()) if vr == "CS" else value
    fitting = fitting[: MAX_CHARACTERS[vr]].strip()
    return fitting if fitting and can_hold(vr, fitting) else value


def fit_template(selector: str, template: str) -> str:
    """Return a template whose constant parts a coded string can hold, if it is one.

    Parameters
    ----------
    selector : str
        Selector of one attribute, or of several.
    template : str
        Text with references to other attributes in braces.
    """
    tag = parse_selector(selector).tag
    if tag is None or get_vr(tag) != "CS":
        return template
    parts = re.split(r"(\{[^{}]*\})", template)
    parts[::2] = [_NOT_IN_CODED_STRING.sub("", part.upper()) for part in parts[::2]]
    return "".join(parts)


def adapt_rule(rule: ImportedRule) -> list[ImportedRule]:
    """Return the rules that a rules file can have for one rule of another tool.

    A rule that removes an attribute without which an object cannot be stored or read spares it,
    and a remark says so: UIDs are mapped, the modality becomes "Other", all others stay. A literal
    for several attributes is written where the VR can hold it, and the others are removed.

    Parameters
    ----------
    rule : ImportedRule
        Rule with a valid selector.
    """
    selector = parse_selector(rule.selector)
    if rule.action == "literal":
        rule = _fit_literal(rule)
    if selector.is_private or len(selector.steps) > 1:
        return [rule]
    if selector.tag is not None:
        return _adapt_exact(rule, selector.tag)
    rules = _split_literal(rule, selector) if rule.action == "literal" else [rule]
    return [one for part in rules for one in _spare_required(part, selector)]


def _fit_literal(rule: ImportedRule) -> ImportedRule:
    """Return a literal with the part of its value that the attribute can hold."""
    given = str(rule.parameters["value"])
    value = fit_text(rule.selector, given)
    if value.casefold() == given.casefold() or rule.remark:
        return replace(rule, parameters={"value": value})
    remark = "the VR can hold a part of the value only"
    return replace(rule, parameters={"value": value}, remark=remark, is_downgrade=False)


def _is_allowed(tag: int, action: str) -> bool:
    """Return whether the object can be stored and read after an action on an attribute."""
    operation = ACTIONS[action]
    if operation is None:
        operation = choose_operation(action, get_vr(tag))
    return is_operation_allowed(tag, operation)


def _adapt_exact(rule: ImportedRule, tag: int) -> list[ImportedRule]:
    """Return the rule for one attribute, or the one that an object needs instead of it."""
    if rule.action == "keep" and not (rule.remark and rule.is_downgrade):
        remark = "; ".join(filter(None, (rule.remark, _explain_kept(tag))))
        return [replace(rule, remark=remark, is_downgrade=False)]
    if tag not in REQUIRED_TAGS or rule.depth == "+/" or _is_allowed(tag, rule.action):
        return [rule]
    if tag == SOP_CLASS_UID:
        return [_change(rule, "uid", f"kept, because {_NEEDED}")]
    if get_vr(tag) == "UI":
        return [_change(rule, "uid", f"mapped, because {_NEEDED}")]
    if tag == MODALITY:
        return [_replace_modality(rule)]
    return [_change(rule, "keep", f"kept, because {_NEEDED}")]


def _explain_kept(tag: int) -> str:
    """Return the remark on a kept attribute: what a run does to direct identifiers and names."""
    if tag in PATIENT_IDENTITY:
        return _ACCEPT_LINT
    if is_direct_identifier(tag):
        return f"{_ACCEPT_LINT}; {_REPLACED_ELSEWHERE}"
    return _REPLACED_ELSEWHERE if get_vr(tag) == "PN" else ""


def _change(rule: ImportedRule, action: str, remark: str) -> ImportedRule:
    """Return a rule with another action at the top level, and the reason after its own remark."""
    own = rule.remark.removesuffix("; removed")
    return replace(
        rule, action=action, parameters={}, depth="", remark=f"{own}; {remark}" if own else remark,
        is_downgrade=True,
    )  # fmt: skip


def _replace_modality(rule: ImportedRule) -> ImportedRule:
    """Return the rule that replaces the modality where another rule hides it."""
    return ImportedRule(
        "Modality", "literal", {"value": _OTHER_MODALITY}, rule.when, depth="",
        remark=f"becomes {_OTHER_MODALITY}, because {_NEEDED}", is_downgrade=False,
    )  # fmt: skip


def _spare_required(rule: ImportedRule, selector: Selector) -> list[ImportedRule]:
    """Return the rule for several attributes without those that an object needs."""
    if rule.depth == "+/":
        return [rule]
    spared = [
        tag
        for tag in sorted(REQUIRED_TAGS)
        if selector.matches((), tag, get_vr(tag)) and not _is_allowed(tag, rule.action)
    ]
    if not spared:
        return [rule]
    names = [keyword_for_tag(tag) for tag in spared]
    sparing = replace(
        rule, exceptions=[*rule.exceptions, *names], remark=_explain_spared(rule, spared)
    )
    return [_replace_modality(rule), sparing] if MODALITY in spared else [sparing]


def _explain_spared(rule: ImportedRule, spared: Iterable[int]) -> str:
    """Return the remark of a rule, and what happens to the attributes that it spares."""
    mapped = [keyword_for_tag(tag) for tag in spared if tag in _MAPPED_UIDS]
    kept = [keyword_for_tag(tag) for tag in spared if tag not in (*_MAPPED_UIDS, MODALITY)]
    parts = [f"{', '.join(mapped)} mapped"] if mapped else []
    parts += [f"{', '.join(kept)} kept"] if kept else []
    if not parts:
        return rule.remark
    return "; ".join(filter(None, (rule.remark, f"{' and '.join(parts)}, because {_NEEDED}")))


def _split_literal(rule: ImportedRule, selector: Selector) -> list[ImportedRule]:
    """Return a literal for the VRs that can hold it, and a removal of the other attributes."""
    value = str(rule.parameters["value"])
    refused = sorted(vr for vr in list_vrs(selector) if not can_write(vr, value))
    if not refused:
        return [rule]
    removal = replace(
        rule, action="remove", parameters={}, depth="*/",
        remark=f"the VRs {', '.join(refused)} cannot hold the value; removed",
    )  # fmt: skip
    prefix = rule.depth or ""
    excluded = [f"{prefix}{{{vr}}}" for vr in refused]
    return [replace(rule, exceptions=[*rule.exceptions, *excluded]), removal]


def list_vrs(selector: Selector) -> set[str]:
    """Return the VRs of the attributes of the data dictionary that a selector selects.

    Parameters
    ----------
    selector : Selector
    """
    vrs = ((tag, get_vr(tag)) for tag in list_dictionary_tags())
    return {vr for tag, vr in vrs if vr in VRS and selector.matches((), tag, vr)}
