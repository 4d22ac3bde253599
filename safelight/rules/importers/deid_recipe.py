"""Import recipes of pydicom/deid: the section ``%header``. Pixel filters are not needed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.rules.importers.rules_file_builder import (
    RulesFileBuilder,
    RulesImportError,
    choose_pseudonym_action,
    is_keyword,
)

#: Actions of a recipe, the one with the highest precedence first. Their order in the recipe does
#: not matter in deid.
_PRECEDENCE = ("KEEP", "ADD", "REPLACE", "JITTER", "REMOVE", "BLANK")
_ACTIONS = {"KEEP": "keep", "JITTER": "shift", "REMOVE": "remove", "BLANK": "empty"}


@dataclass(frozen=True)
class _RecipeLine:
    """One line of the section ``%header``."""

    number: int
    action: str
    field: str
    value: str


def read_recipe(text: str, builder: RulesFileBuilder) -> None:
    """Read a recipe.

    Parameters
    ----------
    text : str
    builder : RulesFileBuilder
        Receives the rules and remarks.

    Raises
    ------
    RulesImportError
        If the text is not a recipe, or has a line without a known action.
    """
    if "FORMAT dicom" not in text:
        raise RulesImportError(f"{builder.file} has no line FORMAT dicom")
    section, lines = "", []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if line.startswith("%"):
            section = line.split()[0]
            if section == "%filter":
                builder.add_remark(
                    number, f"{line}: not needed, because the pixel stage searches all pixels"
                )
            elif section in ("%fields", "%values"):
                builder.add_remark(number, f"{line}: named groups have no counterpart")
        elif section == "%header" and line:
            words = line.split(None, 2)
            if len(words) < 2 or words[0] not in _PRECEDENCE:
                raise RulesImportError(
                    f"{builder.file}, line {number}: expected an action of %header and a field"
                )
            value = words[2] if len(words) > 2 else ""
            lines.append(_RecipeLine(number, words[0], words[1], value))
    for one in sorted(lines, key=lambda line: _PRECEDENCE.index(line.action)):
        _add_rules(one, builder)


def _add_rules(line: _RecipeLine, builder: RulesFileBuilder) -> None:
    """Add the rules for one line of the recipe."""
    if line.action == "ADD":
        builder.add_remark(line.number, f"ADD {line.field}: elements are not added")
        return
    selectors = _convert_field(line.field)
    if selectors is None:
        builder.add_remark(line.number, f"left out: {line.field} has no counterpart")
        return
    for selector in selectors:
        if selector.isalnum() and not is_keyword(selector):
            builder.add_remark(line.number, f"left out: {selector} is not a keyword of DICOM")
            continue
        if line.action in ("REMOVE", "BLANK") and _may_select_uids(selector):
            builder.add_rule(line.number, "{UI}", "uid")
            builder.add_remark(line.number, "UIDs are mapped, so that objects remain readable")
            if choose_pseudonym_action(selector) == "uid":
                continue
        if line.action == "REPLACE":
            _add_replacement_rule(line, selector, builder)
        else:
            builder.add_rule(line.number, selector, _ACTIONS[line.action])


def _add_replacement_rule(line: _RecipeLine, selector: str, builder: RulesFileBuilder) -> None:
    """Add the rule for the action REPLACE: a pseudonym for a variable, else a fixed value."""
    if line.value.startswith(("var:", "func:", "deid_func:")):
        action = choose_pseudonym_action(selector)
        builder.add_rule(line.number, selector, action)
        builder.add_remark(line.number, f"{line.value.split(':')[0]}: becomes the action {action}")
    else:
        builder.add_rule(line.number, selector, "literal", line.value)


def _convert_field(field: str) -> list[str] | None:
    """Return the selectors for a field or an expander; None if there is no counterpart."""
    if match := re.fullmatch(r"\(?([0-9A-Fa-f]{4}),?\s*([0-9A-Fa-f]{4})\)?", field):
        return [f"({match[1]},{match[2]})"]
    expander, colon, rest = field.partition(":")
    if not colon:
        return ["*"] if field.lower() == "all" else [field]
    if not re.fullmatch(r"[A-Za-z0-9|]+", rest):
        return [f"{{{rest[3:]}}}"] if field.startswith("select:VR:") else None
    patterns = {"startswith": "{}*", "endswith": "*{}", "contains": "*{}*"}
    pattern = patterns.get(expander.lower())
    return [pattern.format(word) for word in rest.split("|")] if pattern else None


def _may_select_uids(selector: str) -> bool:
    """Return whether a selector may select elements of VR UI."""
    return selector in ("*", "{UI}") or "UID" in selector or selector in ("*ID", "*ID*", "*IDs")
