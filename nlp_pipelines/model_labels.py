"""Define the labels of the model.

The model distinguishes entities only. Subtypes (city or street, phone or fax) depend on the
format, so rules add them (:mod:`safelight.text.recognizers.span_filter`).
"""

from __future__ import annotations

ENTITIES = ("NAME", "DATE", "AGE", "ID", "LOCATION", "CONTACT", "PROFESSION")

#: BIO labels in the order of the logits, which is the order of ``labels.txt`` in a model folder.
LABELS = ("O",) + tuple(f"{prefix}-{entity}" for entity in ENTITIES for prefix in "BI")
