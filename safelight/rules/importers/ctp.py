"""Scripts of the CTP DICOM anonymizer, and of the RSNA anonymizer, which look alike."""

from __future__ import annotations

import re

from safelight.rules.importers.rules_file_builder import (
    RulesFileBuilder,
    RulesImportError,
    pseudonym_action,
)

_LINE = re.compile(
    r"<(?P<kind>[epkr])\b(?P<attributes>[^>]*?)(?:/>|>(?P<script>.*?)</(?P=kind)>)", re.DOTALL
)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*["']([^"']*)["']""")
_CALL = re.compile(r"@(?P<name>\w+)(?:\((?P<arguments>[^()]*)\))?\s*(?P<rest>.*)", re.DOTALL)
_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}

#: Function → action; ``None`` asks for the pseudonym that fits the element's VR.
_ACTIONS: dict[str, str | None] = {
    "remove": "remove", "empty": "empty", "keep": "keep", "require": "keep", "process": "keep",
    "hashuid": "uid", "uid": "uid", "incrementdate": "shift", "hashdate": "shift",
    "modifydate": "shift", "dateinterval": "shift", "hashptid": None, "ptid": None, "hash": None,
    "acc": None, "hashname": None, "lookup": None, "integer": None, "round": None,
    "initials": "remove", "encrypt": "remove", "date": "remove", "time": "remove",
    "truncate": "remove", "lowercase": "remove", "uppercase": "remove", "blank": "empty",
}  # fmt: skip

_CHANGED = {
    "require": "kept where it is; a missing element is not made up",
    "lookup": "a lookup table has no counterpart; replaced by a keyed pseudonym",
    "round": "rounding has no counterpart; ages above 89 years become 090Y",
    "initials": "initials identify; removed",
    "encrypt": "originals stand encrypted in the mapping table; removed here",
    "date": "a fresh date has no counterpart; removed",
    "time": "a fresh time has no counterpart; removed",
    "truncate": "a shortened original may identify; removed",
    "lowercase": "an original in other letters identifies; removed",
    "uppercase": "an original in other letters identifies; removed",
}

#: Only the RSNA anonymizer has these; there an empty script keeps the element.
_RSNA_ONLY = re.compile(r">@(uid|acc|hashdate|ptid)<")


def read(text: str, builder: RulesFileBuilder) -> None:
    """Read a script into a builder."""
    if "<script" not in text:
        raise RulesImportError(f"{builder.file} has no <script> element")
    parameters: dict[str, str] = {}
    blank_keeps = bool(_RSNA_ONLY.search(text))
    for match in _LINE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        attributes = dict(_ATTRIBUTE.findall(match["attributes"]))
        script = _unescape((match["script"] or "").strip())
        on = attributes.get("en", "T").upper() == "T"
        tag = attributes.get("t", "")
        if match["kind"] == "p":
            parameters[tag] = script
        elif match["kind"] == "r":
            _global(tag, on, line, builder)
        elif match["kind"] == "k":
            if on:
                builder.remark(line, f"group {tag} kept whole: the profile decides on its elements")
        elif on:
            _element(tag, script, line, builder, parameters, blank_keeps)


def _unescape(text: str) -> str:
    for entity, character in _ENTITIES.items():
        text = text.replace(entity, character)
    return text


def _global(what: str, on: bool, line: int, builder: RulesFileBuilder) -> None:
    if what == "unspecifiedelements" and on:
        builder.default = "remove"
    elif what == "privategroups" and not on:
        builder.remark(line, "private groups kept: here removed; see option retain_safe_private")
    elif what in ("curves", "overlays") and not on:
        builder.remark(line, f"{what} kept: here removed; see option clean_graphics")


def _selector(tag: str) -> str | None:
    tag = tag.strip("()[] ").replace(",", "")
    if match := re.fullmatch(r"([0-9A-Fa-f]{4})\[(.+)\]([0-9A-Fa-f]{2})", tag):
        return f'({match[1]},"{match[2]}",{match[3]})'
    if re.fullmatch(r"[0-9A-Fa-f]{8}", tag) and int(tag[:4], 16) % 2 == 0:
        return f"({tag[:4]},{tag[4:]})"
    return None


def _element(
    tag: str,
    script: str,
    line: int,
    builder: RulesFileBuilder,
    parameters: dict[str, str],
    blank_keeps: bool,
) -> None:
    selector = _selector(tag)
    if selector is None:
        if not script.startswith("@remove"):
            builder.remark(line, f"left out: private element {tag} without its creator")
        return
    if tag.upper().startswith("FFFE") or tag.startswith(("00120062", "00120063", "00120064")):
        return  # delimiters, and the marks that every output carries anyway
    if not script:
        if blank_keeps:
            builder.rule(line, selector, "keep")
        return
    call = _CALL.fullmatch(script)
    if call is None:
        builder.rule(line, selector, "literal", script)
        return
    name = call["name"].lower()
    if name == "always":
        _element(tag, call["rest"], line, builder, parameters, blank_keeps)
    elif name == "param":
        value = parameters.get((call["arguments"] or "").strip("@ "))
        if value:
            builder.rule(line, selector, "literal", value)
        else:
            builder.remark(line, "left out: a parameter without a value")
    elif name in _ACTIONS and not call["rest"]:
        builder.rule(line, selector, _ACTIONS[name] or pseudonym_action(selector))
        if name in _CHANGED:
            builder.remark(line, f"@{name}: {_CHANGED[name]}")
    else:
        builder.rule(line, selector, "remove")
        builder.remark(line, f"@{name} has no counterpart; removed")
