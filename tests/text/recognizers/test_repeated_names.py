from __future__ import annotations

from safelight.records import Span
from safelight.text.recognizers.repeated_names import find_repeated_names


def further(text: str, *found: str, confidence: float = 1.0) -> list[str]:
    """Return the further mentions of names of which the first mention was found."""
    spans = [
        Span(text.index(name), text.index(name) + len(name), "NAME", "key", confidence)
        for name in found
    ]
    return [text[span.begin : span.end] for span in find_repeated_names(text, spans)]


def test_word_of_a_name_is_a_name_again() -> None:
    text = "Ms. Oyelaran came. OYELARAN walks; Oyelaran agrees."
    assert further(text, "Oyelaran") == ["OYELARAN", "Oyelaran"]


def test_word_of_the_language_is_not() -> None:
    assert further("Mr. Black has black stool. Black again.", "Black") == []


def test_eponym_is_not() -> None:
    assert further("Dr. Parkinson saw him. Parkinson disease is known.", "Parkinson") == []


def test_uncertain_name_has_no_further_mentions() -> None:
    assert further("Qorvex given. Qorvex again.", "Qorvex", confidence=0.6) == []


def test_single_word_between_two_names_is_a_name() -> None:
    assert further("Phạm Quốc Bảo", "Phạm", "Bảo") == ["Quốc"]
    assert further("Anna and Bao", "Anna", "Bao") == []
