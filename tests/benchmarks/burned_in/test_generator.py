"""Test the conditions of drawn text."""

from __future__ import annotations

from benchmarks.burned_in.generator import CONDITIONS, make


def test_every_condition_is_drawn() -> None:
    assert all(make(condition, 0).values for condition in CONDITIONS)
