"""Configurations of Microsoft's DICOM anonymizer (JSON)."""

from __future__ import annotations

import re

from safelight.rules.importers.rules_file_builder import (
    RulesFileBuilder,
    RulesImportError,
    pseudonym_action,
)
from safelight.rules.parsing.yaml_node import RulesError, YamlNode, read_document

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


def read(text: str, builder: RulesFileBuilder) -> None:
    """Read a configuration into a builder."""
    try:
        root = read_document(text, builder.file).section(None)
        substitute = _replacement(root.get("defaultSettings"), "substitute") or _SUBSTITUTE
        for one in root.need("rules").items():
            _rule(one, builder, substitute)
    except RulesError as error:
        raise RulesImportError(str(error)) from None


def _replacement(value: YamlNode | None, *path: str) -> str | None:
    """``replaceWith`` in a section, or in one below it; ``None`` if it is not given."""
    for name in (*path, "replaceWith"):
        value = value.section(None).get(name) if value else None
    return value.text() if value else None


def _rule(value: YamlNode, builder: RulesFileBuilder, default: str) -> None:
    rule = value.section(None)
    method = rule.need("method").text().lower()
    selector = _selector(rule.need("tag").text())
    if _PRIVATE.match(selector):
        if method != "remove":
            builder.remark(value.line, "left out: private elements without their creator")
        return
    if method not in _ACTIONS:
        builder.rule(value.line, selector, "remove")
        builder.remark(value.line, f"method {method} has no counterpart; removed")
        return
    action = _ACTIONS[method] or pseudonym_action(selector)
    substitute = None
    if action == "literal":
        substitute = _replacement(rule.get("params")) or default
    builder.rule(value.line, selector, action, substitute)
    if method in _CHANGED:
        builder.remark(value.line, f"{method}: {_CHANGED[method]}")


def _selector(tag: str) -> str:
    """Their tags, masks and keywords are ours; a bare VR needs its braces."""
    if re.fullmatch(r"[A-Z]{2}", tag):
        return f"{{{tag}}}"
    if match := re.fullmatch(r"\(?([0-9A-Fa-fxX]{4}),?\s*([0-9A-Fa-fxX]{4})\)?", tag):
        return f"({match[1]},{match[2]})"
    return tag
