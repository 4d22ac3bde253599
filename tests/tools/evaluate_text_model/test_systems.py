from __future__ import annotations

from collections.abc import Sequence

from safelight.records import Span
from tools.evaluate_text_model import systems

NAME = Span(0, 3, "NAME", "ner", 0.9)
PLACE = Span(4, 8, "LOCATION", "gazetteer")


def find_chunks(texts: Sequence[str]) -> list[list[Span]]:
    return [[NAME, PLACE] for _ in texts]


def test_each_text_is_annotated_once() -> None:
    seen: list[str] = []

    def find(texts: Sequence[str]) -> list[list[Span]]:
        seen.extend(texts)
        return find_chunks(texts)

    find_cached = systems.cached(find)
    find_cached(["a", "a", "b"])
    find_cached(["b"])
    assert seen == ["a", "b"]


def test_the_model_alone_has_no_gazetteer() -> None:
    assert systems.model_alone(find_chunks)(["Ann Rome"]) == [[NAME]]


def test_a_union_has_the_spans_of_both_systems() -> None:
    both = systems.union(lambda texts: [[NAME] for _ in texts], find_chunks)
    assert both(["Ann Rome"]) == [[NAME, PLACE]]


def test_a_module_that_does_not_exist_is_not_installed() -> None:
    assert not systems.is_installed("no_such_module")
