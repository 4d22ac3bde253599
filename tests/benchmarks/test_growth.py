from __future__ import annotations

import pytest

from benchmarks.growth import slope


def test_the_slope_is_the_increase_per_object() -> None:
    assert slope([(1000, 3.0), (2000, 9.0), (11_000, 4.0)]) == pytest.approx(1e-4)
