from __future__ import annotations

import pytest

from safelight.pixels.phi.everyday_institutions import find_everyday_institution
from tests.pixels.phi.scans import masked_text, scan_of_rows
from tests.rule_decisions import deciding_rules


@pytest.mark.parametrize(
    ("piece", "rule"),
    [
        ("White Blood Cell Imaging", "term"),
        ("Blue Sky Imaging", "named_head"),
        ("OAK HILL", "landscape"),
        ("Spine and Joint Center", "organ_institution"),
        ("Blue Sky", "default"),
    ],
)
def test_each_rule_of_everyday_institutions_decides(piece: str, rule: str) -> None:
    decided = deciding_rules(
        "pixels.everyday_institution", lambda: find_everyday_institution(piece)
    )
    assert decided == [rule]
    assert (find_everyday_institution(piece) is None) == (rule in ("term", "default"))


@pytest.mark.parametrize(
    "text",
    ["Family Care", "SUNRISE HEALTH", "Main Street Radiology", "Kidney Care", "The Heart Center",
     "Golden Gate Radiology"],
)  # fmt: skip
def test_everyday_words_that_name_an_institution_are_masked_alone(text: str) -> None:
    assert masked_text(scan_of_rows("Thickness 5.0 mm", text)) == text


@pytest.mark.parametrize(
    "text",
    ["Clear Image", "Left Hand", "Soft Tissue", "Breast Left", "Heart Rate", "Total Gain",
     "Image Quality", "Center Frequency", "First Frame", "CARE kV", "Open Shutter",
     "Advanced vascular imaging"],
)  # fmt: skip
def test_terms_of_a_screen_with_everyday_words_are_kept(text: str) -> None:
    assert masked_text(scan_of_rows("Thickness 5.0 mm", text)) == ""
