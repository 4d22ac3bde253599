"""The walk-throughs do what they say: their code cells are run in order, as a reader would."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))


def code(notebook: Path) -> str:
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")


def run(script: str) -> str:
    """What the script prints; in a process of its own, since it starts and stops Spark."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_all_walk_throughs_are_tested_below():
    assert [notebook.stem for notebook in NOTEBOOKS] == ["one_object", "tables"]


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_walk_throughs_are_kept_without_outputs(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") for cell in cells)


def test_one_object():
    told = run(code(ROOT / "notebooks" / "one_object.ipynb"))
    assert "PatientName" in told and "cut short: quarantined, truncated" in told
    assert "same key, same bytes:        True" in told
    assert "other namespace, other UIDs: True" in told


def test_tables():
    told = run(code(ROOT / "notebooks" / "tables.ipynb"))
    assert "duplicate_instance" in told
    ends = [json.loads(line) for line in told.splitlines() if line.startswith('{"run_id"')]
    assert [(end["deidentified"], end["skipped"]) for end in ends] == [(3, 0), (0, 5)]
    assert "sop_uid,2.25." in told
