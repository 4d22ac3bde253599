"""Choose the rule for an element by its own value, and refuse objects as rules say."""

from __future__ import annotations

from safelight.dicom import character_sets
from safelight.dicom.elements import Element
from safelight.dicom.encoding import STRING_VRS
from safelight.dicom.values import choose_vr, format_numbers
from safelight.headers.models import DatasetContext
from safelight.records import Reason, Refusal, Status
from safelight.rules import AttributeRule, Operation


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


def refuse(rule: AttributeRule) -> Refusal:
    """Return the refusal of an object by the rule for one of its elements.

    Parameters
    ----------
    rule : AttributeRule
        Its operation is ``QUARANTINE`` or ``ENCAPSULATED_DOCUMENT``.
    """
    if rule.operation is Operation.ENCAPSULATED_DOCUMENT:
        return _ENCAPSULATED_DOCUMENT
    return Refusal(Reason.FILTERED_BY_RULE, rule.argument or "", Status.QUARANTINED)


_ENCAPSULATED_DOCUMENT = Refusal(
    Reason.ENCAPSULATED_DOCUMENT,
    "the encapsulated document cannot be cleaned; review it manually, or let the rules remove "
    "such objects",
)
