"""Test which values of attributes are those of the CDA standard."""

from __future__ import annotations

import pytest

from safelight.documents.cda.attributes import (
    PUBLIC_ROOTS,
    is_public_oid,
    is_read_as_text,
    is_standard_value,
    is_template_version,
)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("code", "OBS"), ("code", "SBADM"), ("code", "DOCCLIN"), ("code", "Bold Italics"),
        ("code", "en-US"), ("code", "HP"), ("flag", "true"), ("layout", "100%"), ("layout", "left"),
        ("type", "IVL_TS"), ("type", "RTO_PQ_PQ"), ("type", "cda:CD"), ("concept", "18748-4"),
        ("concept", "362O9ITL9D"), ("concept", "C50.911"), ("concept", "80891009"),
        ("concept", "completed"),
        ("concept", "eng"), ("code", "MANU"), ("code", "SDLOC"),
        ("value", "7.2"), ("value", "-1980"), ("value", "true"),
    ],
)  # fmt: skip
def test_values_of_the_standard_stay(kind: str, value: str) -> None:
    assert is_standard_value(kind, "observation", value)


@pytest.mark.parametrize(
    "kind", ["code", "flag", "layout", "type", "concept", "value", "oid", "media"]
)
@pytest.mark.parametrize(
    "value", ["Zyxwellia", "Dr. Zyxwell 617-555-0142", "617-555-0142 x", "Anna", "z@mail.test"]
)
def test_other_values_are_removed(kind: str, value: str) -> None:
    assert not is_standard_value(kind, "observation", value)


def test_an_arc_of_a_public_oid_may_not_identify() -> None:
    assert is_public_oid("2.16.840.1.113883.4.1", PUBLIC_ROOTS)
    assert not is_public_oid("2.16.840.1.113883.4.6175550142", PUBLIC_ROOTS)
    assert not is_public_oid("2.16.840.1.113883.44", PUBLIC_ROOTS)


def test_a_template_has_a_version_of_this_century() -> None:
    assert is_template_version("2015-08-01") and not is_template_version("1950-03-04")
    assert not is_template_version("Zyxwell")


def test_free_text_that_is_not_plain_is_read() -> None:
    assert is_read_as_text("text", "asked by Zyxwellia")
    assert not is_read_as_text("text", "Body height") and not is_read_as_text("code", "Zyxwellia")
