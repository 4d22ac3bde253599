"""The sample of objects for a person, and what it proves."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest

from jobs.common.verification.worklist import compute_risk_bound, draw_sample, write_worklist

URIS = [f"out/{n}.dcm" for n in range(50)]


@pytest.mark.parametrize(("sampled", "bound"), [(0, 1.0), (1, 0.95), (59, 0.0495), (299, 0.00997)])
def test_the_bound_is_that_of_clopper_and_pearson(sampled: int, bound: float) -> None:
    assert compute_risk_bound(sampled) == pytest.approx(bound, rel=1e-2)


def test_a_sample_has_distinct_objects_and_can_be_repeated(spark: Any) -> None:
    objects = spark.createDataFrame([(uri,) for uri in URIS], "uri STRING")
    turned = spark.createDataFrame([(uri,) for uri in URIS[::-1]], "uri STRING")
    sample = draw_sample(objects, 10, "seed")
    assert len(set(sample)) == 10 and set(sample) <= set(URIS)
    assert draw_sample(turned, 10, "seed") == sample
    assert draw_sample(objects, 10, "other") != sample
    assert sorted(draw_sample(objects, 99, "seed")) == sorted(URIS)


@pytest.mark.parametrize(("sampled", "confidence"), [(299, 0.95), (459, 0.99), (688, 0.999)])
def test_more_confidence_needs_a_larger_sample(sampled: int, confidence: float) -> None:
    assert (
        compute_risk_bound(sampled, confidence)
        < 0.01
        <= compute_risk_bound(sampled - 1, confidence)
    )


def test_a_worklist_has_a_row_for_each_object(tmp_path: Path) -> None:
    write_worklist(str(tmp_path / "list.csv"), URIS[:2])
    with open(tmp_path / "list.csv", newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [(row["number"], row["object"]) for row in rows] == [("1", URIS[0]), ("2", URIS[1])]


def test_a_worklist_has_no_formulas(tmp_path: Path) -> None:
    write_worklist(str(tmp_path / "a.csv"), ["=cmd|' /C calc'!A0"])
    rows = list(csv.reader((tmp_path / "a.csv").open(newline="")))
    assert rows[1][1] == "'=cmd|' /C calc'!A0"
