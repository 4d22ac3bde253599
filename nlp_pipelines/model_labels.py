"""The label set of the model, and how its labels read as entities.

The model knows the coarse entities only: what separates a city from a street or a phone
from a fax is a matter of form, so rules refine it (:mod:`safelight.text.recognizers.span_filter`).
"""

from __future__ import annotations

ENTITIES = ("NAME", "DATE", "AGE", "ID", "LOCATION", "CONTACT", "PROFESSION")

#: In the order of the logits; line by line the ``labels.txt`` of a model folder.
LABELS = ("O",) + tuple(f"{prefix}-{entity}" for entity in ENTITIES for prefix in "BI")
