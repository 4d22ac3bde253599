from __future__ import annotations

import pytest

from safelight.text.known.expressions import ValueExpression, number_expression
from safelight.text.lexicon.folding import fold


def find(expression: ValueExpression, text: str) -> list[str]:
    return [text[span.begin : span.end] for span in expression.find(fold(text))]


@pytest.mark.parametrize(
    ("core", "text", "expected"),
    [
        ("12345", "0012345", ["0012345"]),
        ("12345", "12345.6", []),
        ("123456", "123-456", ["123-456"]),
        ("12", "12 images", []),
        ("12", "ID 12", ["12"]),
        ("12", "12", ["12"]),
    ],
)
def test_short_numbers_need_a_label(core: str, text: str, expected: list[str]) -> None:
    assert find(number_expression(core, "ID", ""), text) == expected


def test_a_group_is_the_value() -> None:
    assert find(ValueExpression("a", "x(a)", "ID", ""), "xa") == ["a"]
