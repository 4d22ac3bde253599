"""Limit who may look up originals, of which namespaces, and how many: the rules of an organisation.

The rules are a file in the restricted folder, where callers of `reidentify` read them and the
policy of the bucket or folder decides who writes them. Accesses are counted in the access log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from typing import Any, Optional

import yaml

from jobs.common.access_log.entries import AccessRow
from jobs.common.cli.errors import UsageError

#: File of the rules in the restricted folder.
RULES_NAME = "access_rules.yaml"

_DAY = timedelta(days=1)


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
        Kind of the request: ``patient``, ``pseudonym`` or ``mapping``.
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
    """

    name: str
    callers: tuple[str, ...]
    namespaces: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    per_call: Optional[int] = None
    per_day: Optional[int] = None

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
    rule = next((one for one in rules if one.covers(request.callers)), None)
    if rule is None:
        return "no rule for this caller"
    if rule.namespaces and request.namespace not in rule.namespaces:
        return f"{rule.name}: not this namespace"
    if rule.asked and request.asked not in rule.asked:
        return f"{rule.name}: not requests of the kind {request.asked}"
    if rule.per_call is not None and request.count > rule.per_call:
        return f"{rule.name}: at most {rule.per_call} pseudonyms in one request"
    used = sum(
        row.asked_count
        for row in earlier
        if row.refusal is None
        and row.accessed_at > now - _DAY
        and rule.covers((row.os_user, row.aws_caller))
    )
    if rule.per_day is not None and used + request.count > rule.per_day:
        return f"{rule.name}: at most {rule.per_day} pseudonyms within 24 hours"
    return None


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
        document = yaml.safe_load(text)
    except yaml.YAMLError:
        raise UsageError(f"{RULES_NAME} is not YAML; correct it") from None
    if not isinstance(document, dict) or set(document) != {"rules"}:
        raise UsageError(f"{RULES_NAME} must have the list `rules` and nothing else; correct it")
    entries = document["rules"]
    if not isinstance(entries, list) or not all(isinstance(one, dict) for one in entries):
        raise UsageError(f"`rules` of {RULES_NAME} must be a list of mappings; correct it")
    return tuple(_parse_rule(number, entry) for number, entry in enumerate(entries, 1))


def _parse_rule(number: int, entry: Mapping[str, Any]) -> AccessRule:
    known = [field.name for field in fields(AccessRule)]
    unknown = sorted(set(entry) - set(known))
    if unknown or "callers" not in entry:
        raise UsageError(
            f"rule {number} of {RULES_NAME} must have `callers`, and only {', '.join(known)}"
        )
    return AccessRule(
        name=str(entry.get("name", f"rule {number}")),
        callers=_parse_texts(number, "callers", entry),
        namespaces=_parse_texts(number, "namespaces", entry),
        asked=_parse_texts(number, "asked", entry),
        per_call=_parse_limit(number, "per_call", entry),
        per_day=_parse_limit(number, "per_day", entry),
    )


def _parse_texts(number: int, name: str, entry: Mapping[str, Any]) -> tuple[str, ...]:
    value = entry.get(name, [])
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise UsageError(f"`{name}` of rule {number} of {RULES_NAME} must be a list of texts")
    return tuple(value)


def _parse_limit(number: int, name: str, entry: Mapping[str, Any]) -> Optional[int]:
    value = entry.get(name)
    if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 0):
        raise UsageError(f"`{name}` of rule {number} of {RULES_NAME} must be a number from 0")
    return value
