"""Read ``options`` and ``elements`` of a rules file."""

from __future__ import annotations

import re

from safelight.rules.model import RuleEntry
from safelight.rules.operations import Operation
from safelight.rules.parsing.yaml_node import YamlNode
from safelight.rules.selectors import parse_selector
from safelight.standard.options import Option

#: Actions of ``elements``: letters of PS3.15 and names. C, D and U depend on the VR.
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


def read_option(value: YamlNode) -> Option:
    """An option by its name in PS3.15 (spaces or underscores), or by its code in CID 7050."""
    text = re.sub(r"[\s_-]+", "_", value.text().strip().lower())
    text = text.replace("longitudinal_temporal_information_", "long_").removesuffix("_option")
    for option in Option:
        if text in (option.value, option.code):
            return option
    raise value.error(f"an option of PS3.15 ({', '.join(Option)}), not {value.text()}")


def read_element(value: YamlNode, name: str, index: int) -> list[RuleEntry]:
    """The rules of one entry, one for each of its tags."""
    section = value.section(("tag", "action", "value", "reason"))
    action = section.need("action")
    word = action.one_of(tuple(ACTIONS))
    literal = section.get("value")
    if (word == "literal") != (literal is not None):
        raise action.error("a value with action literal, and with no other action")
    reason = section.get("reason")
    rules = []
    for tag in section.need("tag").texts():
        try:
            selector = parse_selector(tag.text())
        except ValueError as error:
            raise tag.error(str(error)) from None
        rules.append(
            RuleEntry(
                selector,
                word,
                ACTIONS[word],
                literal.text() if literal else None,
                reason.text() if reason else "",
                f"{name} elements[{index}]",
                tag.line,
            )
        )
    return rules
