"""Differences of two rule sets: of their parts, and of the operations on attributes."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from safelight.rules.attributes import format_attribute
from safelight.rules.effective_rules import EffectiveRules, list_standard_tags
from safelight.rules.model import RuleSet


def describe_differences(old: RuleSet, new: RuleSet) -> list[str]:
    """Return the differences of two rule sets as lines; none if their hashes are the same.

    Every part of the hash is compared, so that two rule sets without a difference treat every
    object in the same way.

    Parameters
    ----------
    old, new : RuleSet
    """
    if old.hash == new.hash:
        return []
    lines = [
        f"- {old.name}, version {old.version}, hash {old.hash}",
        f"+ {new.name}, version {new.version}, hash {new.hash}",
        "",
        "Parts of the rules:",
    ]
    lines += [f"  {line}" for line in _compare("", _list_content(old), _list_content(new))]
    changed = list(_compare_attributes(old, new))
    lines += ["", f"Operations on standard attributes, {len(changed)} of which differ:"]
    lines += [f"  {line}" for line in changed]
    return lines


def _list_content(rules: RuleSet) -> dict[str, object]:
    """Return the content of the hash, with the names of elements that the rules add."""
    content = rules.list_hash_content()
    entries = content.get("add")
    if isinstance(entries, list):
        content["add"] = [
            {one.name: {key: value for key, value in entry.items() if key not in ("tag", "path")}}
            for one, entry in zip(rules.additions, entries, strict=True)
        ]
    return content


def _compare(name: str, old: object, new: object) -> Iterator[str]:
    """Yield the differences of two values of the content of the hash."""
    if _to_json(old) == _to_json(new):
        return
    if isinstance(old, Mapping) and isinstance(new, Mapping):
        for key in dict.fromkeys((*old, *new)):
            inner = f"{name}.{key}" if name else str(key)
            yield from _compare(inner, old.get(key), new.get(key))
    elif isinstance(old, list) or isinstance(new, list):
        yield from _compare_lists(name, _to_lines(old), _to_lines(new))
    else:
        if old is not None:
            yield f"- {name}: {_to_json(old)}"
        if new is not None:
            yield f"+ {name}: {_to_json(new)}"


def _compare_lists(name: str, old: list[str], new: list[str]) -> Iterator[str]:
    """Yield the entries that only one list has; if there are none, their order differs."""
    removed = [one for one in old if one not in new]
    added = [one for one in new if one not in old]
    yield from (f"- {name}: {one}" for one in removed)
    yield from (f"+ {name}: {one}" for one in added)
    if not removed and not added:
        yield f"  {name}: the order or the repetition of entries differs"


def _compare_attributes(old: RuleSet, new: RuleSet) -> Iterator[str]:
    """Yield the attributes on which the operation differs, with both operations."""
    before, after = EffectiveRules(old), EffectiveRules(new)
    for tag in list_standard_tags():
        for nested in (False, True):
            texts = before.describe(tag, nested=nested), after.describe(tag, nested=nested)
            if texts[0] != texts[1]:
                place = ", inside sequences" if nested else ""
                yield f"{format_attribute(tag)}{place}: {texts[0]} -> {texts[1]}"


def _to_lines(value: object) -> list[str]:
    """Return the entries of a list as JSON texts."""
    return [_to_json(one) for one in value] if isinstance(value, list) else []


def _to_json(value: object) -> str:
    """Return a value as JSON."""
    return json.dumps(value, sort_keys=True, default=str)
