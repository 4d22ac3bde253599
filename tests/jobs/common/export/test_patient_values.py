from __future__ import annotations

from typing import Any

import pytest

from jobs.common.export.patient_values import (
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
    assert found == {
        "P": PatientProfile(
            (("040Y",), ("CT",)), (("040Y", "041Y"), ("", "CT")),
            frozenset({"chest"}), frozenset({"chest", "knee"}),
        ),
        "Q": PatientProfile(None, (("050Y",), ("MR",)), frozenset(), frozenset()),
    }  # fmt: skip


def test_the_patients_of_the_catalog_are_counted_by_their_values(catalog: Any) -> None:
    assert count_population(catalog, COLUMNS) == {
        (("040Y", "041Y"), ("", "CT")): 1, (("050Y",), ("MR",)): 2,
    }  # fmt: skip


def test_descriptions_of_patients_that_are_held_back_do_not_count() -> None:
    def profile(earlier: set[str], union: set[str]) -> PatientProfile:
        return PatientProfile((), (), frozenset(earlier), frozenset(union))

    profiles = {
        "chosen": profile(set(), {"chest", "knee"}),
        "held": profile({"chest"}, {"chest", "knee"}),
    }
    assert find_common_descriptions(profiles, {"chosen"}, 2) == {"chest"}
