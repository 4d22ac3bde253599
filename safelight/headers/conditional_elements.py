"""Choose the rule for an element by conditions on its own value."""

from __future__ import annotations

from safelight.dicom import character_sets
from safelight.dicom.elements import Element
from safelight.dicom.encoding import STRING_VRS
from safelight.dicom.values import choose_vr, format_numbers
from safelight.headers.models import DatasetContext
from safelight.rules import AttributeRule


def choose_rule(
    element: Element, expected: str, rule: AttributeRule, context: DatasetContext
) -> AttributeRule:
    """Return the case of a conditional rule that applies to an element by its value.

    Parameters
    ----------
    element : Element
        The element; a sequence has no value.
    expected : str
        VR of the dictionary, by which UN is read.
    rule : AttributeRule
        A rule with cases.
    context : DatasetContext
        The data set or item that holds it.
    """
    if element.vr == "SQ" or element.items is not None:
        return rule.choose("")
    vr = expected if element.vr == "UN" else choose_vr(element.vr, expected)
    raw = context.data[element.value : element.stop]
    if vr in STRING_VRS:
        return rule.choose(character_sets.decode(raw, vr, context.text_encodings))
    return rule.choose(format_numbers(raw, vr, context.encoding))
