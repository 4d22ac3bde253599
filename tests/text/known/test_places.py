from __future__ import annotations

import pytest

from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.text.known.finding import find_texts


def test_parts_of_an_address_are_found_with_abbreviations() -> None:
    address = KnownValue("LOCATION", "12 Main Street, Springfield, IL 62701")
    assert find_texts([address], "12 main st springfield") == ["12 main st", "springfield"]


@pytest.mark.parametrize("text", ["Mercy General Hospital", "Mercy Gen Hosp", "Mercy"])
def test_institutions_are_found_with_abbreviations_and_by_their_distinctive_part(text: str) -> None:
    hospital = KnownValue("LOCATION", "Mercy General Hospital")
    assert find_texts([hospital], f"at {text} today") == [text]


def test_a_zip_code_is_found_without_its_address() -> None:
    address = KnownValue("LOCATION", "12 Main Street, Springfield, IL 62701")
    assert find_texts([address], "area 62701") == ["62701"]


@pytest.mark.parametrize(
    ("institution", "text", "found"),
    [
        ("Hospital Universitario de Zaragoza", "CT Zaragoza", ["Zaragoza"]),
        ("Klinikum Bamberg", "Thorax Bamberg", ["Bamberg"]),
        ("مستشفى الإسكندرية", "films, الإسكندرية, 2007", ["الإسكندرية"]),
        ("Hôpital Saint-Roch Quimper", "Quimper, Saint-Roch", ["Quimper"]),
        ("Hospital General", "general view", []),
        ("Klinikum am Park Radiologie", "Radiologie Thorax", []),
    ],
)
def test_the_town_of_an_institution_is_found(institution: str, text: str, found: list[str]) -> None:
    known = KnownPHI([KnownValue("LOCATION", institution, "institution")])
    assert [text[span.begin : span.end] for span in known.find(text)] == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("LINDENAUCT1", ["LINDENAU"]),
        ("LindenauMR", ["Lindenau"]),
        ("LINDENAUPACS", ["LINDENAU"]),
        ("LINAC Lindenau", ["Lindenau"]),
        ("Lindenauer", []),
        ("GENERALCT1", []),
    ],
)
@pytest.mark.parametrize("kind", ["General Hospital", "Radiology Associates", "Imaging Center"])
def test_an_institution_in_the_name_of_a_device_is_found(
    text: str, found: list[str], kind: str
) -> None:
    known = KnownPHI([KnownValue("LOCATION", f"Lindenau {kind}", "institution")])
    assert [text[span.begin : span.end] for span in known.find(text)] == found
