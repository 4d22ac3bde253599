from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from safelight.risk.measures import (
    count_population_uniques,
    count_sizes,
    estimate_population_uniques,
    measure_risk,
)

#: Results of pycanon 1.3.6, by ``benchmarks/pycanon_oracle.py``.
ORACLE = json.loads(Path(__file__).with_name("pycanon_results.json").read_text())


def group(rows: list[list[str]]) -> dict[Any, Counter[str]]:
    """Return the classes of rows whose last column is sensitive."""
    classes: dict[Any, Counter[str]] = {}
    for *key, sensitive in rows:
        classes.setdefault(tuple(key), Counter())[sensitive] += 1
    return classes


@pytest.mark.parametrize("case", ORACLE, ids=lambda case: f"seed-{case['seed']}")
def test_measures_are_those_of_pycanon(case: dict[str, Any]) -> None:
    measured = measure_risk(group(case["rows"]))
    assert (measured.k, measured.l_distinct) == (case["k"], case["l"])
    assert int(measured.l_entropy + 1e-9) == case["entropy_l"]
    assert measured.t == pytest.approx(case["t"], abs=1e-9)


def test_uniques_and_sizes() -> None:
    classes = group([["a", "x"], ["a", "y"], ["b", "x"], ["c", "x"]])
    measured = measure_risk(classes)
    assert (measured.sample_uniques, measured.highest_risk) == (2, 1.0)
    assert measured.average_risk == pytest.approx(3 / 4)
    assert count_sizes(classes) == {1: 2, 2: 1}
    assert count_population_uniques(classes, {("a",): 9, ("b",): 1, ("c",): 4}) == 1
    assert estimate_population_uniques(classes, 0.25) == pytest.approx(0.5)
    assert estimate_population_uniques(classes, 0) is None


def test_no_patients_have_no_risk() -> None:
    measured = measure_risk({})
    assert (measured.patients, measured.k, measured.t, measured.highest_risk) == (0, 0, 0.0, 0.0)
