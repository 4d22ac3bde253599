"""Test the rows of an acceptance run and the report about them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.acceptance_table import AcceptanceRow, format_report, load_rows, save_rows

ROWS = [
    AcceptanceRow("dicom-a", "1.dcm", True, "deidentified", masked=2, compared=True,
        repeated="same", pseudonyms=4, seconds=1.5, bytes=2_000_000),
    AcceptanceRow("dicom-a", "2.dcm", True, "quarantined", "truncated", "CT Image Storage"),
    AcceptanceRow("dicom-b", "3.txt", False, "filtered", "not_dicom"),
    AcceptanceRow("dicom-b", "4.dcm", True, "crashed", "KeyError"),
    AcceptanceRow("dicom-b", "5.dcm", True, "deidentified",
        defects="leak (0010,0010) x ; uid (0008,0018) y", new_errors="Error - a|b",
        repeated="differs", pseudonyms=3, shared=1),
]  # fmt: skip


def test_saved_rows_are_loaded_unchanged(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    save_rows(ROWS, path)
    assert load_rows(path) == ROWS
    assert load_rows(tmp_path / "none.csv") == []


def test_the_report_counts_failures() -> None:
    text = format_report(ROWS, "research", "pixels on")
    assert "| every file has exactly one result | 5 files, 1 exceptions |" in text
    assert "| 2 of 4 (50.0%) |" in text
    assert "| no defect found by the independent verifier | 2 |" in text
    assert "| 1 in 1 objects |" in text
    assert "| 1 of 2 differ |" in text
    assert "| 1 of 7 |" in text
    assert "dicom-b/4.dcm" in text and "Error - a/b" in text


def test_the_report_of_a_run_without_failures_has_no_lists() -> None:
    text = format_report(ROWS[:1], "basic", "pixels on")
    assert text.count("none") == 3
    assert "## Defects" not in text and "## Exceptions" not in text
