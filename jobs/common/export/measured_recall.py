"""Recall of burned-in text as it was measured, for the statements of releases."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True)
class MeasuredRecall:
    """Recall of a benchmark with its worst condition.

    Attributes
    ----------
    benchmark : str
        File of the results.
    objects : int
        Objects of the benchmark.
    recall : float
        Share of the values that were masked, over all conditions.
    worst_condition : str
        Condition with the lowest recall.
    worst_recall : float
        Recall of that condition.
    """

    benchmark: str
    objects: int
    recall: float
    worst_condition: str
    worst_recall: float


#: Objects that differ in one condition from the plain object, read by the default OCR engine.
BURNED_IN_TEXT: Final = MeasuredRecall(
    benchmark="benchmarks/results/burned_in_generator.md",
    objects=98,
    recall=0.997,
    worst_condition="256 x 256, size 6",
    worst_recall=0.88,
)
