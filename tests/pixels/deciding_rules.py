"""Which rule of a list decides: for tests that check one rule each."""

from __future__ import annotations

from collections.abc import Callable

from safelight.named_rules import count_decisions


def deciding_rules(name: str, call: Callable[[], object]) -> list[str]:
    """Return the names of the rules of a list that decide during a call, in order of the list."""
    with count_decisions() as counts:
        call()
    return [rule for (rules, rule), count in counts.items() if rules == name and count]
