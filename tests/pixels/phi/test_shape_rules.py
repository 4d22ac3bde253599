from __future__ import annotations

import pytest

from safelight.pixels.phi.shape_rules import find_shapes
from tests.rule_decisions import deciding_rules


def texts(row):
    return [row[span.begin : span.end] for span in find_shapes(row)]


@pytest.mark.parametrize(
    ("row", "entity"),
    [
        ("a.b@example.org", "CONTACT"),
        ("2016-01-17", "DATE"),
        ("S6128914767", "ID"),
        ("DOE^JOHN", "NAME"),
        ("14 Harbour Street", "LOCATION"),
        ("067Y", "AGE"),
    ],
)
def test_a_shape_has_its_entity(row, entity):
    assert find_shapes(row)[0].entity == entity


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("Chest, Thyroid", "words_without_name"),
        ("L. Hand", "initial_with_body_part"),
        ("MR Thyroid", "modality"),
        ("Hand, R.", "body_part_with_side"),
        ("3:00 RAD", "clock_position"),
        ("W350L50", "setting_code"),
        ("Software Version: 2.10.24", "version"),
        ("P-R-T axes 52 18 40", "scale"),
        ("0 46 180", "scale"),
        ("IR 30 ART + OCT 30 (9.2 mm)", "tomography"),
        ("34.500-134.500", "range"),
        ("C5-1/0B Gen", "transducer"),
    ],
)
def test_each_rule_against_shapes_decides(row, rule):
    assert rule in deciding_rules("pixels.rejected_shape", lambda: find_shapes(row))
    assert find_shapes(row) == []


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("I42.5-I487.0", "scan_range"),
        ("TR450TE12", "glued_settings"),
        ("ep2d_diff_b1000", "sequence_name"),
        ("512.5x128.5", "measurement"),
        ("EG29-i10", "device_code"),
        ("Helical110.250-470.250", "term_with_measurement"),
        ("S6128914767", "default"),
    ],
)
def test_each_rule_of_setting_codes_decides(code, rule):
    assert deciding_rules("pixels.is_setting_code", lambda: find_shapes(code)) == [rule]


@pytest.mark.parametrize(
    "row", ["28-0 1- 1993", "02- 1 1- 1957", "1 9 93/0 1/2 8", "1322:13", "DOB 0 3/06/19 51"]
)
def test_dates_and_times_with_blanks_or_a_missing_colon_are_found(row):
    assert [span.entity for span in find_shapes(row)][:1] == ["DATE"]


@pytest.mark.parametrize(
    "row", ["1944.0808", "206.2017", "1208/1975", "?.1936.02.05.", "1203.2017"]
)
def test_dates_with_a_separator_missing_or_before_them_are_found(row):
    assert [span.entity for span in find_shapes(row)] == ["DATE"]


@pytest.mark.parametrize(
    "row", ["1944.1808", "12.2016 mm", "3412.2017", "206.2017 mm", "1.1944.0808"]
)
def test_measurements_are_no_dates_with_a_separator_missing(row):
    assert find_shapes(row) == []


@pytest.mark.parametrize("row", ["1 2 3 4", "4500:90", "W 400 L 40", "0 5 10 15", "2560:13"])
def test_settings_are_no_dates_with_blanks(row):
    assert [span for span in find_shapes(row) if span.entity == "DATE"] == []


def test_a_date_includes_the_time_and_sex_next_to_it():
    assert "12/31/2022 17:45" in texts("12/31/2022 17:45")
    assert "05/05/1933 F" in texts("05/05/1933 F")
    assert "F 23.04.1956" in texts("F 23.04.1956")


def test_a_misread_digit_of_a_handwritten_date_is_part_of_it() -> None:
    assert "24/0b/1997" in texts("24/0b/1997")
    assert texts("Mo/Rh/2000") == []


def test_a_date_includes_the_last_digit_of_its_year() -> None:
    assert "03-06-195 1" in texts("03-06-195 1")


def test_a_number_includes_the_time_glued_to_it():
    assert any(text.endswith("15:22") for text in texts("2021-03-0210:15:22"))


@pytest.mark.parametrize("text", ["78DR78.", "44CG43", "630P630", "+2:09:04"])
def test_settings_and_elapsed_times_of_ultrasound_screens_are_kept(text):
    assert texts(text) == []


@pytest.mark.parametrize("text", ["78DR1234", "440P112", "2:09:04"])
def test_codes_and_times_of_a_similar_shape_are_found(text):
    assert texts(text)


@pytest.mark.parametrize(
    "text",
    ["2.10.24", "OCT 30", "52 18 40", "ID 12 34 56", "555.123-4567", "Seen 12.10.24", "EG291104"],
)
def test_dates_and_numbers_without_a_term_next_to_them_are_found(text):
    assert texts(text)


def test_a_number_before_a_unit_is_a_measurement():
    assert texts("D95 7600 cGy") == []
    assert texts("95 7600")


@pytest.mark.parametrize(
    "text",
    [
        "S24-10482", "S24-482 B2", "SP-23-004512 1A", "23-H-01234 C4", "H2024/1833-2B",
        "B24.5512", "B15.25948 B2", "S 24 19337 C4", "NP22-1290-A1",
    ],
)  # fmt: skip
def test_numbers_of_pathology_are_found_with_their_block(text: str) -> None:
    assert max(texts(f"Case: {text}"), key=len) == text


@pytest.mark.parametrize("text", ["I42.500", "SE 12/1024", "L 40", "C 56", "S15.250", "KV 80-120"])
def test_settings_are_not_numbers_of_pathology(text: str) -> None:
    assert texts(text) == []
