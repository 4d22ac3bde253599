"""Test the table of methods."""

from __future__ import annotations

from benchmarks.burned_in.table import table


def test_the_table_has_a_row_for_each_method() -> None:
    figures = {
        "objects": 2, "refused": 0, "words": 10, "words_in_picture": 9, "words_legible": 8,
        "hidden_legible": 6, "hidden_in_picture": 6, "pixels_changed": 200, "pixels_damaged": 50,
        "markers": 3, "markers_lost": 1, "cpu": [1.0, 3.0], "wall": [1.0, 1.0], "missed": [],
        "screens": [("a", "NAME", 1.0, True), ("a", "must survive", 0.0, False)],
    }  # fmt: skip
    text = table({"rapidocr": figures, "presidio": {"missing": "not installed"}})
    assert "| 0.7500 | 0.6667 | 0.7500 | 1 of 3 | 0 | 2.00 / 3.00 | 1.00 |" in text
    assert "not installed" in text and "not measured" in text
    assert "| 1 of 1 | 0 of 1 | 0 of 0 |" in text
