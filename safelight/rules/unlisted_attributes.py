"""Rules for attributes that Table E.1-1 does not list, by VR, and for private elements."""

from __future__ import annotations

from collections.abc import Collection

from safelight.rules.attributes import (
    BULK_VRS,
    CONTACT_VRS,
    DATE_VRS,
    FREE_TEXT_VRS,
    is_retired,
)
from safelight.rules.operations import AttributeRule, Operation, Recheck
from safelight.rules.profile import choose_operation, resolve_code
from safelight.standard.attribute_categories import (
    is_class_uid_attribute,
    is_identifying_attribute,
    is_technical_attribute,
)
from safelight.standard.options import Option
from safelight.standard.private_elements import SafePrivateElement

#: Beginning of the source of a rule that the list of safe private elements makes.
_SAFE_PRIVATE_SOURCE = "safe private"


def _choose_protection(vr: str, attribute_type: str) -> Operation:
    """Return the operation of the code X/Z/D: no part of the original value is kept."""
    return choose_operation(resolve_code("X/Z/D", attribute_type), vr)


def make_unlisted_rule(
    tag: int,
    vr: str,
    attribute_type: str,
    *,
    is_defined: bool,
    keeps_undefined: bool,
    options: Collection[Option],
) -> AttributeRule:
    """Return the rule for a standard attribute that Table E.1-1 does not list.

    Parameters
    ----------
    tag : int
    vr : str
        Empty if the data dictionary does not have the attribute.
    attribute_type : str
        Type of the attribute in the object's IOD, or empty.
    is_defined : bool
        Whether a module of the IOD defines the attribute at this place.
    keeps_undefined : bool
        Whether the rule set keeps known attributes that no module of the IOD defines.
    options : collection of Option
        Selected options.
    """
    if not vr:
        return AttributeRule(Operation.REMOVE, "unlisted, unknown attribute")
    protection = _choose_protection(vr, attribute_type)
    if is_identifying_attribute(tag):
        return AttributeRule(protection, "unlisted, identifying")
    if not is_defined and not keeps_undefined:
        return AttributeRule(Operation.REMOVE, "unlisted, no module of the IOD defines it")
    if vr == "UI":
        return _make_uid_rule(tag, protection, options)
    if vr in DATE_VRS:
        operation = _choose_date_operation(vr, attribute_type, options)
        return AttributeRule(operation, "unlisted date or time")
    if vr == "AS":
        return _make_age_rule(protection, options)
    if vr in CONTACT_VRS:
        return AttributeRule(protection, "unlisted name or address")
    if vr in FREE_TEXT_VRS:
        return _make_text_rule(tag, protection, options)
    return _make_other_rule(tag, vr, protection)


def _make_uid_rule(tag: int, protection: Operation, options: Collection[Option]) -> AttributeRule:
    """Return the rule for an unlisted UID."""
    is_kept = is_class_uid_attribute(tag) or Option.RETAIN_UIDS in options
    operation = Operation.KEEP if is_kept else Operation.UID
    return AttributeRule(operation, "unlisted UID", fallback=protection)


def _make_age_rule(protection: Operation, options: Collection[Option]) -> AttributeRule:
    """Return the rule for an unlisted age."""
    is_kept = Option.RETAIN_PATIENT_CHARACTERISTICS in options
    return AttributeRule(Operation.AGE if is_kept else protection, "unlisted age")


def _make_other_rule(tag: int, vr: str, protection: Operation) -> AttributeRule:
    """Return the rule for an unlisted number, coded string, sequence or bulk value."""
    if is_retired(tag) and (vr == "SQ" or vr in BULK_VRS):
        return AttributeRule(protection, "unlisted, retired")
    operation = Operation.RECURSE if vr == "SQ" else Operation.KEEP
    return AttributeRule(operation, "unlisted", fallback=protection, recheck=Recheck.CONFIDENT)


def _make_text_rule(tag: int, protection: Operation, options: Collection[Option]) -> AttributeRule:
    """Return the rule for an unlisted attribute whose VR holds free text."""
    if is_technical_attribute(tag):
        source = "unlisted technical vocabulary"
        return AttributeRule(Operation.KEEP, source, fallback=protection, recheck=Recheck.CONFIDENT)
    source = "unlisted free text"
    if is_retired(tag) or Option.CLEAN_DESCRIPTORS not in options:
        return AttributeRule(protection, source)
    return AttributeRule(Operation.CLEAN, source, fallback=protection)


def _choose_date_operation(vr: str, attribute_type: str, options: Collection[Option]) -> Operation:
    """Return the operation for a date or time, which depends on the options for dates."""
    if Option.RETAIN_LONG_MODIFIED_DATES in options:
        return Operation.SHIFT
    if Option.RETAIN_LONG_FULL_DATES in options:
        return Operation.KEEP
    return _choose_protection(vr, attribute_type)


def make_private_rule(
    safe: SafePrivateElement | None, vr: str, options: Collection[Option]
) -> AttributeRule:
    """Return the rule for a private element that no entry of the rules file names.

    Parameters
    ----------
    safe : SafePrivateElement or None
        Entry of the element in the list of safe private elements.
    vr : str
        VR in the object; UN or empty if the object does not state it.
    options : collection of Option
        Selected options.
    """
    if safe is None or Option.RETAIN_SAFE_PRIVATE not in options:
        return AttributeRule(Operation.REMOVE, "private")
    actual_vr = safe.vr if vr in ("UN", "") else vr
    is_bulk = actual_vr in BULK_VRS and safe.vr not in BULK_VRS
    if is_bulk or (actual_vr == "SQ" and safe.vr != "SQ"):
        # Bytes of any content or items, where the list expects text or a number.
        return AttributeRule(Operation.REMOVE, "private")
    return AttributeRule(
        _choose_private_operation(safe, actual_vr, options),
        f"{_SAFE_PRIVATE_SOURCE} ({safe.source})",
        argument=actual_vr,
        recheck=Recheck.CONFIDENT,
    )


def is_safe_private(rule: AttributeRule) -> bool:
    """Return whether a rule is made by the list of safe private elements."""
    return rule.source.startswith(_SAFE_PRIVATE_SOURCE)


def _choose_private_operation(
    safe: SafePrivateElement, vr: str, options: Collection[Option]
) -> Operation:
    """Return the operation for a safe private element by its listed action and its VR."""
    if safe.action == "uid" or vr == "UI":
        return Operation.KEEP if Option.RETAIN_UIDS in options else Operation.UID
    if safe.action == "shift" or vr in DATE_VRS:
        return _choose_date_operation(vr, "3", options)
    if vr in CONTACT_VRS:
        return Operation.REMOVE
    if vr == "SQ":
        return Operation.RECURSE
    if vr == "AS":
        is_kept = Option.RETAIN_PATIENT_CHARACTERISTICS in options
        return Operation.AGE if is_kept else Operation.REMOVE
    if vr in FREE_TEXT_VRS and Option.CLEAN_DESCRIPTORS in options:
        return Operation.CLEAN
    return Operation.KEEP
