"""Configurations of Microsoft's DICOM anonymizer (JSON)."""

from __future__ import annotations

import re

from safelight.rules.importers.draft import Draft, ImportProblem, pseudonym_action
from safelight.rules.yaml_node import RulesError, Value, read_document

_ACTIONS: dict[str, str | None] = {
    "keep": "keep", "redact": "empty", "remove": "remove", "dateshift": "shift",
    "refreshuid": "uid", "cryptohash": None, "encrypt": None, "perturb": "remove",
    "substitute": "literal",
}  # fmt: skip

_CHANGED = {
    "encrypt": "originals stand encrypted in the mapping table; replaced by a keyed pseudonym",
    "perturb": "noise has no counterpart; removed",
}

_PRIVATE = re.compile(r"\(...[13579BDFbdf],")

#: What the tool writes when a substitute is not given.
_SUBSTITUTE = "Anonymous"


def read(text: str, draft: Draft) -> None:
    """Read a configuration into a draft."""
    try:
        root = read_document(text, draft.file).section(None)
        substitute = _replacement(root.get("defaultSettings"), "substitute") or _SUBSTITUTE
        for one in root.need("rules").items():
            _rule(one, draft, substitute)
    except RulesError as error:
        raise ImportProblem(str(error)) from None


def _replacement(value: Value | None, *path: str) -> str | None:
    """``replaceWith`` in a section, or in one below it; ``None`` if it is not given."""
    for name in (*path, "replaceWith"):
        value = value.section(None).get(name) if value else None
    return value.text() if value else None


def _rule(value: Value, draft: Draft, default: str) -> None:
    rule = value.section(None)
    method = rule.need("method").text().lower()
    selector = _selector(rule.need("tag").text())
    if _PRIVATE.match(selector):
        if method != "remove":
            draft.remark(value.line, "left out: private elements without their creator")
        return
    if method not in _ACTIONS:
        draft.rule(value.line, selector, "remove")
        draft.remark(value.line, f"method {method} has no counterpart; removed")
        return
    action = _ACTIONS[method] or pseudonym_action(selector)
    substitute = None
    if action == "literal":
        substitute = _replacement(rule.get("params")) or default
    draft.rule(value.line, selector, action, substitute)
    if method in _CHANGED:
        draft.remark(value.line, f"{method}: {_CHANGED[method]}")


def _selector(tag: str) -> str:
    """Their tags, masks and keywords are ours; a bare VR needs its braces."""
    if re.fullmatch(r"[A-Z]{2}", tag):
        return f"{{{tag}}}"
    if match := re.fullmatch(r"\(?([0-9A-Fa-fxX]{4}),?\s*([0-9A-Fa-fxX]{4})\)?", tag):
        return f"({match[1]},{match[2]})"
    return tag
