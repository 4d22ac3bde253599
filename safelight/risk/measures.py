"""Measures of disclosure risk over counts of patients."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Optional

#: Patients by sensitive value, by equivalence class.
ClassCounts = Mapping[Any, Mapping[str, int]]


@dataclass(frozen=True)
class RiskMeasures:
    """Disclosure risk of a set of patients.

    Attributes
    ----------
    patients, classes : int
        Number of patients and of equivalence classes.
    k : int
        Patients of the smallest class; 0 without patients.
    l_distinct : int
        Smallest number of sensitive values in a class (Machanavajjhala et al., 2007).
    l_entropy : float
        Smallest exponential of the entropy of the sensitive values in a class.
    t : float
        Largest distance between the sensitive values of a class and those of all patients (Li et
        al., 2007, with the equal distance for categories).
    sample_uniques : int
        Patients who are alone in their class.
    highest_risk, average_risk : float
        Largest and mean probability that a patient is identified by somebody who knows that the
        patient is in the data: one divided by the size of the class.
    """

    patients: int
    classes: int
    k: int
    l_distinct: int
    l_entropy: float
    t: float
    sample_uniques: int
    highest_risk: float
    average_risk: float


def measure_risk(classes: ClassCounts) -> RiskMeasures:
    """Return all measures of a set of equivalence classes.

    Parameters
    ----------
    classes : mapping
        Patients by sensitive value, by equivalence class. Every count is positive.
    """
    sizes = class_sizes(classes)
    patients = sum(sizes.values())
    k = min(sizes.values(), default=0)
    return RiskMeasures(
        patients=patients,
        classes=len(sizes),
        k=k,
        l_distinct=min((len(values) for values in classes.values()), default=0),
        l_entropy=min((_exponential_entropy(values) for values in classes.values()), default=0.0),
        t=_largest_distance(classes),
        sample_uniques=sum(size == 1 for size in sizes.values()),
        highest_risk=1 / k if k else 0.0,
        average_risk=len(sizes) / patients if patients else 0.0,
    )


def class_sizes(classes: ClassCounts) -> dict[Hashable, int]:
    """Return the number of patients by equivalence class."""
    return {key: sum(values.values()) for key, values in classes.items()}


def count_sizes(classes: ClassCounts) -> dict[int, int]:
    """Return the number of equivalence classes by their size."""
    return dict(sorted(Counter(class_sizes(classes).values()).items()))


def _exponential_entropy(values: Mapping[str, int]) -> float:
    total = sum(values.values())
    return math.exp(-sum(n / total * math.log(n / total) for n in values.values()))


def _largest_distance(classes: ClassCounts) -> float:
    overall: Counter[str] = Counter()
    for values in classes.values():
        overall.update(values)
    total = sum(overall.values())

    def distance(values: Mapping[str, int]) -> float:
        size = sum(values.values())
        return sum(abs(values.get(v, 0) / size - n / total) for v, n in overall.items()) / 2

    return max(map(distance, classes.values()), default=0.0)


def count_population_uniques(sample: ClassCounts, population: Mapping[Any, int]) -> int:
    """Return the number of patients who are alone in their class in the population too.

    Parameters
    ----------
    sample : mapping
        Equivalence classes of the released patients.
    population : mapping
        Number of patients by class in a larger set that holds the sample.
    """
    sizes = class_sizes(sample)
    return sum(size == 1 and population.get(key, 1) == 1 for key, size in sizes.items())


def estimate_population_uniques(sample: ClassCounts, fraction: float) -> Optional[float]:
    """Estimate the number of patients who are unique in a population of which a sample is known.

    The size of the class in the population is negative binomial, given its size in the sample
    (Benedetti and Franconi, 1998): a patient who is unique in the sample is unique in the
    population with a probability that is the sampling fraction.

    Parameters
    ----------
    sample : mapping
        Equivalence classes of the released patients.
    fraction : float
        Sampling fraction, above 0 and at most 1.

    Returns
    -------
    float or None
        Expected number of patients; None if the fraction is not valid.
    """
    if not 0 < fraction <= 1:
        return None
    return fraction * sum(size == 1 for size in class_sizes(sample).values())
