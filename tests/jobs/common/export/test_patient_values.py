from __future__ import annotations

from typing import Any

import pytest

from jobs.common.export.patient_values import (
    PatientPart,
    PatientProfile,
    count_population,
    find_common_descriptions,
    read_profiles,
)

COLUMNS = ("patient_age", "modality")
ROWS = [
    ("r1", "s1", "P", "040Y", "CT", "chest", None, " "),
    ("r1", "s2", "P", "041Y", None, "chest", "knee ", None),
    ("r1", "s3", "Q", "050Y", "MR", None, None, None),
    ("r1", "s4", "R", "050Y", "MR", "head", None, None),
]
SCHEMA = (
    "run_id STRING, source_id STRING, patient_pseudonym STRING, patient_age STRING, "
    "modality STRING, study_description STRING, series_description STRING, protocol_name STRING"
)


@pytest.fixture
def catalog(spark: Any) -> Any:
    return spark.createDataFrame(ROWS, SCHEMA)


def test_the_values_of_released_and_new_objects_are_read_by_patient(
    spark: Any, catalog: Any
) -> None:
    keys = catalog.select("run_id", "source_id")
    released = keys.where("source_id = 's1'")
    found = read_profiles(catalog, released, keys.where("source_id IN ('s2', 's3')"), COLUMNS)
    earlier = PatientPart((("040Y",), ("CT",)), frozenset({"chest"}))
    new = PatientPart((("041Y",), ("",)), frozenset({"chest", "knee"}))
    assert found == {
        "P": PatientProfile(earlier, {"": new}),
        "Q": PatientProfile(None, {"MR": PatientPart((("050Y",), ("MR",)))}),
    }
    assert found["P"].join([""]) == PatientPart(
        (("040Y", "041Y"), ("", "CT")), frozenset({"chest", "knee"})
    )
    assert found["P"].join([]) == earlier


def test_subsets_of_modalities_are_listed_from_the_largest() -> None:
    part = PatientPart((("CT",),))
    profile = PatientProfile(None, dict.fromkeys(("SEG", "CT", "SR"), part))
    subsets = list(profile.list_subsets())
    assert list(map(len, subsets)) == [2, 2, 2, 1, 1, 1]
    assert subsets[0] == {"CT", "SEG"}
    assert list(PatientProfile(None, {"CT": part}).list_subsets()) == []
    many = PatientProfile(None, dict.fromkeys("ABCDEFGH", part))
    assert all(len(subset) == 1 for subset in many.list_subsets())


def test_the_patients_of_the_catalog_are_counted_by_their_values(catalog: Any) -> None:
    assert count_population(catalog, COLUMNS) == {
        (("040Y", "041Y"), ("", "CT")): 1, (("050Y",), ("MR",)): 2,
    }  # fmt: skip


def test_descriptions_of_objects_that_are_held_back_do_not_count() -> None:
    def part(*descriptions: str) -> PatientPart:
        return PatientPart((), frozenset(descriptions))

    profiles = {
        "chosen": PatientProfile(None, {"CT": part("chest", "knee"), "SEG": part("hip")}),
        "held": PatientProfile(part("chest"), {"CT": part("knee"), "SEG": part("hip")}),
        "part": PatientProfile(None, {"CT": part("knee"), "SEG": part("hip")}),
    }
    chosen = {"chosen": {"CT", "SEG"}, "part": {"CT"}}
    assert find_common_descriptions(profiles, chosen, 2) == {"chest", "knee"}
