"""Refusal of DICOM objects outside ``tests/data``."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.guard_dicom import find_misplaced, main

DICOM_FILE = bytes(128) + b"DICM" + b"\x02\x00"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, data in {
        "tests/data/ct.dcm": DICOM_FILE,
        "scan": DICOM_FILE,
        "docs/ct.DCM": b"",
        "notes.txt": b"DICM",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_dicom_is_recognized_by_prefix_and_suffix(tree: Path) -> None:
    names = ["tests/data/ct.dcm", "scan", "docs/ct.DCM", "notes.txt", "missing.dcm"]
    assert find_misplaced(names) == ["scan", "docs/ct.DCM"]


def test_other_files_pass(tree: Path) -> None:
    assert main(["notes.txt"]) == 0


def test_a_misplaced_file_is_named(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["scan"]) == 1
    assert "scan" in capsys.readouterr().err
