"""The code cells of the notebooks run in order, as a reader runs them."""

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
    """Return the output of a script, run in its own process because it starts and stops Spark."""
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, timeout=600
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def test_every_notebook_has_a_test():
    assert [notebook.stem for notebook in NOTEBOOKS] == [
        "catalog", "one_object", "sagemaker", "tables",
    ]  # fmt: skip


@pytest.mark.parametrize("notebook", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_are_stored_without_outputs(notebook):
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    assert not any(cell.get("outputs") for cell in cells)


def test_one_object():
    printed = run(code(ROOT / "notebooks" / "one_object.ipynb"))
    assert "PatientName" in printed and "cut short: quarantined, truncated" in printed
    assert "same key, same bytes:        True" in printed
    assert "other namespace, other UIDs: True" in printed


def test_tables():
    printed = run(code(ROOT / "notebooks" / "tables.ipynb"))
    assert "duplicate_instance" in printed
    summaries = [json.loads(line) for line in printed.splitlines() if line.startswith('{"run_id"')]
    assert [(end["deidentified"], end["skipped"]) for end in summaries] == [(3, 0), (0, 5)]
    assert "sop_uid,2.25." in printed


def test_catalog():
    printed = run(code(ROOT / "notebooks" / "catalog.ipynb"))
    assert "column=study_day  type=date" in printed
    assert "column=patient_age_years  type=double" in printed
    assert "Image Storage" in printed and "first_day=" in printed
    assert "Objects by modality" in printed and "# 1" in printed
    assert "Patients by age in years" in printed
