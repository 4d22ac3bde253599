from __future__ import annotations

import pytest

from tests.pixels.phi.scans import findings_of, scan_of_pieces

SCAN = scan_of_pieces(("Name:", 10, 10), ("SEXTON", 66, 10), ("5.0 mm", 10, 26))


def test_rows_hold_the_pieces_of_a_block_with_their_offsets():
    first, second = findings_of(SCAN).rows
    assert (first.text, first.begin, first.end) == ("Name: SEXTON", 0, 12)
    assert [(piece.begin, piece.end) for piece in first.pieces] == [(0, 5), (6, 12)]
    assert (second.text, second.begin) == ("5.0 mm", 13)


def test_a_span_of_a_row_has_offsets_in_the_block():
    findings = findings_of(SCAN)
    findings.add_span(findings.rows[1], 0, 3, "ID", engine="key", confidence=1.0)
    (span,) = findings.spans
    assert findings.block.text[span.begin : span.end] == "5.0"


def test_spans_of_a_row_are_found_by_the_part_that_they_overlap():
    findings = findings_of(SCAN)
    row = findings.rows[0]
    findings.add_span(row, 6, 12, "NAME", engine="key", confidence=1.0)
    assert [(span.begin, span.end) for span in findings.find_spans(row, 0, 7)] == [(6, 12)]
    assert findings.find_spans(row, 0, 5) == []
    assert findings.find_spans(findings.rows[1]) == []


def test_a_gap_between_pieces_is_measured_in_heights():
    findings = findings_of(SCAN)
    name, value = findings.rows[0].pieces
    assert findings.measure_gap(name, value) == pytest.approx(16 / 14)


def test_the_left_edge_of_a_character_is_in_its_piece():
    findings = findings_of(SCAN)
    assert 58 <= findings.get_left_edge(findings.rows[0], 6) <= 66
