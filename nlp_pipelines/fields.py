"""Class every metadata field PHI or not, by table, rules and model together.

The tables of the standard speak first: what PS3.15 Table E.1-1 protects is PHI whatever it
holds. Free text is read by rules and model. Structured values (codes, numbers, coded
strings) are judged by table and form only: a model that reads them does harm. Where a table
calls an attribute technical or safe, only a confident finding says otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pydicom.datadict import keyword_for_tag

from safelight.records import Annotate, Span
from safelight.standard.confidentiality import row_for
from safelight.standard.options import Option
from safelight.standard.private import safe_element
from safelight.standard.vocabulary import is_identifying, is_technical

#: Value representations whose values are text that somebody may have typed.
TEXT_VRS = frozenset(("LO", "SH", "ST", "LT", "UT", "UC", "PN", "AE", "UN"))

#: What a finding in an attribute of set terms must reach to count.
CONFIDENT = 0.9

_BY_VR = {"PN": "NAME", "DA": "DATE", "DT": "DATE", "TM": "DATE", "AS": "AGE", "UI": "ID"}
_BY_KEYWORD = (
    (re.compile("Telephone|Telecom|EMail"), "CONTACT"),
    (re.compile("Address|Institution|Country|Region|Location|Department"), "LOCATION"),
    (re.compile("Occupation"), "PROFESSION"),
    (re.compile("Name$|Physician|Operator|Performer"), "NAME"),
    (re.compile("Date|Time"), "DATE"),
)
_DATE = re.compile(r"(?:18|19|20)\d\d(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class Field:
    """One element; ``creator`` is the private creator, or empty. HOLDS AN ORIGINAL VALUE."""

    tag: int
    vr: str
    value: str
    creator: str = ""


@dataclass(frozen=True)
class FieldClass:
    """The class of a field.

    Attributes
    ----------
    phi : bool
    entity : str
        Coarse entity, empty when not PHI.
    score : float
        1 where a table or rule decides; what the model says otherwise.
    source : str
        ``table``, ``form``, or the engine of the finding that decided.
    """

    phi: bool
    entity: str = ""
    score: float = 1.0
    source: str = "table"


def _entity(field: Field) -> str:
    if field.vr in _BY_VR:
        return _BY_VR[field.vr]
    keyword = keyword_for_tag(field.tag)
    return next((entity for words, entity in _BY_KEYWORD if words.search(keyword)), "ID")


def _by_table(field: Field) -> FieldClass | None:
    """What the tables say; ``None`` where they are silent or leave it to the content."""
    if field.tag >> 16 & 1:
        return None
    row = row_for(field.tag)
    if is_identifying(field.tag):
        return FieldClass(True, _entity(field))
    if row is None or Option.CLEAN_DESCRIPTORS in row.options:
        return None
    return FieldClass(True, _entity(field))


def _by_form(field: Field) -> FieldClass:
    """Values of structured VRs that no table lists: dates are PHI, and ages over 89."""
    value = field.value.strip()
    if field.vr in ("DA", "DT") and _DATE.match(value):
        return FieldClass(True, "DATE", 1.0, "form")
    if field.vr == "AS" and value[:3].isdigit() and value.endswith("Y") and int(value[:3]) > 89:
        return FieldClass(True, "AGE", 1.0, "form")
    return FieldClass(False, "", 1.0, "form")


def _set_terms(field: Field) -> bool:
    if field.tag >> 16 & 1:
        low = field.tag & 0xFF
        return safe_element(field.creator, field.tag >> 16, low) is not None
    return is_technical(field.tag)


def _by_content(field: Field, spans: Sequence[Span]) -> FieldClass:
    if not spans:
        return FieldClass(False, "", 1.0, "model")
    best = max(spans, key=lambda span: (span.confidence, span.end - span.begin))
    if _set_terms(field) and (best.confidence < CONFIDENT or best.entity in ("ID", "LOCATION")):
        return FieldClass(False, "", best.confidence, best.engine)
    return FieldClass(True, best.entity, best.confidence, best.engine)


def classify_fields(fields: Sequence[Field], annotate: Annotate) -> list[FieldClass]:
    """Class fields; each distinct text is annotated once.

    Parameters
    ----------
    fields : sequence of Field
    annotate : callable
        Such as :func:`nlp_pipelines.annotate.annotator` gives.
    """
    decided = [_by_table(field) for field in fields]
    texts = sorted(
        {
            field.value
            for field, known in zip(fields, decided)
            if known is None and field.vr in TEXT_VRS and field.value.strip()
        }
    )
    spans = dict(zip(texts, annotate(texts), strict=True)) if texts else {}
    classes = []
    for field, known in zip(fields, decided):
        if known is None and field.vr in TEXT_VRS:
            known = _by_content(field, spans.get(field.value, ()))
        classes.append(known or _by_form(field))
    return classes
