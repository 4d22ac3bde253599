from __future__ import annotations

from dataclasses import replace
from typing import Optional

import pytest

from jobs.common.export.recipient.options import RecipientOptions
from jobs.common.export.release.risk import ReleasablePart, assess_population, assess_risk
from jobs.common.storage.location import parse_uri
from safelight.risk.full_domain import PatientValues


def options(k: int, max_suppressed: float = 0.0) -> RecipientOptions:
    place = parse_uri("/nowhere")
    return RecipientOptions(
        recipient="north", key=bytes(range(32, 64)), folder=place, restricted=place, k=k,
        max_suppressed=max_suppressed, quasi_identifiers=("patient_age", "modality"),
        sensitive="study_description", keep_private=False,
    )  # fmt: skip


def values(age: int, study: str = "a", modality: str = "CT") -> PatientValues:
    return ((f"{age:03d}Y",), (modality,), (study,))


def test_the_first_release_chooses_the_levels() -> None:
    candidates = {f"p{age}": values(age, "ab"[age % 2]) for age in range(40, 45)}
    found = assess_risk(options(5), {}, candidates, None)
    assert found.patients == candidates.keys()
    assert found.levels == {"patient_age": 1, "modality": 0}
    assert (found.before.k, found.after.k, found.after.l_distinct) == (1, 5, 2)
    assert found.class_sizes == {5: 1}


def test_later_releases_keep_the_levels_and_hold_patients_back() -> None:
    released = {f"p{age}": values(age) for age in range(40, 45)}
    candidates = {"new": values(41), "old": values(80)}
    levels: Optional[dict[str, int]] = {"patient_age": 1, "modality": 0}
    found = assess_risk(options(3), released, candidates, levels)
    assert (found.patients, found.held) == ({"new"}, 1)
    assert (found.after.k, found.after.patients) == (6, 6)
    assert found.precision_loss == pytest.approx(1 / 4)


def test_a_patient_is_released_in_part_if_the_other_class_has_k_patients_without_it() -> None:
    candidates = {f"p{n}": values(40) for n in range(3)}
    candidates |= {
        "mixed": (("040Y",), ("CT", "SEG"), ("a",)),
        "rare": values(40, modality="RWV"),
    }
    parts = {
        "mixed": [
            ReleasablePart(frozenset({"SEG"}), values(40, modality="SEG")),
            ReleasablePart(frozenset({"CT"}), values(40)),
        ]
    }
    levels: Optional[dict[str, int]] = {"patient_age": 0, "modality": 0}
    found = assess_risk(options(3), {}, candidates, levels, lambda one: parts.get(one, []))
    assert found.parts == {"mixed": {"CT"}}
    assert found.patients == {"p0", "p1", "p2", "mixed"} and found.held == 1
    assert (found.after.k, found.after.patients) == (4, 4)
    few = assess_risk(options(4), {}, candidates, levels, lambda one: parts.get(one, []))
    assert (few.parts, few.patients) == ({}, frozenset())


def test_without_k_all_patients_are_released_as_they_are() -> None:
    found = assess_risk(options(1), {}, {"p1": values(40), "p2": values(80)}, None)
    assert (found.held, found.levels) == (0, {"patient_age": 0, "modality": 0})
    assert found.after.k == 1


def test_uniques_are_counted_in_the_catalog_and_estimated_in_the_population() -> None:
    given = replace(options(1), population=20)
    found = assess_risk(given, {}, {"p1": values(40), "p2": values(80)}, None)
    catalog = {values(40)[:-1]: 3, values(80)[:-1]: 1, values(20)[:-1]: 1}
    population = assess_population(given, found, catalog)
    assert (population.catalog_patients, population.unique_in_catalog) == (5, 1)
    assert population.expected_unique_in_population == pytest.approx(2 * 2 / 20)
    assert assess_population(options(1), found, catalog).expected_unique_in_population is None
