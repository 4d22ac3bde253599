"""Import configurations of Microsoft's DICOM anonymizer (JSON)."""

from __future__ import annotations

import re

from safelight.rules.importers.rules_file_builder import (
    RulesFileBuilder,
    RulesImportError,
    choose_pseudonym_action,
)
from safelight.rules.parsing.yaml_node import RulesError, YamlNode, parse_document

#: Action of each method; None is the pseudonym that fits the VR of the element.
_ACTIONS: dict[str, str | None] = {
    "keep": "keep", "redact": "empty", "remove": "remove", "dateshift": "shift",
    "refreshuid": "uid", "cryptohash": None, "encrypt": None, "perturb": "remove",
    "substitute": "literal",
}  # fmt: skip

#: Remarks on methods whose action differs from the method.
_REMARKS = {
    "encrypt": "the mapping table holds the encrypted originals; replaced by a keyed pseudonym",
    "perturb": "noise has no counterpart; removed",
}

_PRIVATE_TAG = re.compile(r"\(...[13579BDFbdf],")

#: Default of the tool for the value of a substitute.
_DEFAULT_SUBSTITUTE = "Anonymous"


def read_configuration(text: str, builder: RulesFileBuilder) -> None:
    """Read a configuration.

    Parameters
    ----------
    text : str
    builder : RulesFileBuilder
        Receives the rules and remarks.

    Raises
    ------
    RulesImportError
        If the text is not a configuration.
    """
    try:
        root = parse_document(text, builder.file).as_mapping(None)
        configured = _find_substitute(root.get("defaultSettings"), "substitute")
        substitute = configured or _DEFAULT_SUBSTITUTE
        for one in root.require("rules").as_list():
            _add_rule(one, builder, substitute)
    except RulesError as error:
        raise RulesImportError(str(error)) from None


def _find_substitute(node: YamlNode | None, *path: str) -> str | None:
    """Return ``replaceWith`` of a mapping, or of one inside it; None if it is missing."""
    for name in (*path, "replaceWith"):
        node = node.as_mapping(None).get(name) if node else None
    return node.as_text() if node else None


def _add_rule(node: YamlNode, builder: RulesFileBuilder, default_substitute: str) -> None:
    """Add the rule for one entry of ``rules``."""
    rule = node.as_mapping(None)
    method = rule.require("method").as_text().lower()
    selector = _convert_selector(rule.require("tag").as_text())
    if _PRIVATE_TAG.match(selector):
        if method != "remove":
            builder.add_remark(node.line, "left out: private elements without their creator")
        return
    if method not in _ACTIONS:
        builder.add_rule(node.line, selector, "remove")
        builder.add_remark(node.line, f"method {method} has no counterpart; removed")
        return
    action = _ACTIONS[method] or choose_pseudonym_action(selector)
    substitute = None
    if action == "literal":
        substitute = _find_substitute(rule.get("params")) or default_substitute
    builder.add_rule(node.line, selector, action, substitute)
    if method in _REMARKS:
        builder.add_remark(node.line, f"{method}: {_REMARKS[method]}")


def _convert_selector(tag: str) -> str:
    """Return the selector for a tag of the tool: a VR gets braces, other forms are the same."""
    if re.fullmatch(r"[A-Z]{2}", tag):
        return f"{{{tag}}}"
    if match := re.fullmatch(r"\(?([0-9A-Fa-fxX]{4}),?\s*([0-9A-Fa-fxX]{4})\)?", tag):
        return f"({match[1]},{match[2]})"
    return tag
