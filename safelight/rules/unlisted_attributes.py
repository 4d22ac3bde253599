"""What happens to attributes that Table E.1-1 does not list, by what their VR can hold."""

from __future__ import annotations

from collections.abc import Collection

from safelight.rules.attributes import BULK_VRS, CONTACT_VRS, DATE_VRS, FREE_TEXT_VRS, is_retired
from safelight.rules.operations import AttributeRule, Operation, Recheck
from safelight.rules.profile import choose_operation, resolve_code
from safelight.standard.attribute_categories import (
    is_class_uid_attribute,
    is_identifying_attribute,
    is_technical_attribute,
)
from safelight.standard.options import Option
from safelight.standard.private_elements import SafePrivateElement


def _protected(code: str, tag: int, vr: str, kind: str) -> Operation:
    return choose_operation(resolve_code(code, kind), tag, vr)


def make_unlisted_rule(
    tag: int, vr: str, kind: str, defined: bool, keep: bool, options: Collection[Option]
) -> AttributeRule:
    """The rule of a standard attribute that the table leaves out.

    Parameters
    ----------
    tag : int
    vr : str
        Empty when the data dictionary does not know the attribute.
    kind : str
        Its Type, or empty.
    defined : bool
        Whether some module of the IOD defines it here.
    keep : bool
        Whether the rule set keeps known attributes that no module of the IOD defines.
    options : collection of Option
    """
    if not vr:
        return AttributeRule(Operation.REMOVE, "unlisted, unknown attribute")
    gone = _protected("X/Z/D", tag, vr, kind)
    if is_identifying_attribute(tag):
        return AttributeRule(gone, "unlisted, identifying")
    if not defined and not keep:
        return AttributeRule(Operation.REMOVE, "unlisted, no module of the IOD defines it")
    if vr == "UI":
        held = is_class_uid_attribute(tag) or Option.RETAIN_UIDS in options
        return AttributeRule(
            Operation.KEEP if held else Operation.UID, "unlisted UID", fallback=gone
        )
    if vr in DATE_VRS:
        return AttributeRule(_date(tag, vr, kind, options), "unlisted date or time")
    if vr == "AS":
        held = Option.RETAIN_PATIENT_CHARACTERISTICS in options
        return AttributeRule(Operation.AGE if held else gone, "unlisted age")
    if vr in CONTACT_VRS:
        return AttributeRule(gone, "unlisted name or address")
    if vr in FREE_TEXT_VRS:
        if is_technical_attribute(tag):
            kept = "unlisted technical vocabulary"
            return AttributeRule(Operation.KEEP, kept, fallback=gone, recheck=Recheck.CONFIDENT)
        if is_retired(tag) or Option.CLEAN_DESCRIPTORS not in options:
            return AttributeRule(gone, "unlisted free text")
        return AttributeRule(Operation.CLEAN, "unlisted free text", fallback=gone)
    if is_retired(tag) and (vr == "SQ" or vr in BULK_VRS):
        return AttributeRule(gone, "unlisted, retired")
    operation = Operation.RECURSE if vr == "SQ" else Operation.KEEP
    return AttributeRule(operation, "unlisted", fallback=gone, recheck=Recheck.CONFIDENT)


def _date(tag: int, vr: str, kind: str, options: Collection[Option]) -> Operation:
    if Option.RETAIN_LONG_MODIFIED_DATES in options:
        return Operation.SHIFT
    if Option.RETAIN_LONG_FULL_DATES in options:
        return Operation.KEEP
    return _protected("X/Z/D", tag, vr, kind)


def make_private_rule(
    safe: SafePrivateElement | None, vr: str, options: Collection[Option]
) -> AttributeRule:
    """The rule of a private element that no rule of the organisation names.

    Parameters
    ----------
    safe : SafePrivateElement or None
        Its entry in the list of safe elements.
    vr : str
        The VR that the object declares; UN or empty when it does not.
    options : collection of Option
    """
    if safe is None or Option.RETAIN_SAFE_PRIVATE not in options:
        return AttributeRule(Operation.REMOVE, "private")
    source = f"safe private ({safe.source})"
    real = safe.vr if vr in ("UN", "") else vr
    operation = Operation.KEEP
    if safe.action == "uid" or real == "UI":
        operation = Operation.KEEP if Option.RETAIN_UIDS in options else Operation.UID
    elif safe.action == "shift" or real in DATE_VRS:
        operation = _date(0, real, "3", options)
    elif real in CONTACT_VRS:
        operation = Operation.REMOVE
    elif real == "SQ":
        operation = Operation.RECURSE
    elif real == "AS":
        operation = (
            Operation.AGE if Option.RETAIN_PATIENT_CHARACTERISTICS in options else Operation.REMOVE
        )
    elif real in FREE_TEXT_VRS and Option.CLEAN_DESCRIPTORS in options:
        operation = Operation.CLEAN
    return AttributeRule(operation, source, argument=real, recheck=Recheck.CONFIDENT)
