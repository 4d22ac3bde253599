from __future__ import annotations

import pytest

from safelight.named_rules import DEFAULT, Rule, RuleList, count_decisions, rule_if

SIGN = RuleList[[int], str](
    "test_sign",
    rule_if("zero", lambda number: number == 0, "zero"),
    Rule("negative", lambda number: "negative" if number < 0 else None),
    default="positive",
)


def test_first_decision_is_returned() -> None:
    assert [SIGN(number) for number in (0, -1)] == ["zero", "negative"]


def test_default_is_returned_when_no_rule_decides() -> None:
    assert SIGN(1) == "positive"


def test_decision_false_is_a_decision() -> None:
    rules = RuleList[[], bool](
        "test_false", Rule("no", lambda: False), Rule("yes", lambda: True), default=True
    )
    assert rules() is False


def test_decisions_are_counted_while_counting_is_on() -> None:
    SIGN(0)
    with count_decisions() as counts:
        SIGN(-1)
        SIGN(-2)
        SIGN(3)
    SIGN(-3)
    own = {rule: count for (name, rule), count in counts.items() if name == "test_sign"}
    assert own == {"zero": 0, "negative": 2, DEFAULT: 1}


def test_two_rules_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="rename one"):
        RuleList[[], int]("test_twice", Rule("same", lambda: 1), Rule("same", lambda: 2), default=0)
