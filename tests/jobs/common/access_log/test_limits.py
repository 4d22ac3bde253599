from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

import pytest

from jobs.common.access_log.limits import AccessRule, Request, find_refusal, parse_rules
from jobs.common.cli.errors import UsageError
from tests.jobs.common.access_log.test_entries import make_row

NOW = datetime(2026, 11, 30, 12, tzinfo=timezone.utc)
RULES = (
    AccessRule("clinic", ("jane (uid 1000)",), ("study-a",), ("patient",), per_call=2, per_day=5),
    AccessRule("auditors", ("arn:aws:sts::*:assumed-role/auditor/*",)),
)


def ask(
    *callers: str, namespace: str = "study-a", asked: str = "patient", count: int = 1
) -> Request:
    return Request(callers or ("jane (uid 1000)", ""), namespace, asked, count)


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        (ask(), None),
        (ask("x", "arn:aws:sts::1:assumed-role/auditor/me", namespace="b", count=99), None),
        (ask("joe (uid 1001)"), "no rule for this caller"),
        (ask(namespace="study-b"), "clinic: not this namespace"),
        (ask(asked="mapping"), "clinic: not requests of the kind mapping"),
        (ask(count=3), "clinic: at most 2 pseudonyms in one request"),
    ],
)
def test_the_first_rule_of_the_caller_decides(request_: Request, refusal: str | None) -> None:
    assert find_refusal(RULES, request_, [], NOW) == refusal


def test_without_rules_all_requests_are_allowed() -> None:
    assert find_refusal(None, ask("joe"), [], NOW) is None
    assert find_refusal((), ask("joe"), [], NOW) == "no rule for this caller"


def test_accesses_of_the_last_day_count() -> None:
    def entry(hours: int, **more: object) -> object:
        changed = {"accessed_at": NOW - timedelta(hours=hours), "asked_count": 2, **more}
        return replace(make_row(), **changed)  # type: ignore[arg-type]

    earlier = [
        entry(1), entry(23), entry(25), entry(2, refusal="clinic: not this namespace"),
        entry(3, os_user="joe"),
    ]  # fmt: skip
    assert find_refusal(RULES, ask(count=1), earlier, NOW) is None  # type: ignore[arg-type]
    refusal = find_refusal(RULES, ask(count=2), earlier, NOW)  # type: ignore[arg-type]
    assert refusal == "clinic: at most 5 pseudonyms within 24 hours"


def test_accesses_count_for_the_rule_that_decided_about_their_caller() -> None:
    rules = (
        AccessRule("clinic", ("jane *",), per_day=5),
        AccessRule("all", ("*",), per_day=2),
    )
    jane = replace(make_row(), accessed_at=NOW, asked_count=2, os_user="jane (uid 1000)")
    joe = replace(jane, os_user="joe (uid 1001)", asked_count=1)
    assert find_refusal(rules, ask("joe (uid 1001)"), [jane, joe], NOW) is None
    refusal = find_refusal(rules, ask("ann (uid 1002)", count=2), [jane, joe], NOW)
    assert refusal == "all: at most 2 pseudonyms within 24 hours"


@pytest.mark.parametrize(
    ("until", "refusal"),
    [(date(2026, 11, 30), None), (date(2026, 11, 29), "clinic: the rule has expired")],
)
def test_a_rule_allows_nothing_after_its_last_day(until: date, refusal: str | None) -> None:
    expiring = replace(RULES[0], until=until)
    everybody = AccessRule("all", ("*",))
    assert find_refusal((expiring, everybody), ask(), [], NOW) == refusal


def test_rules_are_read_from_yaml() -> None:
    text = """
    rules:
      - name: clinic
        callers: ["jane (uid 1000)"]
        namespaces: [study-a]
        asked: [patient]
        per_call: 2
        per_day: 5
      - callers: ["*"]
        per_day: 0
        until: 2027-06-30
    """
    last = AccessRule("rule 2", ("*",), per_day=0, until=date(2027, 6, 30))
    assert parse_rules(text) == (RULES[0], last)


@pytest.mark.parametrize(
    "text",
    [
        "", "rules: 1", "rules: [a]", "other: []", "rules: [{callers: a}]", "rules: [{per_day: 1}]",
        "rules: [{callers: [a], per_day: many}]", "rules: [{callers: [a], perday: 1}]", "a: [",
        "rules: [{callers: [a], per_call: true}]", "rules: [{callers: [a], per_day: -1}]",
        "rules: [{callers: [a], callers: [b]}]", "rules: [{callers: [a], asked: [patients]}]",
        "rules: [{callers: [a], until: soon}]", "rules: [{callers: [a], until: 2027-02-30}]",
    ],
)  # fmt: skip
def test_rules_that_are_not_valid_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="access_rules.yaml"):
        parse_rules(text)
