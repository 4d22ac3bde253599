"""Import scripts of the CTP DICOM anonymizer, and of the RSNA anonymizer, which are similar."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from safelight.rules.importers.rules_file_builder import (
    RulesFileBuilder,
    RulesImportError,
    choose_pseudonym_action,
)

_LINE = re.compile(
    r"<(?P<kind>[epkr])\b(?P<attributes>[^>]*?)(?:/>|>(?P<script>.*?)</(?P=kind)>)", re.DOTALL
)
_ATTRIBUTE = re.compile(r"""(\w+)\s*=\s*["']([^"']*)["']""")
_CALL = re.compile(r"@(?P<name>\w+)(?:\((?P<arguments>[^()]*)\))?\s*(?P<rest>.*)", re.DOTALL)
_XML_ENTITIES = {"&lt;": "<", "&gt;": ">", "&quot;": '"', "&apos;": "'", "&amp;": "&"}

#: Action of each function; None is the pseudonym that fits the VR of the element.
_ACTIONS: dict[str, str | None] = {
    "remove": "remove", "empty": "empty", "keep": "keep", "require": "keep", "process": "keep",
    "hashuid": "uid", "uid": "uid", "incrementdate": "shift", "hashdate": "shift",
    "modifydate": "shift", "dateinterval": "shift", "hashptid": None, "ptid": None, "hash": None,
    "acc": None, "hashname": None, "lookup": None, "integer": None, "round": None,
    "initials": "remove", "encrypt": "remove", "date": "remove", "time": "remove",
    "truncate": "remove", "lowercase": "remove", "uppercase": "remove", "blank": "empty",
}  # fmt: skip

#: Remarks on functions whose action differs from the function.
_REMARKS = {
    "require": "kept if present; a missing element is not created",
    "lookup": "a lookup table has no counterpart; replaced by a keyed pseudonym",
    "round": "rounding has no counterpart; ages above 89 years become 090Y",
    "initials": "initials identify; removed",
    "encrypt": "the mapping table holds the encrypted originals; removed here",
    "date": "the current date has no counterpart; removed",
    "time": "the current time has no counterpart; removed",
    "truncate": "a shortened original may identify; removed",
    "lowercase": "an original in lower case identifies; removed",
    "uppercase": "an original in upper case identifies; removed",
}

#: Functions that only the RSNA anonymizer has. There, an empty script keeps the element.
_RSNA_FUNCTION = re.compile(r">@(uid|acc|hashdate|ptid)<")

#: The de-identification labels, which the output receives in any case.
_LABEL_TAGS = ("00120062", "00120063", "00120064")


@dataclass
class _Script:
    """State of the import of one script."""

    builder: RulesFileBuilder
    empty_script_keeps: bool
    parameters: dict[str, str] = field(default_factory=dict)


def read_script(text: str, builder: RulesFileBuilder) -> None:
    """Read a script.

    Parameters
    ----------
    text : str
    builder : RulesFileBuilder
        Receives the rules and remarks.

    Raises
    ------
    RulesImportError
        If the text is not a script.
    """
    if "<script" not in text:
        raise RulesImportError(f"{builder.file} has no <script> element")
    script = _Script(builder, bool(_RSNA_FUNCTION.search(text)))
    for match in _LINE.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        attributes = dict(_ATTRIBUTE.findall(match["attributes"]))
        function = _unescape((match["script"] or "").strip())
        is_enabled = attributes.get("en", "T").upper() == "T"
        tag = attributes.get("t", "")
        if match["kind"] == "p":
            script.parameters[tag] = function
        elif match["kind"] == "r":
            _add_global_rule(tag, is_enabled, line, builder)
        elif match["kind"] == "k" and is_enabled:
            builder.add_remark(
                line, f"group {tag} is kept as a whole there; here the profile decides"
            )
        elif match["kind"] == "e" and is_enabled:
            _add_element_rule(tag, function, line, script)


def _unescape(text: str) -> str:
    """Return a text with its XML entities replaced."""
    for entity, character in _XML_ENTITIES.items():
        text = text.replace(entity, character)
    return text


def _add_global_rule(name: str, is_enabled: bool, line: int, builder: RulesFileBuilder) -> None:
    """Add a rule for groups of elements."""
    if name == "unspecifiedelements" and is_enabled:
        builder.default = "remove"
    elif name == "privategroups" and not is_enabled:
        builder.add_remark(
            line, "private groups are kept there; here removed, see the option retain_safe_private"
        )
    elif name in ("curves", "overlays") and not is_enabled:
        builder.add_remark(
            line, f"{name} are kept there; here removed, see the option clean_graphics"
        )


def _convert_selector(tag: str) -> str | None:
    """Return the selector for a tag of a script; None for private elements without a creator."""
    tag = tag.strip("()[] ").replace(",", "")
    if match := re.fullmatch(r"([0-9A-Fa-f]{4})\[(.+)\]([0-9A-Fa-f]{2})", tag):
        return f'({match[1]},"{match[2]}",{match[3]})'
    if re.fullmatch(r"[0-9A-Fa-f]{8}", tag) and int(tag[:4], 16) % 2 == 0:
        return f"({tag[:4]},{tag[4:]})"
    return None


def _add_element_rule(tag: str, function: str, line: int, script: _Script) -> None:
    """Add the rule for one element."""
    builder = script.builder
    selector = _convert_selector(tag)
    if selector is None:
        if not function.startswith("@remove"):
            builder.add_remark(line, f"left out: private element {tag} without its creator")
        return
    if tag.upper().startswith("FFFE") or tag.startswith(_LABEL_TAGS):
        return  # delimiters, and labels that every output receives
    call = _CALL.fullmatch(function)
    if not function:
        if script.empty_script_keeps:
            builder.add_rule(line, selector, "keep")
    elif call is None:
        builder.add_rule(line, selector, "literal", function)
    elif call["name"].lower() == "always":
        _add_element_rule(tag, call["rest"], line, script)
    else:
        _add_function_rule(call, selector, line, script)


def _add_function_rule(call: re.Match[str], selector: str, line: int, script: _Script) -> None:
    """Add the rule for an element whose script calls a function."""
    builder, name = script.builder, call["name"].lower()
    if name == "param":
        value = script.parameters.get((call["arguments"] or "").strip("@ "))
        if value:
            builder.add_rule(line, selector, "literal", value)
        else:
            builder.add_remark(line, "left out: a parameter without a value")
    elif name in _ACTIONS and not call["rest"]:
        builder.add_rule(line, selector, _ACTIONS[name] or choose_pseudonym_action(selector))
        if name in _REMARKS:
            builder.add_remark(line, f"@{name}: {_REMARKS[name]}")
    else:
        builder.add_rule(line, selector, "remove")
        builder.add_remark(line, f"@{name} has no counterpart; removed")
