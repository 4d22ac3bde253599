"""Texts are written in plain characters before they are searched."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.lexicon.plain_text import plain_text
from safelight.text.recognizers.span_filter import find_spans


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("４１１１ １１１１", "4111 1111"),
        ("4111\u200d1111", "41111111"),
        ("٠١٢/٠٣", "012/03"),
        ("Jose\u0301", "José"),
        ("J\u0336o\u0336hn", "John"),
        ("\U0001d409\U0001d428\U0001d421\U0001d427", "John"),
        ("Ѕmіth", "Smith"),
        ("seen by Dr. Норе today", "seen by Dr. Hope today"),
        ("\u202e12\u202c-\u200f34", "12-34"),
        ("ﬁlm 2‑1", "film 2-1"),
        ("5 μg of β-blocker, 10 cm²", "5 μg of β-blocker, 10 cm²"),
        ("Иван Петров", "Иван Петров"),
        ("山田太郎", "山田太郎"),
        ("Müller Weiß", "Müller Weiß"),
    ],
)
def test_characters_become_plain(text: str, plain: str) -> None:
    assert plain_text(text).text == plain


@given(st.text(max_size=40))
def test_offsets_are_ordered_and_in_the_text(text: str) -> None:
    plain = plain_text(text)
    assert len(plain.starts) == len(plain.text) + 1
    assert list(plain.starts) == sorted(plain.starts)
    assert plain.starts[-1] == len(text)


WIDE = {code: chr(code + 0xFEE0) for code in range(0x21, 0x7F)}
VALUES = [
    "4111 1111 1111 1111", "123-45-6789", "03/14/2020", "(415) 555-0142", "jane.roe@example.org",
    "DE89 3704 0044 0532 0130 00", "MRN: 44819027",
]  # fmt: skip


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("how", ["wide", "joiner", "marks", "right-to-left"])
def test_identifiers_are_found_in_other_characters(value: str, how: str) -> None:
    written = {
        "wide": value.translate(WIDE),
        "joiner": "\u200d".join(value),
        "marks": "".join(c + "\u0336" if c.isalnum() else c for c in value),
        "right-to-left": f"\u202e\u200f{value}\u202c",
    }[how]
    text = f"Note: {written} was given."
    [span] = find_spans(text, [])[-1:]
    covered = text[span.begin : span.end]
    digits = [c for c in written if c.isdigit()]
    assert [c for c in covered if c.isdigit()] == digits
    assert covered[-1:] != " " and text[: span.begin].rstrip("\u202e\u200f").startswith("Note: ")


@pytest.mark.parametrize(
    "written",
    ["Ѕmіthѕоn", "Smith\u200bson", "S\u0336mithson", "Ｓｍｉｔｈｓｏｎ", "\u202eSmithson\u202c"],
)
def test_known_names_are_found_in_other_characters(written: str) -> None:
    known = KnownPHI([KnownValue("NAME", "SMITHSON^JOHN", "PATIENT")])
    text = f"the patient {written} was seen"
    [span] = known.find(text)
    assert text[span.begin : span.end].strip("\u202e\u202c") == written.strip("\u202e\u202c")
