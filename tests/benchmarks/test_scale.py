from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from benchmarks import scale

GIVEN = yaml.safe_load(Path(scale.__file__).with_suffix(".yaml").read_text())


def test_the_driver_limits_a_cluster_that_is_large_enough() -> None:
    few, many = (scale.estimate(10**6, cores, 0.01, 1e-3, GIVEN) for cores in (1, 10**6))
    assert few.hours == pytest.approx(few.core_hours)
    assert many.hours == pytest.approx(many.driver_hours) == pytest.approx(1e3 / 3600)
    assert few.spot == many.spot < few.serverless


def test_requests_are_paid_by_the_object() -> None:
    cost = scale.estimate(10**9, 1, 0.01, 0, GIVEN)
    assert cost.requests == pytest.approx(10**6 * (1.01 * 0.005 + 0.0004))
