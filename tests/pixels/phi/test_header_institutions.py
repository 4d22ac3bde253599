from __future__ import annotations

import pytest

from safelight.pixels.phi.header_institutions import (
    is_header_institution,
    is_known_institution,
    split_name,
)
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.pixels.phi.scans import masked_text, scan_of_rows
from tests.rule_decisions import deciding_rules

PLACE = KnownPHI([KnownValue("LOCATION", "Sunrise Valley Imaging of Fernhill")])


@pytest.mark.parametrize(
    "name",
    ["Blue Sky Imaging", "Sunrise Valley", "PREMIER DIAGNOSTICS", "Heart and Vascular Center",
     "Family Care", "Open Harbor Radiology"],
)  # fmt: skip
@pytest.mark.parametrize("is_first", [True, False])
def test_ordinary_words_next_to_a_patient_are_an_institution(name: str, is_first: bool) -> None:
    rows = (name, "WORTHINGTON, AGNES") if is_first else ("WORTHINGTON, AGNES", name)
    assert name in masked_text(scan_of_rows(*rows, "Thickness 5.0 mm"))


@pytest.mark.parametrize(
    "text",
    ["Adult Echo", "Small Parts", "Dose Report", "Store in progress", "Liver Right Lobe",
     "Thorax Routine", "GE Healthcare", "Calcium Scoring", "Volume Rendering",
     "REQUEST FOR DIAGNOSTIC IMAGING"],
)  # fmt: skip
def test_terms_of_a_screen_next_to_a_patient_are_kept(text: str) -> None:
    assert text not in masked_text(scan_of_rows("WORTHINGTON, AGNES", text, "Thickness 5.0 mm"))


def test_a_single_ordinary_word_in_the_first_row_of_a_header_is_an_institution() -> None:
    assert "Evergreen" in masked_text(scan_of_rows("Evergreen", "WORTHINGTON, AGNES", "MI 0.8"))
    assert "Evergreen" not in masked_text(scan_of_rows("Thorax", "40012345", "Evergreen", "MI 0.8"))
    assert "Average" not in masked_text(scan_of_rows("Average", "WORTHINGTON, AGNES"))
    assert "Modality" not in masked_text(scan_of_rows("Modality", "WORTHINGTON, AGNES"))


def test_ordinary_words_without_phi_next_to_them_are_kept() -> None:
    assert masked_text(scan_of_rows("Sunrise Valley", "Thickness 5.0 mm")) == ""


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("Operator Name Sky", "label"),
        ("Good effort by patient", "lower_case"),
        ("Canon Sky", "maker"),
        ("CT Request", "form_title"),
        ("Twin Sunrise", "default"),
    ],
)
def test_each_rule_of_the_form_of_a_name_decides(text: str, rule: str) -> None:
    assert deciding_rules("pixels.name_form", lambda: split_name(text)) == [rule]
    assert bool(split_name(text)) == (rule == "default")


@pytest.mark.parametrize("text", ["Heart Center", "Evergreen Worklist", "Twin Sunrise"])
def test_a_word_of_institutions_or_an_ordinary_word_makes_an_institution(text: str) -> None:
    assert is_header_institution(text)


def test_terms_in_the_form_of_a_name_are_not_an_institution() -> None:
    assert split_name("Liver Lobe")
    assert not is_header_institution("Liver Lobe")


@pytest.mark.parametrize(
    "text",
    ["Sunrise Valley", "VALLEY IMAGING", "Fernhill", "SVIF", "S.V.I.F."],
)
def test_parts_and_initials_of_the_known_institution_are_masked(text: str) -> None:
    assert is_known_institution(text, PLACE)
    assert text.strip(".") in masked_text(
        scan_of_rows("Thickness 5.0 mm", "ID: 40012345", text), PLACE
    )


@pytest.mark.parametrize("text", ["Sunr Vall Imag", "Sun. Valley Im."])
def test_abbreviations_of_the_known_institution_are_found(text: str) -> None:
    assert is_known_institution(text, PLACE)


@pytest.mark.parametrize("text", ["Imaging", "SVI 2", "S V", "Valve", "IMAGING SUNRISE", "CT"])
def test_other_texts_are_no_part_of_the_known_institution(text: str) -> None:
    assert not is_known_institution(text, PLACE)
