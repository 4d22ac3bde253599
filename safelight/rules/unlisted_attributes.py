"""What happens to attributes that Table E.1-1 does not list, by what their VR can hold."""

from __future__ import annotations

from collections.abc import Collection

from safelight.rules.attributes import BULK, CONTACTS, DATES, FREE_TEXT, is_retired
from safelight.rules.operations import Doubt, Op, Rule
from safelight.rules.profile import letter_op, resolve_code
from safelight.standard.options import Option
from safelight.standard.private_elements import SafeElement
from safelight.standard.technical_vocabulary import is_class_uid, is_identifying, is_technical


def _protected(code: str, tag: int, vr: str, kind: str) -> Op:
    return letter_op(resolve_code(code, kind), tag, vr)


def unlisted_rule(
    tag: int, vr: str, kind: str, defined: bool, keep: bool, options: Collection[Option]
) -> Rule:
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
        return Rule(Op.REMOVE, "unlisted, unknown attribute")
    gone = _protected("X/Z/D", tag, vr, kind)
    if is_identifying(tag):
        return Rule(gone, "unlisted, identifying")
    if not defined and not keep:
        return Rule(Op.REMOVE, "unlisted, no module of the IOD defines it")
    if vr == "UI":
        held = is_class_uid(tag) or Option.RETAIN_UIDS in options
        return Rule(Op.KEEP if held else Op.UID, "unlisted UID", fallback=gone)
    if vr in DATES:
        return Rule(_date(tag, vr, kind, options), "unlisted date or time")
    if vr == "AS":
        held = Option.RETAIN_PATIENT_CHARACTERISTICS in options
        return Rule(Op.AGE if held else gone, "unlisted age")
    if vr in CONTACTS:
        return Rule(gone, "unlisted name or address")
    if vr in FREE_TEXT:
        if is_technical(tag):
            kept = "unlisted technical vocabulary"
            return Rule(Op.KEEP, kept, fallback=gone, doubt=Doubt.CONFIDENT)
        if is_retired(tag) or Option.CLEAN_DESCRIPTORS not in options:
            return Rule(gone, "unlisted free text")
        return Rule(Op.CLEAN, "unlisted free text", fallback=gone)
    if is_retired(tag) and (vr == "SQ" or vr in BULK):
        return Rule(gone, "unlisted, retired")
    op = Op.RECURSE if vr == "SQ" else Op.KEEP
    return Rule(op, "unlisted", fallback=gone, doubt=Doubt.CONFIDENT)


def _date(tag: int, vr: str, kind: str, options: Collection[Option]) -> Op:
    if Option.RETAIN_LONG_MODIFIED_DATES in options:
        return Op.SHIFT
    if Option.RETAIN_LONG_FULL_DATES in options:
        return Op.KEEP
    return _protected("X/Z/D", tag, vr, kind)


def private_rule(safe: SafeElement | None, vr: str, options: Collection[Option]) -> Rule:
    """The rule of a private element that no rule of the organisation names.

    Parameters
    ----------
    safe : SafeElement or None
        Its entry in the list of safe elements.
    vr : str
        The VR that the object declares; UN or empty when it does not.
    options : collection of Option
    """
    if safe is None or Option.RETAIN_SAFE_PRIVATE not in options:
        return Rule(Op.REMOVE, "private")
    source = f"safe private ({safe.source})"
    real = safe.vr if vr in ("UN", "") else vr
    op = Op.KEEP
    if safe.action == "uid" or real == "UI":
        op = Op.KEEP if Option.RETAIN_UIDS in options else Op.UID
    elif safe.action == "shift" or real in DATES:
        op = _date(0, real, "3", options)
    elif real in CONTACTS:
        op = Op.REMOVE
    elif real == "SQ":
        op = Op.RECURSE
    elif real == "AS":
        op = Op.AGE if Option.RETAIN_PATIENT_CHARACTERISTICS in options else Op.REMOVE
    elif real in FREE_TEXT and Option.CLEAN_DESCRIPTORS in options:
        op = Op.CLEAN
    return Rule(op, source, argument=real, doubt=Doubt.CONFIDENT)
