from __future__ import annotations

from safelight.records import Span
from safelight.text.recognizers.identifier_forms import find_identifiers_of_form


def further(text: str, found: str) -> list[str]:
    """Return the further identifiers of a text of which one was found."""
    begin = text.index(found)
    spans = [Span(begin, begin + len(found), "ID", "ner", 0.9)]
    return [text[span.begin : span.end] for span in find_identifiers_of_form(text, spans)]


def test_word_of_the_form_of_an_identifier_is_one() -> None:
    assert further("H-2209 Hb 4.1\nM-0871 CSF\nK-12 b", "H-2209") == ["M-0871"]


def test_number_without_a_letter_has_no_form() -> None:
    assert further("MRN 448812, WBC 445566", "448812") == []


def test_part_of_a_longer_word_has_not_the_form() -> None:
    assert further("H-2209, AH-2210, H-2211-2, H-22123", "H-2209") == []
