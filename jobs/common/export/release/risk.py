"""Decide which patients a release may hold, and at which levels of generalisation."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, Optional

from jobs.common.export.recipient.options import RecipientOptions
from safelight.risk.full_domain import (
    Generalisation,
    PatientValues,
    find_generalisation,
    generalise_values,
    precision_loss,
)
from safelight.risk.incremental import choose_releasable
from safelight.risk.measures import (
    RiskMeasures,
    count_population_uniques,
    count_sizes,
    estimate_population_uniques,
    measure_risk,
)

#: Values of patients; the last column is the sensitive one.
ValuesByPatient = Mapping[str, PatientValues]


class ReleasablePart(NamedTuple):
    """Some of the new objects of a patient.

    Attributes
    ----------
    modalities : frozenset of str
        Modalities of the objects.
    values : tuple
        Values over these objects and those of earlier releases; the last one is the sensitive one.
    """

    modalities: frozenset[str]
    values: PatientValues


#: Function that returns the parts of the new objects of a patient.
ListParts = Callable[[str], Iterable[ReleasablePart]]


@dataclass(frozen=True)
class RiskAssessment:
    """Decisions about the patients of a release, and their risk.

    Attributes
    ----------
    patients : frozenset of str
        Pseudonyms of the patients whose new objects are released.
    parts : mapping of str to frozenset of str
        Modalities of the new objects that are released, of the patients whose other new objects
        are held back.
    held : int
        Patients with new objects that are held back because their class is below k.
    levels : mapping of str to int
        Level of generalisation by column.
    precision_loss : float
        Information loss of the levels, from 0 to 1.
    before, after : RiskMeasures
        Risk of all patients at level 0, and of the patients that the recipient has after the
        release, at the levels.
    class_sizes : dict of int to int
        Number of equivalence classes after the release, by size.
    classes : mapping
        Patients by sensitive value, by equivalence class after the release.
    """

    patients: frozenset[str]
    parts: Mapping[str, frozenset[str]]
    held: int
    levels: Mapping[str, int]
    precision_loss: float
    before: RiskMeasures
    after: RiskMeasures
    class_sizes: dict[int, int]
    classes: Mapping[PatientValues, Counter[str]]


@dataclass(frozen=True)
class PopulationRisk:
    """Uniqueness of the released patients among more patients than the recipient has.

    Attributes
    ----------
    catalog_patients : int
        Patients of ``catalog``.
    unique_in_catalog : int
        Patients of the release who are alone in their class there and in the release.
    population : int, optional
        Patients from whom those of the release come, as it was given.
    expected_unique_in_population : float, optional
        Expected number of patients of the release who are alone in their class there.
    """

    catalog_patients: int
    unique_in_catalog: int
    population: Optional[int]
    expected_unique_in_population: Optional[float]


def assess_risk(
    options: RecipientOptions,
    released: ValuesByPatient,
    candidates: ValuesByPatient,
    fixed_levels: Optional[Mapping[str, int]],
    list_parts: ListParts = lambda _: (),
) -> RiskAssessment:
    """Return the patients whose new objects a recipient may get.

    Parameters
    ----------
    options : RecipientOptions
        Quasi-identifiers and k.
    released : mapping
        Values of the patients of earlier releases, over the objects that the recipient has.
    candidates : mapping
        Values of the patients with new objects, over those and the objects of earlier releases.
    fixed_levels : mapping, optional
        Levels of the first release to this recipient. Later ones use the same levels, because a
        value that the recipient has cannot be generalised any more.
    list_parts : callable
        Returns, for a patient, the modalities of some of the new objects, and the values over
        these and the objects of earlier releases; the largest parts first.
    """
    columns = options.quasi_identifiers
    union = {**released, **candidates}
    if fixed_levels is None:
        counts = Counter(values[:-1] for values in union.values())
        found = find_generalisation(counts, columns, options.k, options.max_suppressed)
    else:
        levels = {column: fixed_levels.get(column, 0) for column in columns}
        found = Generalisation(levels, 0, precision_loss(levels))

    def key(values: PatientValues) -> PatientValues:
        return generalise_values(values[:-1], columns, found.levels)

    def choose(wanted: ValuesByPatient) -> frozenset[str]:
        return choose_releasable(
            {patient: key(values) for patient, values in released.items()},
            {patient: key(values) for patient, values in wanted.items()},
            options.k,
        )

    whole = choose(candidates)
    after = {**released, **{patient: candidates[patient] for patient in whole}}
    found_parts = _find_parts(sorted(candidates.keys() - whole), after, list_parts, key, options.k)
    wanted = {patient: candidates[patient] for patient in whole}
    wanted |= {patient: part.values for patient, part in found_parts.items()}
    chosen = choose(wanted) if found_parts else whole
    after = {**released, **{patient: wanted[patient] for patient in chosen}}
    classes = _classes({patient: (*key(values), values[-1]) for patient, values in after.items()})
    return RiskAssessment(
        patients=chosen,
        parts={
            patient: part.modalities for patient, part in found_parts.items() if patient in chosen
        },
        held=len(candidates) - len(chosen),
        levels=found.levels,
        precision_loss=found.precision_loss,
        before=measure_risk(_classes(union)),
        after=measure_risk(classes),
        class_sizes=count_sizes(classes),
        classes=classes,
    )


def _find_parts(
    held: Iterable[str],
    after: ValuesByPatient,
    list_parts: ListParts,
    key: Callable[[PatientValues], PatientValues],
    k: int,
) -> dict[str, ReleasablePart]:
    """Return the largest part of the new objects of patients whose class has k patients without it.

    Parameters
    ----------
    held : iterable of str
        Patients whose new objects cannot be released as a whole.
    after : mapping
        Values of the other patients after the release.
    list_parts : callable
        See :func:`assess_risk`.
    key : callable
        Returns the class of values.
    k : int
        Smallest size of an equivalence class.
    """
    found: dict[str, ReleasablePart] = {}
    sizes = Counter(key(values) for values in after.values())
    for patient in held:
        for part in list_parts(patient):
            if sizes[key(part.values)] >= k:
                found[patient] = part
                break
    return found


def assess_population(
    options: RecipientOptions, assessment: RiskAssessment, catalog: Mapping[PatientValues, int]
) -> PopulationRisk:
    """Return the uniqueness of the released patients in the catalog and in the population.

    Parameters
    ----------
    options : RecipientOptions
        Quasi-identifiers and number of patients of the population.
    assessment : RiskAssessment
        Classes and levels of the release.
    catalog : mapping
        Number of patients of ``catalog`` by their values, without generalisation.
    """
    sizes: Counter[PatientValues] = Counter()
    for values, count in catalog.items():
        sizes[generalise_values(values, options.quasi_identifiers, assessment.levels)] += count
    expected = None
    if options.population is not None:
        fraction = assessment.after.patients / options.population
        expected = estimate_population_uniques(assessment.classes, fraction)
    return PopulationRisk(
        catalog_patients=sizes.total(),
        unique_in_catalog=count_population_uniques(assessment.classes, sizes),
        population=options.population,
        expected_unique_in_population=expected,
    )


def _classes(values: ValuesByPatient) -> dict[PatientValues, Counter[str]]:
    """Return the patients by sensitive value, by class."""
    classes: dict[PatientValues, Counter[str]] = {}
    for *key, sensitive in values.values():
        classes.setdefault(tuple(key), Counter())["\\".join(sensitive)] += 1
    return classes
