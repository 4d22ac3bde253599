from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from safelight.base_deidentifier import BaseDeidentifier
from safelight.records import Span
from safelight.rules import load_rules

KEY = bytes(range(32))


def annotate(texts: Sequence[str]) -> list[list[Span]]:
    return [[Span(0, len(text), "NAME", "ner")] for text in texts]


def test_rules_are_loaded_by_name() -> None:
    assert BaseDeidentifier("basic", key=KEY).rules == load_rules("basic")


def test_loaded_rules_are_used_as_they_are() -> None:
    rules = load_rules("basic")
    assert BaseDeidentifier(rules, key=KEY).rules is rules


def test_rules_are_loaded_from_a_path(tmp_path: Path) -> None:
    file = tmp_path / "own.yaml"
    file.write_text("name: own\nversion: '1'\nextends: basic\n")
    assert BaseDeidentifier(file, key=KEY).rules.name == "own"


def test_a_key_that_is_not_bytes_is_an_error() -> None:
    with pytest.raises(TypeError, match="the key is a str"):
        BaseDeidentifier(key="0" * 64)  # type: ignore[arg-type]


def test_short_key_is_an_error() -> None:
    with pytest.raises(ValueError, match="at least 32"):
        BaseDeidentifier(key=b"short")


def test_each_text_is_annotated() -> None:
    spans = BaseDeidentifier(key=KEY, annotate=annotate).annotate_texts({"Ada", "Grace"})
    assert spans == {"Ada": annotate(["Ada"])[0], "Grace": annotate(["Grace"])[0]}


def test_no_texts_need_no_text_model() -> None:
    def fail(_: Sequence[str]) -> list[list[Span]]:
        raise AssertionError("the text model is called without texts")

    assert BaseDeidentifier(key=KEY, annotate=fail).annotate_texts(()) == {}


@pytest.mark.parametrize("options", [{"annotate": None}, {"annotate": annotate, "text": False}])
def test_texts_are_not_annotated_without_model_or_with_text_off(options: dict[str, object]) -> None:
    assert BaseDeidentifier(key=KEY, **options).annotate_texts({"Ada"}) is None  # type: ignore[arg-type]


def test_model_that_returns_too_few_results_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        BaseDeidentifier(key=KEY, annotate=lambda texts: []).annotate_texts({"Ada"})
