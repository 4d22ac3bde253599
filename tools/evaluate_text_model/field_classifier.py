"""Classify metadata fields as PHI or not: by table, by format, and by the findings in their text.

The tables of the standard decide first: an attribute of PS3.15 Table E.1-1 is PHI for every value.
Other text is classified by the findings in it, and other values by their format.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.datadict import keyword_for_tag

from safelight.headers.finding_filter import filter_findings, is_annotated
from safelight.records import Annotate, Span
from safelight.standard.attribute_categories import is_identifying_attribute, is_technical_attribute
from safelight.standard.confidentiality import find_row
from safelight.standard.options import Option
from safelight.standard.private_elements import find_safe_element
from safelight.text.generalization import OLDEST_AGE
from safelight.text.span_merging import select_identifying

_ENTITY_BY_VR = {"PN": "NAME", "DA": "DATE", "DT": "DATE", "TM": "DATE", "AS": "AGE", "UI": "ID"}
_ENTITY_BY_KEYWORD = (
    (re.compile("Telephone|Telecom|EMail"), "CONTACT"),
    (re.compile("Address|Institution|Country|Region|Location|Department"), "LOCATION"),
    (re.compile("Occupation"), "PROFESSION"),
    (re.compile("Name$|Physician|Operator|Performer"), "NAME"),
    (re.compile("Date|Time"), "DATE"),
)
_DATE = re.compile(r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class Field:
    """One element. HOLDS AN ORIGINAL VALUE.

    Attributes
    ----------
    tag : int
        Group and element number in one integer.
    vr : str
        Value representation.
    value : str
        One value.
    creator : str
        Private creator; empty for a standard attribute.
    """

    tag: int
    vr: str
    value: str
    creator: str = ""


@dataclass(frozen=True)
class FieldClassification:
    """Classification of a field.

    Attributes
    ----------
    phi : bool
        True if the field is PHI.
    entity : str
        Label; empty if the field is not PHI.
    score : float
        1 if a table or a format decided, else the confidence of the finding.
    source : str
        ``table``, ``form`` (the format of the value), ``model`` (no finding), or the engine of the
        finding that decided.
    """

    phi: bool
    entity: str = ""
    score: float = 1.0
    source: str = "table"


def classify_fields(fields: Sequence[Field], annotate: Annotate) -> list[FieldClassification]:
    """Classify fields as PHI or not, by the tables, by the format and by the text model.

    Parameters
    ----------
    fields : sequence of Field
        HOLD ORIGINAL VALUES.
    annotate : Annotate
        Text model, for example from :func:`nlp_pipelines.annotate.build_annotator`.

    Returns
    -------
    list of FieldClassification
        In the order of ``fields``.
    """
    texts = sorted(
        {
            field.value
            for field in fields
            if is_annotated(field.tag, field.vr, field.value) and classify_by_table(field) is None
        }
    )
    spans = dict(zip(texts, annotate(texts), strict=True)) if texts else {}
    return [classify_field(field, spans.get(field.value, ())) for field in fields]


def classify_field(field: Field, spans: Sequence[Span]) -> FieldClassification:
    """Classify one field.

    Parameters
    ----------
    field : Field
        The field.
    spans : sequence of Span
        Findings in its value, if :func:`is_annotated` is true for it.

    Returns
    -------
    FieldClassification
    """
    known = classify_by_table(field)
    if known is not None:
        return known
    if is_annotated(field.tag, field.vr, field.value):
        is_technical = has_technical_text(field.tag, field.creator) or field.vr == "CS"
        return _classify_by_findings(field, spans, is_technical)
    return _classify_by_format(field)


def classify_by_table(field: Field) -> FieldClassification | None:
    """Return the class by the tables of the standard, or None if they do not decide."""
    if field.tag >> 16 & 1:
        return None
    row = find_row(field.tag)
    if is_identifying_attribute(field.tag):
        return FieldClassification(True, _find_entity(field))
    if row is None or Option.CLEAN_DESCRIPTORS in row.options:
        return None
    return FieldClassification(True, _find_entity(field))


def has_technical_text(tag: int, creator: str = "") -> bool:
    """Return whether a table states that an attribute holds terms of equipment and method.

    Parameters
    ----------
    tag : int
        Tag of the element.
    creator : str
        Private creator; empty for a standard attribute.

    Returns
    -------
    bool
    """
    if tag >> 16 & 1:
        return find_safe_element(creator, tag >> 16, tag & 0xFF) is not None
    return is_technical_attribute(tag)


def _find_entity(field: Field) -> str:
    """Return the label of an attribute that a table calls PHI."""
    if field.vr in _ENTITY_BY_VR:
        return _ENTITY_BY_VR[field.vr]
    keyword = keyword_for_tag(field.tag)
    return next((entity for words, entity in _ENTITY_BY_KEYWORD if words.search(keyword)), "ID")


def _classify_by_format(field: Field) -> FieldClassification:
    """Return the class of a structured value: dates and ages over 89 years are PHI."""
    value = field.value.strip()
    if field.vr in ("DA", "DT") and _DATE.match(value):
        return FieldClassification(True, "DATE", 1.0, "form")
    if field.vr == "AS" and value[:3].isdigit() and value.endswith("Y"):
        if int(value[:3]) > OLDEST_AGE:
            return FieldClassification(True, "AGE", 1.0, "form")
    return FieldClassification(False, "", 1.0, "form")


def _classify_by_findings(
    field: Field, spans: Sequence[Span], is_technical: bool
) -> FieldClassification:
    """Return the class by the finding with the highest confidence."""
    found = filter_findings(field.value, field.vr, select_identifying(spans), is_technical)
    if not found:
        return FieldClassification(False, "", 1.0, "model")
    best = max(found, key=lambda span: (span.confidence, span.end - span.begin))
    return FieldClassification(True, best.entity, best.confidence, best.engine)
