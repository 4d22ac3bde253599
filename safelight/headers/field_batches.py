"""Classify many metadata fields at once; each distinct text is annotated once."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.headers.text_classifier import (
    Field,
    FieldClassification,
    classify_by_table,
    classify_field,
    is_annotated,
)
from safelight.records import Annotate


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
