from __future__ import annotations

import pytest

from safelight.pixels.phi.institutions import find_institution
from tests.pixels.phi.scans import masked_text, scan_of_rows
from tests.rule_decisions import deciding_rules


@pytest.mark.parametrize(
    ("piece", "rule"),
    [
        ("GE MEDICAL SYSTEMS", "maker"),
        ("Sakura Memorial Hosp.", "strong_word"),
        ("Mercy Ridge Imaging", "weak_word_with_name"),
        ("Special Care Unit", "two_weak_words"),
        ("DIAGNOSTIC IMAGING", "default"),
    ],
)
def test_each_rule_of_institutions_decides(piece, rule):
    assert deciding_rules("pixels.find_institution", lambda: find_institution(piece)) == [rule]
    assert (find_institution(piece) is not None) == (rule not in ("maker", "default"))


@pytest.mark.parametrize(
    "text", ["ANADOLU TIP MERKEZI", "Fakultní nemocnice", "Megyei Kórház", "Szpital im. Kopernika"]
)
def test_kinds_of_institutions_in_other_languages_are_known(text):
    assert masked_text(scan_of_rows(text)) == text


@pytest.mark.parametrize("text", ["Endoscopy Suite 2", "Rm 6", "Siemens Memorial Hospital"])
def test_rooms_and_institutions_are_masked_completely(text):
    assert masked_text(scan_of_rows(text)) == text
