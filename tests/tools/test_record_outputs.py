from __future__ import annotations

from pathlib import Path

from tools.record_outputs import differences, digest_file, texts_of


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


def test_the_version_of_the_software_does_not_count(tmp_path: Path) -> None:
    for name, version in (("a", b"0.1.0 SAFELIGHT_0_1_0"), ("b", b"0.2.0 SAFELIGHT_0_2_0")):
        (tmp_path / name).write_bytes(b"Safelight " + version)
    assert digest_file(str(tmp_path / "a")) == digest_file(str(tmp_path / "b"))
