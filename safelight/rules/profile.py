"""Rules for the attributes of Table E.1-1, by selected options and attribute Type."""

from __future__ import annotations

from collections.abc import Collection

from safelight.rules.attributes import CONTACT_VRS, DATE_VRS, FREE_TEXT_VRS
from safelight.rules.operations import AttributeRule, Operation, Recheck
from safelight.standard.confidentiality import ProfileRow
from safelight.standard.options import Option

PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
CONTENT_SEQUENCE, ENCAPSULATED_DOCUMENT = 0x0040A730, 0x00420011

#: Referenced Series Sequence and Studies Containing Other Referenced Instances Sequence, which
#: list all instances that an object refers to (Common Instance Reference Module).
INSTANCE_REFERENCE_SEQUENCES = (0x00081115, 0x00081200)

#: ``AttributeRule.source`` of the attributes that the Clean Descriptors Option cleans.
CLEAN_DESCRIPTORS_SOURCE = f"E.1-1 {Option.CLEAN_DESCRIPTORS.value} C"

_RECHECK_BY_OPTION = {
    Option.RETAIN_DEVICE_IDENTITY: Recheck.CONFIDENT,
    Option.RETAIN_INSTITUTION_IDENTITY: Recheck.NONE,
}
_DATE_OPTIONS = (Option.RETAIN_LONG_MODIFIED_DATES, Option.RETAIN_LONG_FULL_DATES)


def resolve_code(code: str, attribute_type: str, lists_references: bool = False) -> str:
    """Return one letter of a code of Table E.1-1 (PS3.15, section E.3 and Table E.1-1a).

    An attribute that the IOD requires cannot be removed, and one that needs a value cannot be
    emptied: X becomes Z for Types 2 and 2C and D for Type 1, Z becomes D for Types 1 and 1C. No
    original value is kept by any of these letters. Without a Type, the letter that keeps least
    is chosen.

    Parameters
    ----------
    code : str
        X, Z, D, U, K, C, or a compound (``X/Z/D``, ``X/Z/U*``).
    attribute_type : str
        ``1``, ``1C``, ``2``, ``2C`` or ``3``; empty if the IOD does not define the attribute.
    lists_references : bool
        Whether the object has one of :data:`INSTANCE_REFERENCE_SEQUENCES`.

    Returns
    -------
    str
        X, Z, D, U, K, C or ``U*``.
    """
    letters = code.split("/")
    wanted = {"1": "D", "1C": "D", "2": "Z", "2C": "Z"}.get(attribute_type, "X")
    if len(letters) == 1:
        if code == "X" and attribute_type in ("1", "2", "2C"):
            return wanted
        if code == "Z" and attribute_type in ("1", "1C"):
            return wanted
        return code
    if "U*" in letters and (lists_references or wanted != "X"):
        # Without the reference, the list would name an instance that no attribute refers to,
        # which PS3.3, section C.12.2, does not allow. A mapped reference discloses no more than
        # the list does.
        return "U*"
    if wanted == "Z" and "Z" not in letters:
        return "D"
    if wanted == "X" and "X" not in letters:
        return letters[0]
    return wanted


def select_option(row: ProfileRow, options: Collection[Option]) -> tuple[str, Option] | None:
    """Return the letter and the selected option that determine a row; None if there is none.

    The options for dates take precedence over all others, and C (clean) over K (keep), because
    cleaning keeps less.

    Parameters
    ----------
    row : ProfileRow
    options : collection of Option
        Selected options.
    """
    for option in _DATE_OPTIONS:
        if option in options and option in row.options:
            return row.options[option], option
    chosen = [(row.options[option], option) for option in row.options if option in options]
    return min(chosen, default=None)


def choose_operation(letter: str, vr: str) -> Operation:
    """Return the operation of a letter other than C for a VR.

    Parameters
    ----------
    letter : str
        X, Z, D, U, ``U*`` or K.
    vr : str
    """
    if vr == "SQ":
        by_letter = {"X": Operation.REMOVE, "Z": Operation.EMPTY, "D": Operation.DUMMY}
        return by_letter.get(letter, Operation.RECURSE)
    if letter == "D":
        return {"UI": Operation.UID, "PN": Operation.NAME}.get(vr, Operation.DUMMY)
    if letter == "U":
        return Operation.UID if vr == "UI" else Operation.TOKEN
    if letter == "K" and vr == "AS":
        return Operation.AGE
    return {"X": Operation.REMOVE, "Z": Operation.EMPTY}.get(letter, Operation.KEEP)


def choose_clean_operation(vr: str, fallback: Operation) -> Operation:
    """Return the operation of the letter C for a VR.

    Parameters
    ----------
    vr : str
    fallback : Operation
        Operation for VRs that cannot be cleaned.
    """
    if vr == "SQ":
        return Operation.RECURSE
    if vr in DATE_VRS:
        return Operation.SHIFT
    if vr in FREE_TEXT_VRS:
        return Operation.CLEAN
    if vr in CONTACT_VRS:
        return Operation.NAME if vr == "PN" else Operation.TOKEN
    return fallback


def make_listed_rule(
    row: ProfileRow,
    tag: int,
    vr: str,
    attribute_type: str,
    options: Collection[Option],
    *,
    lists_references: bool = False,
) -> AttributeRule:
    """Return the rule for an attribute that Table E.1-1 lists.

    Parameters
    ----------
    row : ProfileRow
        Row of the attribute.
    tag : int
    vr : str
    attribute_type : str
        See `resolve_code`.
    options : collection of Option
        Selected options.
    lists_references : bool
        See `resolve_code`.
    """
    letter = resolve_code(row.basic, attribute_type, lists_references)
    basic = choose_operation(letter, vr)
    source = f"E.1-1 {row.basic}" + (f" type {attribute_type}" if attribute_type else "")
    if tag == PATIENT_ID:
        return AttributeRule(Operation.PATIENT_ID, source)
    if tag == PATIENT_NAME:
        return AttributeRule(Operation.NAME, source)
    chosen = select_option(row, options)
    if chosen is None:
        if tag == CONTENT_SEQUENCE:
            return AttributeRule(Operation.STRUCTURED_CONTENT, source)
        if tag == ENCAPSULATED_DOCUMENT:
            return AttributeRule(Operation.ENCAPSULATED_DOCUMENT, source)
        return AttributeRule(basic, source)
    code, option = chosen
    source = f"E.1-1 {option.value} {code}"
    if code == "K":
        recheck = _RECHECK_BY_OPTION.get(option, Recheck.ALL)
        kept = choose_operation("K", vr)
        return AttributeRule(kept, source, fallback=basic, recheck=recheck)
    if tag == CONTENT_SEQUENCE:
        return AttributeRule(Operation.STRUCTURED_CONTENT, source)
    if option is Option.CLEAN_GRAPHICS and tag >> 24 == 0x60:
        # The pixel stage reads the overlay and removes its text.
        return AttributeRule(Operation.KEEP, source)
    if option is Option.RETAIN_LONG_MODIFIED_DATES and vr not in DATE_VRS:
        # A time zone or a binary timestamp cannot be shifted.
        return AttributeRule(basic, source)
    return AttributeRule(choose_clean_operation(vr, basic), source, fallback=basic)
