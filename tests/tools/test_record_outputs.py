from __future__ import annotations

from pathlib import Path

from tools.record_outputs import differences, texts_of


def test_only_records_that_differ_are_reported() -> None:
    before = {"notes": {"a#1": ["deidentified", "", "x"], "b#1": ["deidentified", "", "y"]}}
    after = {"notes": {"a#1": ["deidentified", "", "x"], "b#1": ["quarantined", "cut", ""]}}
    (line,) = differences(before, after)
    assert line.startswith("notes: b#1:")


def test_a_missing_record_is_a_difference() -> None:
    assert list(differences({"basic": {"a#0": ["filtered", "", ""]}}, {"basic": {}}))


def test_parts_of_one_record_alone_are_not_compared() -> None:
    assert not list(differences({"basic": {"a#0": []}}, {"notes": {}}))


def test_long_values_of_a_table_are_texts(tmp_path: Path) -> None:
    (tmp_path / "set.csv").write_text("ID,text\n1,A long note\n")
    assert "A long note" in list(texts_of(tmp_path / "set.csv"))
