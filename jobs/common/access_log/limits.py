"""Limit who may look up originals, of which namespaces, and how many: the rules of an organisation.

The rules are a file in the restricted folder, where callers of `reidentify` read them and the
policy of the bucket or folder decides who writes them. Accesses are counted in the access log.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta, timezone
from fnmatch import fnmatchcase
from typing import Optional

from jobs.common.access_log.entries import AccessRow
from jobs.common.cli.errors import UsageError
from safelight.rules.parsing.yaml_node import RulesError, YamlNode, parse_document

#: File of the rules in the restricted folder.
RULES_NAME = "access_rules.yaml"

#: Kinds of requests that a rule can list.
REQUEST_KINDS = ("patient", "pseudonym", "object", "mapping")

_DAY = timedelta(days=1)
_MOST_PSEUDONYMS = 10**9


@dataclass(frozen=True)
class Request:
    """A request for originals.

    Attributes
    ----------
    callers : tuple of str
        User of the process, and the caller that AWS names.
    namespace : str
        Namespace of the pseudonyms.
    asked : str
        Kind of the request, one of :data:`REQUEST_KINDS`.
    count : int
        Requested pseudonyms.
    """

    callers: tuple[str, ...]
    namespace: str
    asked: str
    count: int


@dataclass(frozen=True)
class AccessRule:
    """Limit the look-ups of a group of callers.

    Attributes
    ----------
    name : str
        Name for messages and the access log.
    callers : tuple of str
        Patterns with ``*`` of the user of the process or of the ARN of the caller.
    namespaces, asked : tuple of str
        Namespaces and kinds of requests; empty for all.
    per_call, per_day : int, optional
        Most pseudonyms of one request, and of all callers of this rule within 24 hours.
    until : date, optional
        Last day (UTC) on which the rule allows anything.
    """

    name: str
    callers: tuple[str, ...]
    namespaces: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    per_call: Optional[int] = None
    per_day: Optional[int] = None
    until: Optional[date] = None

    def covers(self, callers: Iterable[str]) -> bool:
        """Return whether this is the rule of a caller."""
        return any(
            fnmatchcase(caller, pattern) for caller in callers if caller for pattern in self.callers
        )


def find_refusal(
    rules: Optional[Sequence[AccessRule]],
    request: Request,
    earlier: Iterable[AccessRow],
    now: datetime,
) -> Optional[str]:
    """Return why a request is refused; None if it is allowed.

    Parameters
    ----------
    rules : sequence of AccessRule, optional
        The first rule of the caller decides. None allows everything.
    request : Request
    earlier : iterable of AccessRow
        Entries of the access log.
    now : datetime
        Time of the request.
    """
    if rules is None:
        return None
    rule = _find_rule(rules, request.callers)
    if rule is None:
        return "no rule for this caller"
    reason = _find_limit(rule, request, now)
    if reason is None and rule.per_day is not None:
        used = _count_used(rules, rule, earlier, now)
        if used + request.count > rule.per_day:
            reason = f"at most {rule.per_day} pseudonyms within 24 hours"
    return f"{rule.name}: {reason}" if reason else None


def _find_rule(rules: Sequence[AccessRule], callers: Iterable[str]) -> Optional[AccessRule]:
    """Return the rule that decides about a caller: the first one that covers it."""
    callers = tuple(callers)
    return next((rule for rule in rules if rule.covers(callers)), None)


def _find_limit(rule: AccessRule, request: Request, now: datetime) -> Optional[str]:
    """Return why a rule refuses a request, whatever was looked up before."""
    if rule.until is not None and now.astimezone(timezone.utc).date() > rule.until:
        return "the rule has expired"
    if rule.namespaces and request.namespace not in rule.namespaces:
        return "not this namespace"
    if rule.asked and request.asked not in rule.asked:
        return f"not requests of the kind {request.asked}"
    if rule.per_call is not None and request.count > rule.per_call:
        return f"at most {rule.per_call} pseudonyms in one request"
    return None


def _count_used(
    rules: Sequence[AccessRule], rule: AccessRule, earlier: Iterable[AccessRow], now: datetime
) -> int:
    """Return the pseudonyms that callers of a rule were allowed to look up within 24 hours."""
    return sum(
        row.asked_count
        for row in earlier
        if row.refusal is None
        and row.accessed_at > now - _DAY
        and _find_rule(rules, (row.os_user, row.aws_caller)) is rule
    )


def parse_rules(text: str) -> tuple[AccessRule, ...]:
    """Return the rules of a file.

    Parameters
    ----------
    text : str
        YAML: a mapping with the list ``rules``.

    Raises
    ------
    UsageError
        If the file is not valid. No look-up is allowed until it can be read.
    """
    try:
        document = parse_document(text, RULES_NAME).as_mapping(["rules"])
        entries = document.require("rules").as_list()
        return tuple(_parse_rule(number, entry) for number, entry in enumerate(entries, 1))
    except RulesError as error:
        raise UsageError(str(error)) from None


def _parse_rule(number: int, node: YamlNode) -> AccessRule:
    """Return the rule of an entry; its number is its name if it has none."""
    entry = node.as_mapping([field.name for field in fields(AccessRule)])
    name, until = entry.get("name"), entry.get("until")
    return AccessRule(
        name=name.as_text() if name else f"rule {number}",
        callers=tuple(one.as_text() for one in entry.require("callers").as_list()),
        namespaces=_parse_texts(entry.get("namespaces")),
        asked=_parse_kinds(entry.get("asked")),
        per_call=_parse_limit(entry.get("per_call")),
        per_day=_parse_limit(entry.get("per_day")),
        until=until.parse_text(_parse_date) if until else None,
    )


def _parse_texts(node: Optional[YamlNode]) -> tuple[str, ...]:
    return tuple(one.as_text() for one in node.as_list()) if node else ()


def _parse_kinds(node: Optional[YamlNode]) -> tuple[str, ...]:
    return tuple(one.as_choice(REQUEST_KINDS) for one in node.as_list()) if node else ()


def _parse_limit(node: Optional[YamlNode]) -> Optional[int]:
    return node.as_integer_between(0, _MOST_PSEUDONYMS) if node else None


def _parse_date(text: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").date()
    except ValueError:
        raise ValueError("a day for until, such as 2027-06-30") from None
