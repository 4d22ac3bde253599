"""Guesses in descriptions lose the terms beside a name, and nothing of the name."""

from __future__ import annotations

import pytest

from safelight.headers.descriptions import trim_finding
from safelight.records import Span


def told(value: str, guess: str, entity: str, engine: str = "ner", confidence: float = 0.8) -> str:
    begin = value.index(guess)
    span = trim_finding(value, Span(begin, begin + len(guess), entity, engine, confidence))
    return value[span.begin : span.end] if span else ""


@pytest.mark.parametrize(
    ("guess", "name"),
    [
        ("BILAT - HUFFMAN^DOUGLAS", "HUFFMAN^DOUGLAS"),
        ("Whitcombe, contrast", "Whitcombe"),
        ("J. Whitcombe", "J. Whitcombe"),
        ("Whitcombe J", "Whitcombe J"),
        ("Post Whitcombe", "Post Whitcombe"),  # Emily Post
        ("O'Rourke-Whitcombe,", "O'Rourke-Whitcombe,"),
        ("diagnostic", ""),
    ],
)
def test_terms_beside_a_guessed_name_stay(guess: str, name: str) -> None:
    assert told(f"MAMMO {guess}", guess, "NAME") == name


@pytest.mark.parametrize("engine", ["known", "regex", "key"])
def test_what_is_no_guess_is_told_whole(engine: str) -> None:
    assert told("MAMMO BILAT HUFFMAN", "BILAT HUFFMAN", "NAME", engine) == "BILAT HUFFMAN"


@pytest.mark.parametrize(
    ("guess", "entity", "confidence", "left"),
    [
        ("POST", "CONTACT", 0.88, ""),
        ("PA", "LOCATION", 0.6, ""),
        ("PA", "LOCATION", 0.95, "PA"),
        ("Kalamazoo", "LOCATION", 0.6, "Kalamazoo"),
        ("POST 1091", "LOCATION", 0.6, "POST 1091"),
    ],
)
def test_a_shy_guess_at_a_place_is_no_term(
    guess: str, entity: str, confidence: float, left: str
) -> None:
    assert told(f"AX T1 {guess} x", guess, entity, confidence=confidence) == left
