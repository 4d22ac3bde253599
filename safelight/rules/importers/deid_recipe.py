"""Recipes of pydicom/deid: the ``%header`` section; pixel filters are the pixel stage's work."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.rules.importers.rules_file_builder import (
    RulesFileBuilder,
    RulesImportError,
    known_keyword,
    pseudonym_action,
)

#: In deid a stronger action wins over a weaker one, wherever they stand in the recipe.
_STRENGTH = ("KEEP", "ADD", "REPLACE", "JITTER", "REMOVE", "BLANK")
_PLAIN = {"KEEP": "keep", "JITTER": "shift", "REMOVE": "remove", "BLANK": "empty"}


@dataclass(frozen=True)
class _Line:
    number: int
    action: str
    field: str
    value: str


def read(text: str, builder: RulesFileBuilder) -> None:
    """Read a recipe into a builder."""
    if "FORMAT dicom" not in text:
        raise RulesImportError(f"{builder.file} has no line FORMAT dicom")
    section, lines = "", []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if line.startswith("%"):
            section = line.split()[0]
            if section == "%filter":
                builder.remark(number, f"{line}: left to the pixel stage, which reads all pixels")
            elif section in ("%fields", "%values"):
                builder.remark(number, f"{line}: named groups have no counterpart")
        elif section == "%header" and line:
            words = line.split(None, 2)
            if len(words) < 2 or words[0] not in _STRENGTH:
                raise RulesImportError(f"{builder.file}, line {number}: no action of %header")
            lines.append(_Line(number, words[0], words[1], words[2] if len(words) > 2 else ""))
    for one in sorted(lines, key=lambda line: _STRENGTH.index(line.action)):
        _rule(one, builder)


def _rule(line: _Line, builder: RulesFileBuilder) -> None:
    if line.action == "ADD":
        builder.remark(line.number, f"ADD {line.field}: elements are not added")
        return
    selectors = _selectors(line.field)
    if selectors is None:
        builder.remark(line.number, f"left out: {line.field} has no counterpart")
        return
    for selector in selectors:
        if selector.isalnum() and not known_keyword(selector):
            builder.remark(line.number, f"left out: {selector} is no keyword of DICOM")
            continue
        if line.action in ("REMOVE", "BLANK") and _may_be_uid(selector):
            builder.rule(line.number, "{UI}", "uid")
            builder.remark(line.number, "UIDs are mapped, so that the objects stay readable")
            if pseudonym_action(selector) == "uid":
                continue
        if line.action == "REPLACE":
            _replace(line, selector, builder)
        else:
            builder.rule(line.number, selector, _PLAIN[line.action])


def _replace(line: _Line, selector: str, builder: RulesFileBuilder) -> None:
    if line.value.startswith(("var:", "func:", "deid_func:")):
        action = pseudonym_action(selector)
        builder.rule(line.number, selector, action)
        builder.remark(line.number, f"{line.value.split(':')[0]}: becomes the action {action}")
    else:
        builder.rule(line.number, selector, "literal", line.value)


def _selectors(field: str) -> list[str] | None:
    """Selectors for a field or an expander; ``None`` if there is no way to say it."""
    if match := re.fullmatch(r"\(?([0-9A-Fa-f]{4}),?\s*([0-9A-Fa-f]{4})\)?", field):
        return [f"({match[1]},{match[2]})"]
    expander, colon, rest = field.partition(":")
    if not colon:
        return ["*"] if field.lower() == "all" else [field]
    if not re.fullmatch(r"[A-Za-z0-9|]+", rest):
        return [f"{{{rest[3:]}}}"] if field.startswith("select:VR:") else None
    forms = {"startswith": "{}*", "endswith": "*{}", "contains": "*{}*"}
    form = forms.get(expander.lower())
    return [form.format(word) for word in rest.split("|")] if form else None


def _may_be_uid(selector: str) -> bool:
    return selector in ("*", "{UI}") or "UID" in selector or selector in ("*ID", "*ID*", "*IDs")
