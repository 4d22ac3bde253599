"""Test the replacements of a text by the policy."""

from __future__ import annotations

import pytest

from safelight.documents.text_cleaner import TextCleaner
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Span
from safelight.rules.policies import TextPolicy
from safelight.text.known.known_phi import KnownPHI

NAME = Span(3, 8, "NAME", "ner", 0.9)


def test_replacements_are_in_order_and_without_overlap(cleaner: TextCleaner) -> None:
    text = "by Smith on Monday, 617-555-0142"
    spans = [Span(20, 32, "CONTACT", "regex"), NAME, Span(5, 8, "NAME", "known")]
    found = cleaner.replacements(text, spans)
    assert [(one.span.begin, one.span.end, one.new) for one in found] == [
        (3, 8, "[NAME]"), (20, 32, "[CONTACT]"),
    ]  # fmt: skip


def test_clean_returns_the_text_with_its_replacements(cleaner: TextCleaner) -> None:
    assert cleaner.clean("by Smith", [NAME]).text == "by [NAME]"


def test_a_span_that_the_policy_keeps_is_not_replaced(cleaner: TextCleaner) -> None:
    assert cleaner.is_replaced(NAME)
    pseudonyms = Pseudonyms(bytes(range(32)), "tests", (-10, -10))
    keeping = TextPolicy(entities={"NAME": "keep"})
    keeper = TextCleaner(KnownPHI([]), keeping, pseudonyms, pseudonyms.patient("x"))
    assert not keeper.is_replaced(NAME)


def test_a_text_in_an_unsupported_language_is_refused(cleaner: TextCleaner) -> None:
    text = "De patiënt werd opgenomen en is niet naar huis gegaan, er zijn klachten."
    with pytest.raises(Refusal) as refused:
        cleaner.clean(text, [])
    assert refused.value.reason is Reason.UNSUPPORTED_LANGUAGE
