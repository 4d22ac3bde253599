"""A placeholder shows the pseudonym, the shifted date or the entity, never the value."""

from __future__ import annotations

import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask
from safelight.pixels.redact.placeholder import make_placeholder
from safelight.pseudonyms import Pseudonyms

PATIENT = Pseudonyms(bytes(range(32))).patient("someone")


def mask_of(entity: str, engine: str, text: str = "") -> Mask:
    return Mask(None, Box(0, 0, 9, 9), entity, engine, 1.0, text)


@pytest.mark.parametrize("engine", ["known", "key"])
def test_a_name_of_the_patient_is_the_pseudonym(engine: str) -> None:
    assert make_placeholder(mask_of("NAME", engine), PATIENT) == PATIENT.pseudonym


def test_another_name_is_the_entity() -> None:
    assert make_placeholder(mask_of("NAME", "model"), PATIENT) == "[NAME]"


def test_a_date_is_shifted() -> None:
    shown = make_placeholder(mask_of("DATE", "form", "12.03.1950"), PATIENT)
    assert shown not in ("12.03.1950", "[DATE]") and len(shown) == 10


def test_an_unreadable_date_is_the_entity() -> None:
    assert make_placeholder(mask_of("DATE", "form", "?"), PATIENT) == "[DATE]"


def test_without_a_patient_only_the_entity_is_shown() -> None:
    assert make_placeholder(mask_of("ID", "known"), None) == "[ID]"


def test_a_region_of_the_device_catalog_has_no_placeholder() -> None:
    assert make_placeholder(mask_of("DEVICE", "catalog"), PATIENT) == ""
