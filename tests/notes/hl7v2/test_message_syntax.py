"""Test the parser and the writer of HL7 v2 messages."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.notes.hl7v2.message_syntax import parse_message, write_message
from safelight.records import Refusal
from tests.notes.helpers import clean, text_of

DELIMITERS = parse_message("MSH|^~\\&|").delimiters
_text = st.text(st.characters(exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=40)


@settings(deadline=None)
@given(_text, _text)
def test_escaped_text_cannot_end_its_field(one: str, other: str) -> None:
    field = f"{DELIMITERS.escape_text(one)}~{DELIMITERS.escape_text(other)}"
    parsed = parse_message(f"MSH|^~\\&|A\rNTE|1||{field}|x\rAL1|1\r")
    assert [segment.name for segment in parsed.segments] == ["MSH", "NTE", "AL1"]
    repetitions = parsed.segments[1].fields[2]
    assert [DELIMITERS.unescape(one[0][0]) for one in repetitions] == [one, other]


@settings(deadline=None)
@given(_text)
def test_a_written_message_is_parsed_to_an_equal_one(text: str) -> None:
    parsed = parse_message(f"MSH|^~\\&|A\rNTE|1||{DELIMITERS.escape_text(text)}x|y\r")
    assert parse_message(write_message(parsed)) == parsed


@settings(deadline=None)
@given(_text, _text)
def test_a_surrogate_in_a_text_cannot_end_its_field(one: str, other: str) -> None:
    rules = "extends: research\nname: t\nversion: '1'\ntext:\n  entities:\n    NAME: surrogate\n"
    text = DELIMITERS.escape_text(f"{one} Quimbleton {other}")
    new = parse_message(text_of(clean(f"MSH|^~\\&|A\rNTE|1||{text}\r", "hl7", rules=rules)))
    assert [segment.name for segment in new.segments] == ["MSH", "NTE"]
    assert len(new.segments[1].fields) == 3 and len(new.segments[1].fields[2]) == 1


@pytest.mark.parametrize(
    ("escaped", "text"),
    [("\\F\\", "|"), ("\\E\\", "\\"), ("\\X4142\\", "AB"), ("a\\.br\\b", "a\nb"),
     ("\\H\\bold\\N\\", "bold"), ("\\M2442\\x", "x")],
)  # fmt: skip
def test_escape_sequences_are_resolved(escaped: str, text: str) -> None:
    assert DELIMITERS.unescape(escaped) == text


def test_missing_delimiters_have_their_usual_values() -> None:
    assert parse_message("MSH|^~").delimiters.escape == "\\"


@pytest.mark.parametrize("text", ["MSH", "MSHa^~\\&", "PID|1", "MSH|^^\\&"])
def test_a_message_without_delimiters_is_refused(text: str) -> None:
    with pytest.raises(Refusal):
        parse_message(text)


@pytest.mark.parametrize("marks", ["^~\\&#Zyxwell"[:7] + "!", "^~\\é", "^~\\\x01", "^^\\&"])
def test_delimiters_are_those_of_the_standard(marks: str) -> None:
    with pytest.raises(Refusal):
        parse_message(f"MSH|{marks}|x\r")
