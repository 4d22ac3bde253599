from __future__ import annotations

from dataclasses import replace

import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.phi.classifier import find_phi_masks
from safelight.pixels.phi.span_boxes import make_masks, pad_box
from safelight.records import Span
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.pixels.phi.scans import (
    NO_KNOWN_VALUES,
    findings_of,
    make_line,
    make_scan,
    masked_text,
    scan_of_rows,
)


def masks_of_span(scan, span):
    findings = findings_of(scan)
    findings.spans.append(span)
    return make_masks(findings)


def test_a_span_is_grown_to_whole_words():
    scan = scan_of_rows("Xy SEXTONIAN")
    (mask,) = masks_of_span(scan, Span(3, 9, "NAME", "key", 0.9))
    assert mask.text == "SEXTONIAN"


def test_the_confidence_of_a_mask_is_that_of_the_finding_and_the_line():
    scan = scan_of_rows("SEXTON", confidence=0.5)
    (mask,) = masks_of_span(scan, Span(0, 6, "NAME", "key", 0.8))
    assert mask.confidence == pytest.approx(0.4)


@pytest.mark.parametrize(("confidence", "count"), [(0.72, 1), (0.99, 2)])
def test_a_badly_read_line_is_masked_without_a_hole(confidence, count):
    known = KnownPHI([KnownValue("NAME", "THOMAS^JAMES"), KnownValue("DATE", "20080105")])
    spans = [Span(0, 4, "DATE", "known", 1.0), Span(10, 22, "NAME", "known", 1.0)]
    scan = scan_of_rows("2008 a 06 JAMES THOMAS", confidence=confidence)
    assert len(find_phi_masks(scan, known, {scan.texts[0]: spans})) == count


def test_a_longer_rendering_extends_the_mask_beyond_the_line():
    line = make_line("SEXTON", 10, 10, 0.8)
    scan = make_scan([replace(line, variants=("SEXTONIA",))])
    (mask,) = masks_of_span(scan, Span(0, 6, "NAME", "key", 0.9))
    assert mask.box.right >= line.box.right + 2 * 8


def test_a_line_higher_than_its_block_is_cut_between_its_neighbors():
    tall = TextLine(None, Box(10, 40, 80, 26), "SEXTON", 0.99, "test")
    lines = [make_line("Chest", 10, 24), tall, make_line("5.0 mm", 10, 66)]
    scan = make_scan(lines)
    begin = scan.blocks[0].text.index("SEXTON")
    (mask,) = masks_of_span(scan, Span(begin, begin + 6, "NAME", "key", 0.9))
    assert mask.box.top >= 40 and mask.box.bottom <= 66


@pytest.mark.parametrize(
    ("rotation", "padded"), [(0, Box(95, 48, 110, 24)), (90, Box(92, 25, 116, 70))]
)
def test_margins_are_wider_in_reading_direction(rotation, padded):
    line = TextLine(None, Box(100, 50, 100, 20), "ABCD", 1.0, "", rotation)
    assert pad_box(line.box, line) == padded


def test_a_part_of_a_line_has_narrower_margins():
    line = TextLine(None, Box(100, 50, 100, 20), "ABCD", 1.0, "")
    part = Box(120, 50, 30, 20)
    assert pad_box(part, line, is_whole_line=False).left > pad_box(part, line).left


def test_half_a_word_is_not_left_visible():
    scan = scan_of_rows("Xy SEXTONIAN")
    spans = {scan.texts[0]: [Span(3, 9, "NAME", "key", 0.9)]}
    assert "SEXTONIAN" in masked_text(scan, NO_KNOWN_VALUES, spans)


def test_a_mask_at_the_end_of_a_line_covers_its_unread_rest():
    line = make_line("Name SEXTON", 10, 10)
    rest = Box(line.box.right, line.box.top, 60, line.box.height)
    scan = make_scan([replace(line, rests=(rest,))])
    (mask,) = masks_of_span(scan, Span(5, 11, "NAME", "test", 1.0))
    assert mask.box.right >= rest.right
    (mask,) = masks_of_span(scan, Span(0, 4, "NAME", "test", 1.0))
    assert mask.box.right < rest.left
