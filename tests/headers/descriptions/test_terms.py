from __future__ import annotations

from safelight.headers.descriptions.terms import tokenize_span
from safelight.records import Span


def test_words_of_a_finding_are_folded_without_initials() -> None:
    assert tokenize_span("for J. Müller", Span(4, 13, "NAME", "ner")) == ["muller"]
