"""Places that a field of limited length cuts off are found."""

from __future__ import annotations

import pytest

from safelight.text.known.known_phi import KnownPHI, KnownValue

PLACES = KnownPHI([KnownValue("LOCATION", "Ostdrasek Radiological Clinic", "institution")])


@pytest.mark.parametrize(
    "text",
    ["Ostdrasek Radiol", "OSTDRASEK RADIOL", " Ostdrasek Radiol ", "Ostdrasek Radiological Clinic"],
)
def test_value_of_sixteen_characters_is_found(text: str) -> None:
    (span,) = PLACES.find(text)
    assert text[span.begin : span.end] == text.strip() and span.entity == "LOCATION"


@pytest.mark.parametrize("text", ["Ostdrasek Radiolog", "Radiological Clinic", "Ost", ""])
def test_other_parts_are_not(text: str) -> None:
    assert PLACES.find(text) == [] or "Ostdrasek Radiol" not in PLACES.find(text)
