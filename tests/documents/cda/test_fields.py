"""Test the table of identifying CDA fields."""

from __future__ import annotations

import pytest

from safelight.documents.cda.fields import attribute_field, text_field


@pytest.mark.parametrize(
    ("path", "field"),
    [
        (("ClinicalDocument", "patient", "name"), ("NAME", "patient")),
        (("ClinicalDocument", "name"), ("LOCATION", "institution")),
        (("manufacturedMaterial", "name"), ("", "")),
        (("section", "title"), None),
    ],
)
def test_the_longest_entry_that_ends_the_path_applies(
    path: tuple[str, ...], field: tuple[str, str] | None
) -> None:
    assert text_field(path) == field


def test_an_extension_is_an_identifier_in_any_element() -> None:
    assert attribute_field(("x", "y"), "extension") == ("ID", "")


def test_an_extension_of_the_standard_is_not_an_identifier() -> None:
    assert attribute_field(("x", "templateId"), "extension") is None


def test_bounds_are_dates_only_within_a_time() -> None:
    assert attribute_field(("effectiveTime", "low"), "value") == ("DATE", "")
    assert attribute_field(("observation", "value", "low"), "value") is None
