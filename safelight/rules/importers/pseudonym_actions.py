"""Choose the action that replaces an element by a pseudonym that fits its VR."""

from __future__ import annotations

import re

from safelight.dicom.dictionary import find_private_vr
from safelight.dicom.encoding import NUMBER_LAYOUTS
from safelight.dicom.value_formats import can_hold
from safelight.rules.attributes import DATE_VRS, get_vr
from safelight.rules.importers.rule_adaptation import list_vrs
from safelight.rules.parsing.additions import ADDED_PRIVATE_VRS
from safelight.rules.profile import PATIENT_ID
from safelight.rules.selectors import parse_selector


def _find_tag(selector: str) -> int | None:
    """Return the standard tag that a selector selects, if it is exactly one."""
    try:
        return parse_selector(selector).tag
    except ValueError:
        return None


def _selects_standard(selector: str) -> bool:
    """Return whether a text is a selector of standard attributes."""
    try:
        return not parse_selector(selector).is_private
    except ValueError:
        return False


def choose_vr(selector: str) -> str:
    """Return the VR of the attribute or the VR that a selector names; empty for another one."""
    tag = _find_tag(selector)
    if tag is not None:
        return get_vr(tag)
    return selector[1:-1] if re.fullmatch(r"\{[A-Z]{2}\}", selector) else ""


def choose_private_vr(selector: str, value: str = "") -> str:
    """Return the VR of a private element that is created; empty for a standard attribute.

    Parameters
    ----------
    selector : str
        Selector of one element.
    value : str
        Its value; empty if it is not known before a run.
    """
    private = parse_selector(selector).steps[-1].private
    if private is None:
        return ""
    group, creator, low_byte = private
    vr = find_private_vr(creator, int(group, 16) << 16 | _FIRST_BLOCK | int(low_byte, 16))
    if vr not in ADDED_PRIVATE_VRS:
        vr = "LO"
    return "LT" if vr == "LO" and not can_hold(vr, value) else vr


def choose_pseudonym_action(selector: str) -> str:
    """Return the action that replaces an element by a pseudonym that fits its VR."""
    if _find_tag(selector) == PATIENT_ID:
        return "patient_id"
    vr = choose_vr(selector)
    if vr in _VRS_WITH_DUMMY:
        return "dummy"  # a shift by days keeps the time of day, and a number has no token
    if vr in DATE_VRS:
        return "shift"
    if not vr and _selects_standard(selector):
        return "U"  # a UID for UIDs, a token for others
    if vr in _VRS_WITHOUT_TOKEN:
        return "remove"
    return {"UI": "uid", "PN": "name"}.get(vr, "token")


def split_pseudonym_action(selector: str) -> list[tuple[str, list[str]]]:
    """Return the actions that replace elements by pseudonyms, with the VRs that each one spares.

    Parameters
    ----------
    selector : str
        Selector of one attribute, or of several with different VRs. The elements that the last
        action spares have been selected by those before it.
    """
    action = choose_pseudonym_action(selector)
    if action != "U":
        return [(action, [])]
    found = list_vrs(parse_selector(selector))
    parts: list[tuple[str, list[str]]] = []
    for part, vrs in (("shift", _DAY_VRS), ("dummy", _VRS_WITH_DUMMY)):
        if vrs & found:
            parts.append((part, [f"*/{{{vr}}}" for vr in sorted(found - vrs)]))
    return [*parts, ("U", [])]


#: Block number in the tags of private elements whose block is not known.
_FIRST_BLOCK = 0x1000

_DAY_VRS = frozenset({"DA", "DT"})
#: VRs whose values have a dummy value, but no token.
_VRS_WITH_DUMMY = frozenset({"TM", "AS", *NUMBER_LAYOUTS})
#: VRs whose values have neither.
_VRS_WITHOUT_TOKEN = frozenset({"SQ", "AT", "OB", "OW", "OD", "OF", "OL", "OV", "UN"})
