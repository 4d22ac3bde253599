"""No target fails on its seeds and on inputs that were bugs once."""

from __future__ import annotations

import pytest

from tests.fuzz.targets import list_targets, load_target


@pytest.mark.parametrize("name", list_targets())
def test_a_target_accepts_its_seeds_and_its_corpus(name: str) -> None:
    target = load_target(name)
    assert target.seeds()
    for data in target.inputs():
        target.run(data)
