"""Parse ``options`` and ``elements`` of a rules file."""

from __future__ import annotations

import re

from safelight.rules.model import RuleEntry
from safelight.rules.operations import Operation
from safelight.rules.parsing.yaml_node import YamlNode
from safelight.rules.selectors import parse_selector
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
}


def parse_option(node: YamlNode) -> Option:
    """Return an option by its name in PS3.15 (spaces or underscores) or its CID 7050 code."""
    text = re.sub(r"[\s_-]+", "_", node.as_text().strip().lower())
    text = text.replace("longitudinal_temporal_information_", "long_").removesuffix("_option")
    for option in Option:
        if text in (option.value, option.code):
            return option
    raise node.make_error(f"an option of PS3.15 ({', '.join(Option)}), not {node.as_text()}")


def parse_entry(node: YamlNode, name: str, index: int) -> list[RuleEntry]:
    """Return the rules of one entry of ``elements``, one for each of its tags.

    Parameters
    ----------
    node : YamlNode
    name : str
        Name of the rule set.
    index : int
        Index of the entry in ``elements``.
    """
    entry = node.as_mapping(("tag", "action", "value", "reason"))
    action_node = entry.require("action")
    action = action_node.as_choice(tuple(ACTIONS))
    value = entry.get("value")
    if (action == "literal") != (value is not None):
        raise action_node.make_error("a value for the action literal, and for no other action")
    reason = entry.get("reason")
    rules = []
    for tag in entry.require("tag").as_list_or_single():
        try:
            selector = parse_selector(tag.as_text())
        except ValueError as error:
            raise tag.make_error(str(error)) from None
        rules.append(
            RuleEntry(
                selector,
                action,
                ACTIONS[action],
                value.as_text() if value else None,
                reason.as_text() if reason else "",
                f"{name} elements[{index}]",
                tag.line,
            )
        )
    return rules
