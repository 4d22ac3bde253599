"""Draw the sample of objects that a person reviews, and state what it proves."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from typing import TYPE_CHECKING

from safelight.text.formulas import neutralize_row

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

#: Confidence of the stated risk if none is chosen.
DEFAULT_CONFIDENCE = 0.95

_COLUMNS = ("number", "object", "reader", "identifying_content", "remark")


def compute_risk_bound(sampled: int, confidence: float = DEFAULT_CONFIDENCE) -> float:
    """Return the share of objects below which the residual risk is if no leak is found.

    The bound is that of Clopper and Pearson for no events: if a share p of objects had a leak, a
    random sample of n objects would have none with a probability of (1 - p) ** n.

    Parameters
    ----------
    sampled : int
        Objects that a person has looked at, without a leak in any of them.
    confidence : float
        Probability that the statement is true, below 1.

    Returns
    -------
    float
        1 without a sample.

    Examples
    --------
    >>> round(compute_risk_bound(299), 4)
    0.01
    """
    if not sampled:
        return 1.0
    return float(1 - (1 - confidence) ** (1 / sampled))


def draw_sample(objects: DataFrame, count: int, seed: str) -> list[str]:
    """Return a random sample of outputs without replacement; all of them if there are fewer.

    The objects are drawn in the order of a cryptographic hash of the seed and their URI.

    Parameters
    ----------
    objects : DataFrame
        Objects of the output, ``uri``.
    count : int
    seed : str
        The same seed and outputs give the same sample.
    """
    from pyspark.sql import functions as F

    order = F.sha2(F.concat(F.lit(seed), F.lit(" "), F.col("uri")), 256)
    return [row["uri"] for row in objects.select("uri").orderBy(order).limit(count).collect()]


def write_worklist(file: str, uris: Sequence[str]) -> None:
    """Write the CSV file in which a person records what each object of the sample shows."""
    with open(file, "w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(_COLUMNS)
        for number, uri in enumerate(uris, 1):
            writer.writerow(neutralize_row((number, uri, "", "", "")))
