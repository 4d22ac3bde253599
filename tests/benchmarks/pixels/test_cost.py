"""Test the cost of a million images."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest
import yaml

from benchmarks.pixels.cost import cost_of, table


def seen(modality: str, text: bool, gated: bool, seconds: float) -> dict[str, object]:
    return {"modality": modality, "megapixels": 0.25, "text": text, "pictures": 1,
            "gated": int(gated), "scan": seconds, "rest": 0.0}  # fmt: skip


MEASURED = [
    *(seen("CT", False, True, 0.1) for _ in range(3)),
    seen("CT", False, False, 1.0),
    seen("CT", True, False, 1.0),
    {"refused": "no_decoder"},
]


def test_the_seconds_of_an_image_depend_on_the_share_that_is_read() -> None:
    cost = cost_of("CT", MEASURED, {"CT": 0.2})
    assert cost.gated == 0.75 and not cost.borrowed
    assert cost.share_read == pytest.approx(0.2 + 0.8 * 0.25)
    assert cost.seconds == pytest.approx(0.4 * 1.0 + 0.6 * 0.1)


def test_a_rare_modality_has_the_figures_of_all() -> None:
    assert cost_of("XA", MEASURED, {}).borrowed


def test_the_table_has_the_cost_of_a_million_images() -> None:
    given = {"price": {"core_hour": 0.36, "busy": 1.0}, "text": {"CT": 0.2},
             "mixes": {"one": {"CT": 1.0}}}  # fmt: skip
    text = table(MEASURED, given)
    assert "| one | CT 100% | 40% | 128 | 46.00 |" in text


def test_the_shares_of_a_mix_add_up_to_one() -> None:
    path = Path(inspect.getfile(cost_of)).with_name("cost.yaml")
    given = yaml.safe_load(path.read_text("utf-8"))
    for mix in given["mixes"].values():
        assert sum(mix.values()) == pytest.approx(1)
