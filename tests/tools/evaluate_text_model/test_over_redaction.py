from __future__ import annotations

from safelight.records import Span
from tools.evaluate_text_model.over_redaction import count_over_redaction


def test_redacted_words_that_do_not_identify_are_counted() -> None:
    text = "No fever. Seen by Dr. Miller on 3/14/2020."
    spans = [Span(3, 8, "NAME", "ner"), Span(22, 28, "NAME", "ner"), Span(32, 41, "DATE", "regex")]
    counted = count_over_redaction([text], [spans])
    assert (counted.words, counted.redacted) == (10, 1)
    assert counted.values == (("NAME/ner: fever", 1),)


def test_ages_under_90_do_not_count() -> None:
    spans = [Span(0, 2, "AGE", "regex", 1.0, "UNDER_90")]
    assert count_over_redaction(["45 years"], [spans]).share == 0
