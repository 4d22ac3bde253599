"""Parse ``options`` and ``elements`` of a rules file."""

from __future__ import annotations

import re
from collections.abc import Collection

from safelight.rules.conditions import Condition, list_references
from safelight.rules.model import RuleEntry
from safelight.rules.operations import Operation
from safelight.rules.parsing.action_parameters import (
    ALL_PARAMETER_KEYS,
    parse_action_parameters,
)
from safelight.rules.parsing.conditions import parse_condition
from safelight.rules.parsing.yaml_node import YamlMapping, YamlNode, suggest
from safelight.rules.references import THIS
from safelight.rules.selectors import Selector, parse_selector
from safelight.standard.options import Option

#: Operation of each action: letters of PS3.15 and names. C, D and U depend on the VR.
ACTIONS: dict[str, Operation | None] = {
    "K": Operation.KEEP,
    "X": Operation.REMOVE,
    "Z": Operation.EMPTY,
    "D": None,
    "U": None,
    "C": None,
    "keep": Operation.KEEP,
    "remove": Operation.REMOVE,
    "empty": Operation.EMPTY,
    "dummy": Operation.DUMMY,
    "uid": Operation.UID,
    "shift": Operation.SHIFT,
    "clean": Operation.CLEAN,
    "patient_id": Operation.PATIENT_ID,
    "token": Operation.TOKEN,
    "name": Operation.NAME,
    "age": Operation.AGE,
    "literal": Operation.LITERAL,
    "generalise": Operation.TRANSFORM,
    "round": Operation.TRANSFORM,
    "perturb": Operation.TRANSFORM,
    "truncate": Operation.TRANSFORM,
    "regex": Operation.TRANSFORM,
    "upper": Operation.TRANSFORM,
    "lower": Operation.TRANSFORM,
    "initials": Operation.TRANSFORM,
    "hash": Operation.HASH,
    "lookup": Operation.LOOKUP,
    "text": Operation.TEXT,
    "quarantine": Operation.QUARANTINE,
    "remove_items": Operation.REMOVE_ITEMS,
}

#: Actions that words of other tools mean, for error messages.
_SYNONYMS = {
    "delete": "remove", "drop": "remove", "erase": "remove", "redact": "remove",
    "blank": "empty", "clear": "empty", "null": "empty", "zero": "empty",
    "retain": "keep", "preserve": "keep", "allow": "keep", "replace": "literal", "set": "literal",
    "mask": "clean", "scrub": "clean", "pseudonymize": "token", "pseudonymise": "token",
    "hashuid": "uid", "newuid": "uid", "remap": "uid", "jitter": "shift", "offset": "shift",
    "incrementdate": "shift", "dateshift": "shift", "hashptid": "patient_id", "bin": "generalise",
    "bucket": "generalise", "substitute": "dummy", "map": "lookup", "reject": "quarantine",
    "noise": "perturb",
}  # fmt: skip

#: Keys of an entry of ``elements``.
ENTRY_KEYS = ("tag", "except", "when", "action", "reason", *ALL_PARAMETER_KEYS)


def parse_option(node: YamlNode) -> Option:
    """Return an option by its name in PS3.15 (spaces or underscores) or its CID 7050 code."""
    text = re.sub(r"[\s_-]+", "_", node.as_text().strip().lower())
    text = text.replace("longitudinal_temporal_information_", "long_").removesuffix("_option")
    for option in Option:
        if text in (option.value, option.code):
            return option
    codes = text.isdigit()
    known = [option.code if codes else option.value for option in Option]
    hint = suggest(text, known)
    raise node.make_error(f"an option of PS3.15 ({', '.join(known)}), not {node.as_text()}{hint}")


def parse_entry(
    node: YamlNode, name: str, index: int, tables: Collection[str] = ()
) -> list[RuleEntry]:
    """Return the rules of one entry of ``elements``, one for each of its tags.

    Parameters
    ----------
    node : YamlNode
    name : str
        Name of the rule set.
    index : int
        Index of the entry in ``elements``.
    tables : collection of str
        Names of the lookup tables.
    """
    entry = node.as_mapping(ENTRY_KEYS)
    action_node = entry.require("action")
    action = action_node.as_choice(tuple(ACTIONS), _SYNONYMS)
    parameters = parse_action_parameters(entry, action, tables)
    value = entry.require("value").as_text() if action == "literal" else None
    reason = entry.get("reason")
    if action == "quarantine" and reason is None:
        raise action_node.make_error("a reason for the action quarantine")
    exceptions = entry.get("except")
    condition = entry.get("when")
    excluded = tuple(map(_parse_selector, exceptions.as_list_or_single())) if exceptions else ()
    parsed_condition = parse_condition(condition, allow_this=True) if condition else None
    if action == "remove_items":
        _check_item_condition(entry, action_node, parsed_condition)
    return [
        RuleEntry(
            _parse_selector(tag),
            action,
            ACTIONS[action],
            value,
            reason.as_text() if reason else "",
            f"{name} elements[{index}]",
            tag.line,
            excluded,
            parsed_condition,
            parameters,
        )
        for tag in entry.require("tag").as_list_or_single()
    ]


def _check_item_condition(
    entry: YamlMapping, action: YamlNode, condition: Condition | None
) -> None:
    """Raise an error unless a condition can be met by the items of a sequence."""
    if condition is None:
        raise action.make_error("when, with a condition on elements of the items, such as ./Code")
    if THIS in list_references(condition):
        raise entry.require("when").make_error(
            "elements of the items with ./ instead of this for the action remove_items"
        )


def _parse_selector(node: YamlNode) -> Selector:
    return node.parse_text(parse_selector)
