"""Rows of an acceptance run and the report on them."""

from __future__ import annotations

from pathlib import Path

from benchmarks.acceptance_table import Row, load, report, save

ROWS = [
    Row("dicom-a", "1.dcm", True, "deidentified", masked=2, compared=True, repeated="same",
        pseudonyms=4, seconds=1.5, bytes=2_000_000),
    Row("dicom-a", "2.dcm", True, "quarantined", "truncated", "CT Image Storage"),
    Row("dicom-b", "3.txt", False, "filtered", "not_dicom"),
    Row("dicom-b", "4.dcm", True, "crashed", "KeyError"),
    Row("dicom-b", "5.dcm", True, "deidentified", defects="leak (0010,0010) x ; uid (0008,0018) y",
        new_errors="Error - a|b", repeated="differs", pseudonyms=3, shared=1),
]  # fmt: skip


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    save(ROWS, path)
    assert load(path) == ROWS
    assert load(tmp_path / "none.csv") == []


def test_the_report_counts_what_went_wrong() -> None:
    text = report(ROWS, "research", "pixels on")
    assert "| every file ends in exactly one result | 5 files, 1 exceptions |" in text
    assert "| 2 of 4 (50.0%) |" in text
    assert "| no defect by the independent check | 2 |" in text
    assert "| 1 in 1 objects |" in text
    assert "| 1 of 2 differ |" in text
    assert "| 1 of 7 |" in text
    assert "dicom-b/4.dcm" in text and "Error - a/b" in text


def test_a_clean_run_says_none() -> None:
    text = report(ROWS[:1], "basic", "pixels on")
    assert text.count("none") == 3
    assert "## Defects" not in text and "## Exceptions" not in text
