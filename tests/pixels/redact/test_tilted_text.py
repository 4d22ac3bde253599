from __future__ import annotations

from dataclasses import replace

from safelight.pixels.models import PixelScan
from safelight.pixels.redact.tilted_text import drop_level_readings, find_tilted_masks
from tests.pixels.phi.scans import KNOWN, NO_KNOWN_VALUES, make_line, scan_of_rows

SIDE = 300


def tilted_scan(*rows: str, angle: int = 45, left: int = 150) -> PixelScan:
    tilted = scan_of_rows(*rows, left=left)
    moved = [replace(line, box=line.box.move(0, 180)) for line in tilted.lines]
    tilted = replace(tilted, lines=tuple(moved))
    return PixelScan(1, SIDE, SIDE, has_pixels=True, tilted=((angle, tilted),))


def test_a_tilted_name_is_masked_by_boxes_inside_the_frame_and_a_term_is_kept() -> None:
    masks = find_tilted_masks(tilted_scan("SEXTON CARMEN", "Thorax"), KNOWN, {}, "phi")
    assert len(masks) > 3
    assert {mask.text for mask in masks} == {"SEXTON CARMEN"}
    assert all(mask.box.clip(SIDE, SIDE) == mask.box for mask in masks)
    assert not find_tilted_masks(tilted_scan("Thorax"), KNOWN, {}, "phi")


def test_masks_outside_of_the_frame_are_left_out() -> None:
    assert not find_tilted_masks(tilted_scan("SEXTON CARMEN", left=-900), KNOWN, {}, "phi")


def test_the_decision_to_mask_all_text_covers_tilted_terms() -> None:
    assert find_tilted_masks(tilted_scan("Thorax"), NO_KNOWN_VALUES, {}, "all")


def test_the_text_model_reads_tilted_text() -> None:
    assert tilted_scan("Thorax", "WORTHINGTON").texts == ("Thorax\nWORTHINGTON",)


def test_level_readings_of_tilted_text_are_dropped() -> None:
    scan = tilted_scan("SEXTON CARMEN")
    box = find_tilted_masks(scan, KNOWN, {}, "phi")[2].box
    misread = make_line("XTN", box.left, box.top + box.height // 3)
    other = make_line("Thorax", 10, 250)
    assert drop_level_readings([misread, other], scan.tilted, SIDE, SIDE) == (other,)
    assert drop_level_readings([misread, other], (), SIDE, SIDE) == (misread, other)
