"""Recipes of pydicom/deid: the ``%header`` section; pixel filters are the pixel stage's work."""

from __future__ import annotations

import re
from dataclasses import dataclass

from safelight.rules.importers.draft import Draft, ImportProblem, known_keyword, pseudonym_action

#: In deid a stronger action wins over a weaker one, wherever they stand in the recipe.
_STRENGTH = ("KEEP", "ADD", "REPLACE", "JITTER", "REMOVE", "BLANK")
_PLAIN = {"KEEP": "keep", "JITTER": "shift", "REMOVE": "remove", "BLANK": "empty"}


@dataclass(frozen=True)
class _Line:
    number: int
    action: str
    field: str
    value: str


def read(text: str, draft: Draft) -> None:
    """Read a recipe into a draft."""
    if "FORMAT dicom" not in text:
        raise ImportProblem(f"{draft.file} has no line FORMAT dicom")
    section, lines = "", []
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.split("#", 1)[0].strip()
        if line.startswith("%"):
            section = line.split()[0]
            if section == "%filter":
                draft.remark(number, f"{line}: left to the pixel stage, which reads all pixels")
            elif section in ("%fields", "%values"):
                draft.remark(number, f"{line}: named groups have no counterpart")
        elif section == "%header" and line:
            words = line.split(None, 2)
            if len(words) < 2 or words[0] not in _STRENGTH:
                raise ImportProblem(f"{draft.file}, line {number}: no action of %header")
            lines.append(_Line(number, words[0], words[1], words[2] if len(words) > 2 else ""))
    for one in sorted(lines, key=lambda line: _STRENGTH.index(line.action)):
        _rule(one, draft)


def _rule(line: _Line, draft: Draft) -> None:
    if line.action == "ADD":
        draft.remark(line.number, f"ADD {line.field}: elements are not added")
        return
    selectors = _selectors(line.field)
    if selectors is None:
        draft.remark(line.number, f"left out: {line.field} has no counterpart")
        return
    for selector in selectors:
        if selector.isalnum() and not known_keyword(selector):
            draft.remark(line.number, f"left out: {selector} is no keyword of DICOM")
            continue
        if line.action in ("REMOVE", "BLANK") and _may_be_uid(selector):
            draft.rule(line.number, "{UI}", "uid")
            draft.remark(line.number, "UIDs are mapped, so that the objects stay readable")
            if pseudonym_action(selector) == "uid":
                continue
        if line.action == "REPLACE":
            _replace(line, selector, draft)
        else:
            draft.rule(line.number, selector, _PLAIN[line.action])


def _replace(line: _Line, selector: str, draft: Draft) -> None:
    if line.value.startswith(("var:", "func:", "deid_func:")):
        action = pseudonym_action(selector)
        draft.rule(line.number, selector, action)
        draft.remark(line.number, f"{line.value.split(':')[0]}: becomes the action {action}")
    else:
        draft.rule(line.number, selector, "literal", line.value)


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
