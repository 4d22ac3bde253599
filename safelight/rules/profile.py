"""From Table E.1-1, the selected options and an attribute's Type to one operation."""

from __future__ import annotations

from collections.abc import Collection

from safelight.rules.attributes import CONTACTS, DATES, FREE_TEXT
from safelight.rules.operations import Doubt, Op, Rule
from safelight.standard.confidentiality import Row
from safelight.standard.options import Option

PATIENT_NAME, PATIENT_ID = 0x00100010, 0x00100020
CONTENT_SEQUENCE, ENCAPSULATED_DOCUMENT = 0x0040A730, 0x00420011

#: Lists of all instances that an object refers to: the Common Instance Reference Module.
LISTS = (0x00081115, 0x00081200)

_DOUBT = {
    Option.RETAIN_DEVICE_IDENTITY: Doubt.CONFIDENT,
    Option.RETAIN_INSTITUTION_IDENTITY: Doubt.NONE,
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
        Whether the object lists the instances that it refers to (see :data:`LISTS`).
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


def option_code(row: Row, options: Collection[Option]) -> tuple[str, Option] | None:
    """The letter of the selected option that decides on a row; dates before all others."""
    for option in _DATE_OPTIONS:
        if option in options and option in row.options:
            return row.options[option], option
    chosen = [(row.options[option], option) for option in row.options if option in options]
    return min(chosen, default=None)  # C before K: cleaning keeps less


def letter_op(letter: str, tag: int, vr: str) -> Op:
    """The operation that a single letter other than C means for an attribute."""
    if vr == "SQ":
        return {"X": Op.REMOVE, "Z": Op.EMPTY, "D": Op.DUMMY}.get(letter, Op.RECURSE)
    if letter == "D":
        return {"UI": Op.UID, "PN": Op.NAME}.get(vr, Op.DUMMY)
    if letter == "U":
        return Op.UID if vr == "UI" else Op.TOKEN
    if letter == "K" and vr == "AS":
        return Op.AGE
    return {"X": Op.REMOVE, "Z": Op.EMPTY}.get(letter, Op.KEEP)


def clean_op(vr: str, fallback: Op) -> Op:
    """The operation that C means for a VR; ``fallback`` where nothing can be cleaned."""
    if vr == "SQ":
        return Op.RECURSE
    if vr in DATES:
        return Op.SHIFT
    if vr in FREE_TEXT:
        return Op.CLEAN
    if vr in CONTACTS:
        return Op.NAME if vr == "PN" else Op.TOKEN
    return fallback


def listed_rule(
    row: Row, tag: int, vr: str, kind: str, options: Collection[Option], listed: bool = False
) -> Rule:
    """The rule of an attribute that Table E.1-1 lists; ``listed`` as for the code."""
    letter = resolve_code(row.basic, kind, listed)
    basic = letter_op(letter, tag, vr)
    source = f"E.1-1 {row.basic}" + (f" type {kind}" if kind else "")
    if tag == PATIENT_ID:
        return Rule(Op.PATIENT_ID, source)
    if tag == PATIENT_NAME:
        return Rule(Op.NAME, source)
    chosen = option_code(row, options)
    if chosen is None:
        if tag == CONTENT_SEQUENCE:
            return Rule(Op.STRUCTURED_CONTENT, source)
        if tag == ENCAPSULATED_DOCUMENT:
            return Rule(Op.ENCAPSULATED_DOCUMENT, source)
        return Rule(basic, source)
    code, option = chosen
    source = f"E.1-1 {option.value} {code}"
    if code == "K":
        doubt = _DOUBT.get(option, Doubt.ANY)
        return Rule(letter_op("K", tag, vr), source, fallback=basic, doubt=doubt)
    if tag == CONTENT_SEQUENCE:
        return Rule(Op.STRUCTURED_CONTENT, source)
    if option is Option.CLEAN_GRAPHICS and tag >> 24 == 0x60:
        return Rule(Op.KEEP, source)  # the pixel stage reads the overlay and removes its text
    if option is Option.RETAIN_LONG_MODIFIED_DATES and vr not in DATES:
        return Rule(basic, source)  # a zone or a binary timestamp cannot be shifted
    return Rule(clean_op(vr, basic), source, fallback=basic)
