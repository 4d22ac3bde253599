"""Two recipients join their releases by every value that an attacker could use."""

from __future__ import annotations

import hashlib
from collections import defaultdict

import pytest
from pydicom.dataset import Dataset

from safelight.releases.treatment import ReleaseTreatment
from tests.releases.objects import make_object, rewrite

PATIENTS = [f"PSEUDONYM{number:07d}" for number in range(40)]
TREATMENT = ReleaseTreatment(
    levels={"patient_age": 2, "patient_size": 2, "patient_weight": 2},
    common_descriptions=frozenset({"CT CHEST"}),
)


@pytest.fixture(scope="module")
def releases() -> tuple[list[Dataset], list[Dataset]]:
    objects = [make_object(patient, study=1 + index % 20) for index, patient in enumerate(PATIENTS)]
    north, south = ([rewrite(one, name, TREATMENT) for one in objects] for name in ("n", "s"))
    return north, south


def values(ds: Dataset) -> set[tuple[str, str]]:
    """Return all values of an object except those of its pixel data, with their tags."""
    found = set()
    for element in ds.iterall():
        if element.VR != "SQ" and element.tag != 0x7FE00010:
            found.add((str(element.tag), str(element.value)))
    return found | {(str(e.tag), str(e.value)) for e in ds.file_meta}


def count_linked(north: list[Dataset], south: list[Dataset]) -> int:
    """Return the patients whom a value links that only they have in each release."""
    linked = 0
    owners: list[dict[tuple[str, str], list[int]]] = []
    for release in (north, south):
        by_value: dict[tuple[str, str], list[int]] = defaultdict(list)
        for index, ds in enumerate(release):
            for value in values(ds):
                by_value[value].append(index)
        owners.append(by_value)
    for index in range(len(north)):
        shared = values(north[index]) & values(south[index])
        linked += any(owners[0][one] == owners[1][one] == [index] for one in shared)
    return linked


def test_no_unique_value_links_a_patient(releases: tuple[list[Dataset], list[Dataset]]) -> None:
    assert count_linked(*releases) <= 1  # shifted dates may be equal by chance


def test_the_attack_links_everybody_without_the_second_pass(
    releases: tuple[list[Dataset], list[Dataset]],
) -> None:
    same = releases[0]
    assert count_linked(same, same) == len(PATIENTS)


def test_identical_pixels_can_be_linked(releases: tuple[list[Dataset], list[Dataset]]) -> None:
    # Nothing in a release can prevent it; the statement of each release says so.
    north, south = ({hashlib.sha256(ds.PixelData).digest() for ds in one} for one in releases)
    assert north == south
