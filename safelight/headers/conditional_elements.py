"""Choose the rule for an element by its own value, and refuse objects as rules say."""

from __future__ import annotations

from dataclasses import replace

from safelight.dicom.elements import Element
from safelight.headers.element_references import LevelReader
from safelight.headers.models import DatasetContext
from safelight.records import Reason, Refusal, Status
from safelight.rules import AttributeRule, Operation
from safelight.rules.conditions import EMPTY_VALUE
from safelight.rules.entry_rules import PATIENT_IDENTITY
from safelight.rules.references import THIS


def choose_rule(
    element: Element, expected: str, rule: AttributeRule, context: DatasetContext
) -> AttributeRule:
    """Return the case of a conditional rule that applies to an element by its value.

    Parameters
    ----------
    element : Element
        The element.
    expected : str
        VR of the dictionary, by which UN is read.
    rule : AttributeRule
        A rule with cases.
    context : DatasetContext
        The data set or item that holds it.
    """
    reader = LevelReader(context.data, context.encoding, context.text_encodings)

    def read(reference: str) -> str:
        if reference == THIS:
            return reader.decode(element, expected) or EMPTY_VALUE
        return reader.read_sibling(context.elements, reference)

    return rule.choose(read)


def choose_kept_rule(
    element: Element, vr: str, rule: AttributeRule, context: DatasetContext
) -> AttributeRule:
    """Return the rule that keeps an element if its lookup table lacks the value, else the rule.

    Parameters
    ----------
    element : Element
        The element.
    vr : str
        VR by which the value is read.
    rule : AttributeRule
        A rule with the operation ``LOOKUP``.
    context : DatasetContext
        The data set or item that holds the element.
    """
    values, parameters = context.object_values, rule.parameters
    if values is None or parameters is None:
        return rule
    reader = LevelReader(context.data, context.encoding, context.text_encodings)
    if not values.keeps_value(parameters, reader.decode(element, vr)):
        return rule
    is_explicit = rule.is_explicit or element.tag in PATIENT_IDENTITY
    return replace(rule.keep(), is_explicit=is_explicit)


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
