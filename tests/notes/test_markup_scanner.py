"""Test that markup is split in linear time."""

from __future__ import annotations

import pytest

from safelight.notes.markup_scanner import MarkupToken, scan_markup
from safelight.records import Refusal
from tests.notes.helpers import count_calls


def texts(markup: str) -> str:
    return "|".join(token.text for token in scan_markup(markup) if token.kind == "text")


@pytest.mark.parametrize(
    ("markup", "expected"),
    [
        ("a<!-- x -->b", "a|b"),
        ("a<?xml x?>b<!DOCTYPE html>c", "a|b|c"),
        ("a<![CDATA[1 < 2]]>b", "a|1 < 2|b"),
        ("<script>if (a<b) {'</p>'}</script>c", "c"),
        ("BP < 120 <b>low</b>", "BP < 120 |low"),
        ("<a title='x > y'>z</a>", "z"),
        ("&amp;&#65;&nosuch;", "&A&nosuch;"),
        ("a<!-- b <i>c</i>", "a<!-- b <i>c</i>"),
    ],
)
def test_text_is_what_a_browser_shows(markup: str, expected: str) -> None:
    assert texts(markup) == expected


def test_tags_have_their_kind_and_their_attributes() -> None:
    assert list(scan_markup('<TD colspan="2"><br/></td >')) == [
        MarkupToken("start", "td", ' colspan="2"'),
        MarkupToken("empty", "br", "/"),
        MarkupToken("end", "td", " "),
    ]


def test_a_character_reference_of_thousands_of_digits_is_refused() -> None:
    with pytest.raises(Refusal):
        list(scan_markup("&#" + "9" * 5000 + ";"))


@pytest.mark.parametrize(
    "unit",
    ["<!--", "<!", "<?", "<a ", "</", "<a a='", "<![CDATA[", "<div>", "</p>", "<script>", "&"],
)
def test_calls_do_not_grow_faster_than_the_markup(unit: str) -> None:
    few, many = (count_calls(lambda n=n: list(scan_markup(unit * n))) for n in (100, 1000))
    assert many <= 11 * few
