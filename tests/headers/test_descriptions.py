from __future__ import annotations

import pytest

from safelight.headers.descriptions import tokenize_span, trim_caret_name, trim_finding
from safelight.records import Span


def trim(value: str, text: str, entity: str, engine: str = "ner", confidence: float = 0.8) -> str:
    """Return what is left of a finding of ``text`` in a description, empty for nothing."""
    begin = value.index(text)
    span = trim_finding(value, Span(begin, begin + len(text), entity, engine, confidence))
    return value[span.begin : span.end] if span else ""


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("BILAT - HUFFMAN^DOUGLAS", "HUFFMAN^DOUGLAS"),
        ("Whitcombe, contrast", "Whitcombe"),
        ("J. Whitcombe", "J. Whitcombe"),
        ("Whitcombe J", "Whitcombe J"),
        ("Post Whitcombe", "Post Whitcombe"),  # Post is a surname too
        ("O'Rourke-Whitcombe,", "O'Rourke-Whitcombe,"),
        ("diagnostic", ""),
    ],
)
def test_terms_next_to_name_are_trimmed(text: str, name: str) -> None:
    assert trim(f"MAMMO {text}", text, "NAME") == name


@pytest.mark.parametrize("engine", ["known", "regex", "key"])
def test_finding_without_model_is_not_trimmed(engine: str) -> None:
    assert trim("MAMMO BILAT HUFFMAN", "BILAT HUFFMAN", "NAME", engine) == "BILAT HUFFMAN"


@pytest.mark.parametrize(
    ("text", "entity", "confidence", "left"),
    [
        ("POST", "CONTACT", 0.88, ""),
        ("PA", "LOCATION", 0.6, ""),
        ("PA", "LOCATION", 0.95, "PA"),
        ("Kalamazoo", "LOCATION", 0.6, "Kalamazoo"),
        ("POST 1091", "LOCATION", 0.6, "POST 1091"),
    ],
)
def test_uncertain_place_that_is_a_term_is_dropped(
    text: str, entity: str, confidence: float, left: str
) -> None:
    assert trim(f"AX T1 {text} x", text, entity, confidence=confidence) == left


@pytest.mark.parametrize(
    ("value", "left"),
    [("Head^Routine", None), ("Knee^SMITH", "SMITH"), ("OCKHAM^JOHN", "OCKHAM^JOHN")],
)
def test_terms_are_trimmed_from_name_with_carets(value: str, left: str | None) -> None:
    span = trim_caret_name(value, Span(0, len(value), "NAME", "regex"))
    assert (value[span.begin : span.end] if span else None) == left


def test_words_of_a_finding_are_folded_without_initials() -> None:
    assert tokenize_span("for J. Müller", Span(4, 13, "NAME", "ner")) == ["muller"]
