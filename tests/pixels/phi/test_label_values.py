from __future__ import annotations

from dataclasses import replace

import pytest

from safelight.pixels.models import PixelScan
from safelight.pixels.ocr.line_merging import group_blocks
from safelight.pixels.phi.block_findings import BlockFindings, split_into_rows
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.pixels.phi.label_values import add_label_values
from tests.pixels.phi.scans import (
    KNOWN,
    NO_KNOWN_VALUES,
    make_line,
    masked_text,
    scan_of_pieces,
    scan_of_rows,
)
from tests.rule_decisions import deciding_rules


@pytest.mark.parametrize(
    ("row", "value"),
    [
        ("Name: SEXTON CARMEN", "SEXTON CARMEN"),
        ("Namc: SEXTON CARMEN", "SEXTON CARMEN"),
        ("Patient ID: 77", "77"),
        ("Paticnt IO: 873", "873"),
        ("DOB: 1932", "1932"),
        ("Age: 67", "67"),
        ("Institution Name: Green Hill", "Green Hill"),
        ("Fall 2021/04417", "2021/04417"),
        ("Pkt-Nr 88213", "88213"),
    ],
)
def test_the_value_is_masked_and_the_label_stays(row, value):
    (mask,) = find_phi_masks(scan_of_rows(row), NO_KNOWN_VALUES, {})
    assert mask.text == value
    assert mask.box.left > 10 + 8 * (len(row) - len(value)) - 14


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        ("Name: 120 kV", "setting"),
        ("Location: -12.5", "setting"),
        ("MR: t2_tse_tra", "sequence_name"),
        ("ID: Chest Thyroid", "technical_terms"),
        ("Name: Green", "default"),
    ],
)
def test_each_rule_of_implausible_values_decides(row, rule):
    scan = scan_of_rows(row)
    assert deciding_rules("pixels.implausible_value", lambda: masked_text(scan)) == [rule]
    assert bool(masked_text(scan)) == (rule == "default")


def test_a_number_ends_where_a_term_with_a_digit_follows() -> None:
    (mask,) = find_phi_masks(scan_of_rows("MRN: 27722601 20x"), NO_KNOWN_VALUES, {})
    assert mask.text == "27722601"


def test_a_number_ends_where_technical_terms_follow():
    assert masked_text(scan_of_rows("Insurance no. A123456789 Weight 72 kg")) == "A123456789"


def test_the_value_of_a_measurement_stays():
    assert masked_text(scan_of_rows("Height: 172")) == ""


def test_a_value_below_its_label_is_masked():
    assert "GREEN HILL" in masked_text(scan_of_rows("Patient Name:", "GREEN HILL", "5.0 mm"))


def test_text_far_below_a_label_is_not_its_value():
    assert masked_text(scan_of_pieces(("Physician:", 10, 10), ("CLINICAL", 10, 60))) == ""


def test_no_value_is_searched_below_a_label_after_masking():
    scan = scan_of_rows("Patient Name:", "GREEN HILL", "5.0 mm")
    assert find_phi_masks(scan, NO_KNOWN_VALUES, {}, masked=True) == ()


def test_a_wrapped_value_is_masked_to_its_last_row():
    rows = ("Institution Name: Green", ("Field and", 154), ("Center", 154), "Age: 61")
    found = masked_text(scan_of_rows(*rows))
    assert "Green" in found and "Field and" in found and "Center" in found and "61" in found


def test_a_wrapped_value_does_not_continue_in_another_column():
    pieces = (("Room: 412B", 10, 10), ("QRS duration 92 ms", 200, 26), ("Sinus", 300, 42))
    assert masked_text(scan_of_pieces(*pieces)) == "412B"


def test_a_value_in_another_column_is_masked_and_text_below_the_label_stays():
    pieces = (("Patient:", 10, 10), ("Hill", 240, 10), ("Findings", 10, 28))
    assert masked_text(scan_of_pieces(*pieces)) == "Hill"


def test_a_form_needs_no_separator():
    assert masked_text(scan_of_pieces(("Surname", 10, 10), ("Rao", 160, 10))) == "Rao"


def test_two_headings_in_two_columns_are_not_label_and_value():
    assert masked_text(scan_of_pieces(("Patient ID", 10, 10), ("Birth Date", 160, 10))) == ""


def test_the_headings_of_a_table_stay():
    heads = ("Patient ID", 10, 10), ("Birth Date", 110, 10), ("Sex", 210, 10), ("Mod", 250, 10)
    assert masked_text(scan_of_pieces(*heads)) == ""


def test_a_row_with_a_misread_label_in_a_column_of_labels_has_a_value():
    rows = ("Study Date: 5 Jan 2005", "Patient ID: 77123", "Name: Q", "Agc G3", "DOB: 1/2/1954")
    scan = scan_of_rows(*rows)
    lines = tuple(replace(n, confidence=0.67) if n.text == "Agc G3" else n for n in scan.lines)
    assert "G3" in masked_text(replace(scan, lines=lines))


def test_a_row_outside_a_column_of_labels_has_no_value():
    assert "G3" not in masked_text(scan_of_rows("Thickness 5.0", "Agc G3"))


@pytest.mark.parametrize(("other_frames", "masks"), [((1,), 1), ((0, 1), 0), (None, 0)])
def test_the_unread_end_of_a_value_is_masked_unless_its_frames_show_other_text_there(
    other_frames: tuple[int, ...] | None, masks: int
) -> None:
    value = replace(make_line("Name: SEXTON C", 10, 10), frames=(0,))
    other = replace(make_line("GAIN 100", 130, 10), frames=other_frames)
    scan = PixelScan(
        2, 512, 512, (value, other), group_blocks([value]) + group_blocks([other]), 2, 0, 2,
        has_pixels=True,
    )  # fmt: skip
    block = scan.blocks[0]
    findings = BlockFindings(scan.lines, block, split_into_rows(scan, block), KNOWN)
    add_label_values(findings, 0)
    assert len(findings.extra) == masks


def test_text_in_another_column_is_the_value_of_a_label_only_before_masking():
    scan = scan_of_pieces(("Name:", 10, 10), ("Coil HNS", 160, 10))
    assert find_phi_masks(scan, NO_KNOWN_VALUES, {})
    assert not find_phi_masks(scan, NO_KNOWN_VALUES, {}, masked=True)
    near = scan_of_pieces(("Name:", 10, 10), ("Coil HNS", 60, 10))
    assert find_phi_masks(near, NO_KNOWN_VALUES, {}, masked=True)
