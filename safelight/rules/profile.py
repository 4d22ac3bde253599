"""From Table E.1-1, the selected options and an attribute's Type to one operation."""

from __future__ import annotations

from collections.abc import Collection

from safelight.rules.attributes import CONTACT_VRS, DATE_VRS, FREE_TEXT_VRS
from safelight.rules.operations import AttributeRule, Operation, Recheck
from safelight.standard.confidentiality import ProfileRow
from safelight.standard.options import Option

PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
CONTENT_SEQUENCE, ENCAPSULATED_DOCUMENT = 0x0040A730, 0x00420011

#: Lists of all instances that an object refers to: the Common Instance Reference Module.
INSTANCE_REFERENCE_SEQUENCES = (0x00081115, 0x00081200)

_RECHECK_BY_OPTION = {
    Option.RETAIN_DEVICE_IDENTITY: Recheck.CONFIDENT,
    Option.RETAIN_INSTITUTION_IDENTITY: Recheck.NONE,
}
_DATE_OPTIONS = (Option.RETAIN_LONG_MODIFIED_DATES, Option.RETAIN_LONG_FULL_DATES)


def resolve_code(code: str, kind: str, listed: bool = False) -> str:
    """Choose one letter of a code by the attribute's Type (PS3.15, section E.3 and E.1-1a).

    An attribute that the IOD requires cannot vanish, and one that needs a value cannot be
    empty: X turns to Z in Type 2 and to D in Type 1, Z to D in Type 1 and 1C. No original
    value survives any of these. Without a Type the letter that leaves least behind is taken.

    Parameters
    ----------
    code : str
        X, Z, D, U, K, C, or a compound (``X/Z/D``, ``X/Z/U*``).
    kind : str
        ``1``, ``1C``, ``2``, ``2C``, ``3``, or empty when the IOD does not say.
    listed : bool
        Whether the object lists the instances that it refers to
        (see :data:`INSTANCE_REFERENCE_SEQUENCES`).
    """
    letters = code.split("/")
    wanted = {"1": "D", "1C": "D", "2": "Z", "2C": "Z"}.get(kind, "X")
    if len(letters) == 1:
        if code == "X" and kind in ("1", "2"):
            return wanted
        if code == "Z" and kind in ("1", "1C"):
            return wanted
        return code
    if "U*" in letters and (listed or wanted != "X"):
        # Without the reference the list would name an instance that nothing refers to, which
        # PS3.3, section C.12.2, does not allow; mapped as there, it tells nothing more.
        return "U*"
    if wanted == "Z" and "Z" not in letters:
        return "D"
    if wanted == "X" and "X" not in letters:
        return letters[0]
    return wanted


def select_option(row: ProfileRow, options: Collection[Option]) -> tuple[str, Option] | None:
    """The letter of the selected option that decides on a row; dates before all others."""
    for option in _DATE_OPTIONS:
        if option in options and option in row.options:
            return row.options[option], option
    chosen = [(row.options[option], option) for option in row.options if option in options]
    return min(chosen, default=None)  # C before K: cleaning keeps less


def choose_operation(letter: str, tag: int, vr: str) -> Operation:
    """The operation that a single letter other than C means for an attribute."""
    if vr == "SQ":
        return {"X": Operation.REMOVE, "Z": Operation.EMPTY, "D": Operation.DUMMY}.get(
            letter, Operation.RECURSE
        )
    if letter == "D":
        return {"UI": Operation.UID, "PN": Operation.NAME}.get(vr, Operation.DUMMY)
    if letter == "U":
        return Operation.UID if vr == "UI" else Operation.TOKEN
    if letter == "K" and vr == "AS":
        return Operation.AGE
    return {"X": Operation.REMOVE, "Z": Operation.EMPTY}.get(letter, Operation.KEEP)


def choose_clean_operation(vr: str, fallback: Operation) -> Operation:
    """The operation that C means for a VR; ``fallback`` where nothing can be cleaned."""
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
    row: ProfileRow, tag: int, vr: str, kind: str, options: Collection[Option], listed: bool = False
) -> AttributeRule:
    """The rule of an attribute that Table E.1-1 lists; ``listed`` as for the code."""
    letter = resolve_code(row.basic, kind, listed)
    basic = choose_operation(letter, tag, vr)
    source = f"E.1-1 {row.basic}" + (f" type {kind}" if kind else "")
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
        recheck = _RECHECK_BY_OPTION.get(option, Recheck.ANY)
        return AttributeRule(
            choose_operation("K", tag, vr), source, fallback=basic, recheck=recheck
        )
    if tag == CONTENT_SEQUENCE:
        return AttributeRule(Operation.STRUCTURED_CONTENT, source)
    if option is Option.CLEAN_GRAPHICS and tag >> 24 == 0x60:
        return AttributeRule(
            Operation.KEEP, source
        )  # the pixel stage reads the overlay and removes its text
    if option is Option.RETAIN_LONG_MODIFIED_DATES and vr not in DATE_VRS:
        return AttributeRule(basic, source)  # a zone or a binary timestamp cannot be shifted
    return AttributeRule(choose_clean_operation(vr, basic), source, fallback=basic)
