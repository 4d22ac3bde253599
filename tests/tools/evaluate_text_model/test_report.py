from __future__ import annotations

import json
from pathlib import Path

from tools.evaluate_text_model.report import add_figures, render, system_figures
from tools.evaluate_text_model.score import Score
from tools.evaluate_text_model.testset import KINDS

RESULTS = Path(__file__).parents[3] / "benchmarks" / "results"


def test_figures_of_several_runs_are_collected(tmp_path: Path) -> None:
    path = tmp_path / "text.json"
    add_figures(path, {"a": {"recall": 1.0}})
    assert add_figures(path, {"b": {"recall": 0.5}}).keys() == {"a", "b"}
    assert json.loads(path.read_text()).keys() == {"a", "b"}


def test_the_report_has_a_row_for_each_system() -> None:
    figures = system_figures({kind: Score() for kind in KINDS}, Score())
    text = render({"Safelight": figures, "Peer": figures}, 6)
    assert text.count("\n| Peer |") == 3


def test_the_report_is_up_to_date() -> None:
    figures = json.loads((RESULTS / "text.json").read_text(encoding="utf-8"))
    assert render(figures, 2400) == (RESULTS / "text.md").read_text(encoding="utf-8")
