"""Test that rows of annotations are authenticated by the key."""

from __future__ import annotations

from typing import Any

import pytest

from jobs.common.run.annotation_macs import annotation_mac, is_authentic
from safelight.pseudonyms import Pseudonyms

NAMES = Pseudonyms(bytes(range(32)), "study")
SPAN = {"begin": 8, "end": 13, "entity": "NAME", "engine": "ner", "confidence": 0.9, "fine": None}
ROW: dict[str, Any] = {
    "text_hmac": "a",
    "pipeline_version": "v1",
    "spans": [SPAN],
    "mac": annotation_mac(NAMES, "a", "v1", [SPAN]),
}


def test_a_row_that_was_not_changed_is_authentic() -> None:
    assert is_authentic(NAMES, ROW)


@pytest.mark.parametrize(
    "change",
    [
        {"text_hmac": "b"},
        {"pipeline_version": "v2"},
        {"spans": []},
        {"spans": None},
        {"spans": [SPAN, SPAN]},
        *({"spans": [{**SPAN, name: value}]} for name, value in (
            ("begin", 9), ("end", 12), ("entity", "DATE"), ("engine", "x"), ("confidence", 0.8),
            ("fine", "PATIENT"),
        )),
        {"mac": None},
    ],
)  # fmt: skip
def test_any_change_is_detected(change: dict[str, Any]) -> None:
    assert not is_authentic(NAMES, {**ROW, **change})


def test_the_code_belongs_to_one_namespace() -> None:
    assert not is_authentic(Pseudonyms(bytes(range(32)), "other"), ROW)
