"""Class many metadata fields at once: each distinct text is annotated once."""

from __future__ import annotations

from collections.abc import Sequence

from safelight.headers.text_classifier import (
    Field,
    FieldClassification,
    class_by_table,
    classify,
    is_read,
)
from safelight.records import Annotate


def classify_fields(fields: Sequence[Field], annotate: Annotate) -> list[FieldClassification]:
    """Class fields by table, rules and model together.

    Parameters
    ----------
    fields : sequence of Field
    annotate : callable
        Such as :func:`nlp_pipelines.annotate.build_annotator` gives.
    """
    texts = sorted(
        {
            field.value
            for field in fields
            if is_read(field.tag, field.vr, field.value) and class_by_table(field) is None
        }
    )
    spans = dict(zip(texts, annotate(texts), strict=True)) if texts else {}
    return [classify(field, spans.get(field.value, ())) for field in fields]
