from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from jobs.common.spark.deidentifier_factory import DeidentifierConfig, get_deidentifier

CONFIG = DeidentifierConfig(None, "h" * 64, bytes(range(32)), "default", pixels=False, text=True)


def build(config: DeidentifierConfig) -> list[DeidentifierConfig]:
    return [config]


def test_a_process_keeps_its_deidentifier() -> None:
    first = get_deidentifier(CONFIG, build)
    assert get_deidentifier(replace(CONFIG, rules=object()), build) is first


@pytest.mark.parametrize(
    "change",
    [{"namespace": "b"}, {"rules_hash": "i" * 64}, {"pixels": True}, {"key": bytes(range(1, 33))}],
)
def test_another_configuration_has_another_deidentifier(change: dict[str, Any]) -> None:
    first = get_deidentifier(CONFIG, build)
    assert get_deidentifier(replace(CONFIG, **change), build) is not first


def test_stages_are_named_in_their_order() -> None:
    assert CONFIG.stages == "headers+text"
    assert replace(CONFIG, pixels=True, text=False).stages == "headers+pixels"


def test_a_configuration_does_not_show_its_key() -> None:
    assert "key" not in repr(CONFIG)
