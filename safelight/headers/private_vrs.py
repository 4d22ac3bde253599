"""Find the VR by which the value of a private element is read."""

from __future__ import annotations

from safelight.dicom.elements import Element
from safelight.dicom.encoding import BULK_VRS
from safelight.dicom.items import holds_items
from safelight.rules import AttributeRule

#: VRs in the list of safe private elements that allow items in the value.
_VRS_WITH_ITEMS = BULK_VRS | {"SQ", "UN"}


def resolve_vr(data: bytes, element: Element, vr: str, rule: AttributeRule) -> str:
    """Return the VR by which a private element is read.

    Parameters
    ----------
    data : bytes
        The object.
    element : Element
    vr : str
        VR of the element, or of the dictionary of private elements where the element states UN.
    rule : AttributeRule
        Its rule. The argument of a rule of the safe list is the VR that the list declares.

    Returns
    -------
    str
        SQ if the bytes begin with an item, unless the safe list declares a value of another kind.
    """
    if vr == "UN":
        vr = rule.argument or vr
    if (rule.argument is None or vr in _VRS_WITH_ITEMS) and holds_items(data, element):
        return "SQ"
    return vr
