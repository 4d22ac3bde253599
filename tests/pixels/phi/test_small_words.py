"""Short words that are keys, numbers, names or none of them: what tells them apart."""

from __future__ import annotations

import pytest

from safelight.pixels.lexicon.field_labels import find_field_labels
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.records import Span
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.pixels.phi.test_classifier import NOBODY, hidden, pieces, scan_of


@pytest.mark.parametrize(
    "text",
    ["CTA CHEST PE PROTOCOL", "Scan Range (mm)    CTDIvol  DLP", "Umbilical Artery PI 0.98"],
)
def test_a_word_of_the_trade_is_no_short_key_that_looks_like_it(text):
    assert find_field_labels(text) == []


@pytest.mark.parametrize("text", ["D0B: 1/2/33", "DO8: 1/2/33", "ETA 67", "MRN: 77", "lD: 77"])
def test_a_short_key_is_found_with_digits_for_letters(text):
    assert find_field_labels(text)


@pytest.mark.parametrize(
    "text",
    [
        "Slice Location: -123.45", "GA(LMP) 12w4d", "MR: t2_tse_tra", "ep2d_diff_b1000_ADC",
        "OCT 5000", "OMNIPAQUE 350 100ml", "Echo 1/1", "SID 72 in", "LightSpeed VCT",
        "SOMATOM Definition", "Senographe Pristina", "DAP 1.24 dGycm2", "0.1 mmol/kg",
        "Semi-erect", "Pre-contrast", "Hand, R.", "L. Hand", "CARE Dose4D",
    ],
)  # fmt: skip
def test_settings_and_devices_stay(text):
    assert hidden(scan_of(text), NOBODY) == ""


@pytest.mark.parametrize(
    "text",
    [
        "Brown, K.", "V. Cross", "MILLER", "Baker", "GALAN", "Park Ji-sung", "Park Min-ho",
        "LIM WEI-LING", "Chan Tai Man", "Special Care Unit", "2021-03-0210:15:22", "Ward: 12",
        "Room: 4.1", "LMP: 22/06/2020",
    ],
)  # fmt: skip
def test_short_names_and_dates_are_hidden(text):
    found = [c for c in hidden(scan_of(text)) if c.isalnum()]
    value = text.split(": ")[-1]
    assert len(found) >= sum(map(str.isalnum, value))


@pytest.mark.parametrize("value", ["E-5", "VL-2", "K7", "PX-12"])
def test_a_short_number_of_the_patient_is_hidden_where_it_stands_alone(value):
    known = KnownPHI([KnownValue("ID", value)])
    assert hidden(scan_of("5.0 mm", value), known) == value
    assert hidden(pieces((value, 10, 10), ("120 kV", 300, 10)), known) == value


def test_a_vertebra_stays_though_the_header_has_it_for_a_number():
    assert hidden(scan_of("L4"), KnownPHI([KnownValue("ID", "L4")])) == ""
    assert hidden(scan_of("AX T2 E5 FS"), KnownPHI([KnownValue("ID", "E5")])) == ""


def test_a_first_letter_that_lost_its_stem_makes_no_name_of_a_word_of_the_trade():
    assert hidden(scan_of("IHYROID RT LOBE")) == ""
    assert hidden(scan_of("IHORNTON")) != ""


def test_what_stands_behind_technique_in_a_row_is_no_part_of_the_name_before_it():
    found = hidden(scan_of("Kowalczyk Gianluca | 12.08.1990 | AX LAVA +C"))
    assert "LAVA" not in found and "C" not in found.replace("Gianluca", "")


def test_initials_beside_the_mark_of_a_side_are_hidden_and_views_are_not():
    assert hidden(scan_of("L  BKT")) == "BKT"
    assert hidden(scan_of("QW R")) == "QW"
    for view in ("L CC", "R MLO", "L XCC", "RT LAT", "AP L", "KUB R", "L 1.5", "LT OBL", "R DX"):
        assert hidden(scan_of(view)) == "", view


def test_numbers_of_two_columns_are_not_one_and_words_of_two_no_name():
    columns = (("Topogram", 10, 10), ("120", 110, 10), ("110", 154, 10), ("35", 198, 10))
    assert hidden(pieces(*columns)) == ""
    assert hidden(pieces(("123", 10, 10), ("45", 40, 10), ("6789", 62, 10)))
    assert hidden(pieces(("MR Brain", 10, 10), ("Ito", 140, 10))).strip() in ("", "Ito")


def test_what_is_hardly_a_reading_has_no_form():
    assert hidden(scan_of("2222598755782080", confidence=0.3)) == ""
    assert hidden(scan_of("2222598755782080", confidence=0.5)) != ""


@pytest.mark.parametrize(
    "text",
    ["GE MEDICAL SYSTEMS", "Philips Healthcare", "LT BREAST 3:00 RAD",
     "mAs / ref. CTDIvol* DLP", "NAA/Cr 1.82"],
)  # fmt: skip
def test_makers_and_measurements_stay(text):
    assert hidden(scan_of(text)) == ""


@pytest.mark.parametrize("text", ["Endoscopy Suite 2", "Rm 6", "Siemens Memorial Hospital"])
def test_rooms_and_institutions_are_hidden(text):
    assert hidden(scan_of(text)) == text


def test_the_model_is_not_believed_over_what_is_hardly_a_reading():
    for confidence, count in ((0.3, 0), (0.5, 1)):
        scan = scan_of("Orchard Wxyz", confidence=confidence)
        span = Span(0, 12, "NAME", "ner", 0.9)
        assert len(find_phi_masks(scan, NOBODY, {scan.texts[0]: [span]})) == count
