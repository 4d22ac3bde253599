from __future__ import annotations

from pathlib import Path

import pytest

from tools.guard_dicom import main, offenders

PART_10 = bytes(128) + b"DICM" + b"\x02\x00"


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, data in {
        "tests/data/ct.dcm": PART_10,
        "scan": PART_10,
        "docs/ct.DCM": b"",
        "notes.txt": b"DICM",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_dicom_is_known_by_its_preamble_and_by_its_name(tree: Path) -> None:
    names = ["tests/data/ct.dcm", "scan", "docs/ct.DCM", "notes.txt", "gone.dcm"]
    assert offenders(names) == ["scan", "docs/ct.DCM"]


def test_the_hook_fails_and_says_where(tree: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notes.txt"]) == 0
    assert main(["scan"]) == 1
    assert "scan" in capsys.readouterr().err
