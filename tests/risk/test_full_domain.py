from __future__ import annotations

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from safelight.risk.full_domain import find_generalisation, generalise_values
from safelight.risk.hierarchies import HIERARCHIES

COLUMNS = ("patient_age", "patient_sex", "modality")


def patient(age: int, sex: str, modality: str = "CT") -> tuple[tuple[str, ...], ...]:
    return ((f"{age:03d}Y",), (sex,), (modality,))


def test_patients_that_have_k_are_left_as_they_are() -> None:
    found = find_generalisation({patient(40, "F"): 5, patient(50, "M"): 7}, COLUMNS, 5, 0.0)
    assert found.levels == {"patient_age": 0, "patient_sex": 0, "modality": 0}
    assert (found.suppressed, found.precision_loss) == (0, 0.0)


def test_ages_are_generalised_before_patients_are_suppressed() -> None:
    patients = {patient(age, "F"): 1 for age in range(40, 50)}
    found = find_generalisation(patients, COLUMNS, 5, 0.0)
    assert found.levels == {"patient_age": 1, "patient_sex": 0, "modality": 0}
    assert found.suppressed == 0
    assert 0 < found.precision_loss < 0.2


def test_a_rare_modality_cannot_be_generalised_and_is_suppressed() -> None:
    patients = {patient(40, "F"): 8, patient(40, "F", "PT"): 1}
    found = find_generalisation(patients, COLUMNS, 5, 0.0)
    assert found.suppressed == 1
    assert found.levels["patient_age"] == found.levels["patient_sex"] == 0


def test_all_values_of_a_patient_count() -> None:
    values = (("040Y", "041Y"), ("F",), ("CT", "MR"))
    assert generalise_values(values, COLUMNS, {"patient_age": 1}) == (
        ("040Y",), ("F",), ("CT", "MR"),
    )  # fmt: skip


people = st.tuples(st.integers(0, 99), st.sampled_from("FMO"), st.sampled_from(("CT", "MR")))


@given(st.lists(people, min_size=1, max_size=60), st.integers(2, 6), st.sampled_from((0.0, 0.1)))
def test_every_class_that_is_left_has_k(
    found: list[tuple[int, str, str]], k: int, share: float
) -> None:
    patients = Counter(patient(*one) for one in found)
    result = find_generalisation(patients, COLUMNS, k, share)
    sizes: Counter[tuple[tuple[str, ...], ...]] = Counter()
    for values, count in patients.items():
        sizes[generalise_values(values, COLUMNS, result.levels)] += count
    assert result.suppressed == sum(size for size in sizes.values() if size < k)
    exhausted = all(
        result.levels[column] <= HIERARCHIES[column].last_level for column in COLUMNS[:2]
    )
    assert exhausted and 0.0 <= result.precision_loss <= 1.0
    fully = Counter(values[2] for values in patients.elements())
    unavoidable = sum(size for size in fully.values() if size < k)
    assert result.suppressed <= max(int(share * len(found)), unavoidable)


def test_patients_whom_nothing_helps_do_not_generalise_the_others() -> None:
    columns = ("patient_age", "modality")
    patients = {((f"{age:03d}Y",), ("CT",)): 1 for age in range(40, 60)}
    patients[(("050Y",), ("ES",))] = 1  # no generalisation of the modality
    found = find_generalisation(patients, columns, 5, 0.0)
    assert (found.levels["patient_age"], found.suppressed) == (1, 1)
