"""Import scripts of the CTP DICOM anonymizer, and of the RSNA anonymizer, which are similar."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from safelight.rules.importers.ctp.functions import Call, ScriptParts, parse_script
from safelight.rules.importers.ctp.outcomes import ElementScript, Outcome, strip_always
from safelight.rules.importers.ctp.properties_script import (
    is_properties_script,
    read_property_lines,
)
from safelight.rules.importers.ctp.xml_script import ScriptLine, read_script_lines
from safelight.rules.importers.element_names import convert_element_name
from safelight.rules.importers.models import ConditionNode, ImportedRule, RulesImportError
from safelight.rules.importers.pseudonym_actions import choose_private_vr, choose_vr
from safelight.rules.importers.rules_file_builder import RulesFileBuilder
from safelight.rules.references import SIBLING_PREFIX

#: The RSNA anonymizer writes functions without parentheses, CTP never does.
_RSNA_FUNCTION = re.compile(r"@(uid|acc|hashdate|ptid)")

#: Functions that may leave the original value in the new object.
_RETAINING = re.compile(
    r"@\s*(?:keep|require|contents|value|truncate|uppercase|lowercase|append|lookup|process)",
    re.IGNORECASE,
)

#: Attributes that the RSNA anonymizer replaces by the pseudonym, whatever the script says.
_RSNA_PSEUDONYMS = {"(0010,0010)": "name", "(0010,0020)": "patient_id"}

#: The de-identification labels, which follow from what is done to an object.
_LABEL_TAGS = ("00120062", "00120063", "00120064")

#: Options that the codes in the script for (0012,0064) name, where they do not keep originals.
_DATE_OPTION_CODE = "113107"

#: VRs of attributes that a kept group does not keep: the profile decides on them.
_NOT_KEPT_WITH_GROUP = ("{DA}", "{DT}", "{TM}", "{PN}", "{UI}", "{LT}", "{ST}", "{UT}")
#: Repeating groups that a line removes.
_GRAPHICS = {"curves": "(50xx,xxxx)", "overlays": "(60xx,xxxx)"}

#: Remark on a keep-list.
_NEEDED_STAYS = (
    "what the object needs stays, although no line names it: identifiers, the description of the "
    "pixels, attributes of Type 1"
)
_PREFIX = re.compile(r"[A-Za-z0-9_-]{1,16}")
_TAG = re.compile(r"[0-9A-Fa-f]{8}")


@dataclass
class _Script:
    """State of the import of one script."""

    builder: RulesFileBuilder
    is_rsna: bool
    parameters: dict[str, str] = field(default_factory=dict)
    titles: dict[str, str] = field(default_factory=dict)
    creators: dict[str, str] = field(default_factory=dict)
    retained: frozenset[str] = frozenset()


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
    try:
        is_older = is_properties_script(text) and not text.lstrip("\ufeff \t\r\n").startswith("<")
        lines = read_property_lines(text) if is_older else read_script_lines(text)
    except ValueError as error:
        raise RulesImportError(f"{builder.file} is not a script: {error}") from None
    script = _Script(builder, _is_rsna(lines))
    script.parameters = {line.name: line.text.strip() for line in lines if line.kind == "p"}
    if script.is_rsna:
        builder.default = "remove"
        builder.add_remark(1, _NEEDED_STAYS, is_downgrade=False)
        lines = [replace(line, is_enabled=True) if line.kind == "e" else line for line in lines]
    enabled = [line for line in lines if line.is_enabled]
    for line in lines:
        if line.kind == "r":
            _add_global_rule(line, builder)
    # CTP reads a script into a table: of two lines for a tag, the last one decides.
    by_tag = {_normalize(line.name): line for line in enabled if line.kind == "e"}
    script.creators = _list_creators(by_tag)
    script.titles = {
        line.title: selector
        for tag, line in by_tag.items()
        if line.title and (selector := _convert_selector(tag, script.creators))
    }
    script.retained = frozenset(
        reference
        for tag, line in by_tag.items()
        if (_RETAINING.search(line.text) or not line.text.strip())
        and (reference := convert_element_name(tag, script.titles))
    )
    for tag, line in by_tag.items():
        _add_element_rules(tag, line, script)
    for line in enabled:
        if line.kind == "k":
            _add_kept_group(line, builder)
    if builder.default == "remove" and not script.is_rsna:
        builder.add(
            0, ImportedRule("(0028,xxxx)", "keep", exceptions=_NOT_KEPT_WITH_GROUP)
        )  # CTP never removes the description of the pixels as unspecified


def _is_rsna(lines: list[ScriptLine]) -> bool:
    """Return whether a script is one of the RSNA anonymizer."""
    return any(_RSNA_FUNCTION.fullmatch(line.text.strip()) for line in lines)


def _normalize(tag: str) -> str:
    """Return a tag of a script in one form."""
    tag = tag.strip("()[] ").replace(",", "")
    return tag if "[" in tag else tag.upper()


def _add_global_rule(line: ScriptLine, builder: RulesFileBuilder) -> None:
    """Add a rule for groups of elements."""
    if line.name == "unspecifiedelements" and line.is_enabled:
        builder.default = "remove"
        builder.add_remark(line.line, _NEEDED_STAYS, is_downgrade=False)
    elif line.name == "privategroups" and not line.is_enabled:
        builder.add_remark(
            line.line,
            "private groups are kept there; here removed, see the option retain_safe_private",
        )
    elif line.name in _GRAPHICS and line.is_enabled:
        builder.add(line.line, ImportedRule(_GRAPHICS[line.name], "remove"))
    elif line.name in _GRAPHICS:
        builder.add_remark(
            line.line, f"{line.name} are kept there; here removed, see the option clean_graphics"
        )


def _add_kept_group(line: ScriptLine, builder: RulesFileBuilder) -> None:
    """Add the rule for a group whose elements are not removed as unspecified."""
    if line.name.lower().startswith("safe"):
        builder.options.append("retain_safe_private")
        return
    if builder.default != "remove":
        return  # a kept group is an exception from the removal of unspecified elements only
    digits = line.name.zfill(4)
    if not re.fullmatch(r"[0-9A-Fa-f]{4}", digits) or int(digits, 16) % 2:
        builder.add_remark(line.line, "left out: a kept group of private elements")
        return
    builder.add(
        line.line,
        ImportedRule(
            f"({digits},xxxx)", "keep", exceptions=_NOT_KEPT_WITH_GROUP,
            remark="dates, names, UIDs and long texts of the group: the profile decides",
            is_downgrade=False,
        ),
    )  # fmt: skip


def _list_creators(by_tag: Mapping[str, ScriptLine]) -> dict[str, str]:
    """Return the private creators that a script writes, by group and block: ``001310``."""
    creators = {}
    for tag, line in by_tag.items():
        name = line.text.strip().removeprefix("@always()").strip()
        if re.fullmatch(r"[0-9A-F]{3}[13579BDF]00[0-9A-F]{2}", tag) and re.fullmatch(
            r"[\w .]+", name
        ):
            creators[tag[:4] + tag[6:]] = name
    return creators


def _convert_selector(tag: str, creators: Mapping[str, str]) -> str | None:
    """Return the selector for a tag of a script; None for a private creator or another form.

    Parameters
    ----------
    tag : str
        Normalized tag.
    creators : mapping of str to str
        Private creators that the script writes; see `_list_creators`.
    """
    if creator := creators.get(tag[:6]):
        return f'({tag[:4]},"{creator}",{tag[6:]})'
    if match := re.fullmatch(r"([0-9A-Fa-f]{4})\[(.+)\]([0-9A-Fa-f]{2})", tag):
        return f'({match[1]},"{match[2]}",{match[3]})'
    if not _TAG.fullmatch(tag) or (int(tag[3], 16) % 2 and tag[4:6] == "00"):
        return None
    return f"({tag[:4]},{tag[4:]})"


def _add_element_rules(tag: str, line: ScriptLine, script: _Script) -> None:
    """Add the rules for one element."""
    builder, text = script.builder, line.text.strip()
    selector = _convert_selector(tag, script.creators)
    if selector is None:
        if not _TAG.fullmatch(tag):  # a private creator is written with the elements of its block
            builder.add_remark(line.line, "left out: a tag that has no counterpart")
        return
    if tag.startswith("FFFE"):
        return  # delimiters
    if tag.startswith(_LABEL_TAGS):
        if _DATE_OPTION_CODE in text and "@incrementdate" not in text:
            builder.options.append("retain_long_modified_dates")
        return
    if script.is_rsna and selector in _RSNA_PSEUDONYMS:
        builder.add_rule(line.line, selector, _RSNA_PSEUDONYMS[selector])
        return
    element = ElementScript(
        selector, script.parameters, script.is_rsna, script.titles, builder.add_lookup,
        script.retained,
    )  # fmt: skip
    outcomes = element.list_outcomes(text)
    prefix = _find_id_prefix(text, element)
    for outcome in outcomes:
        rule = _note_sequence(outcome, selector, text, script)
        if prefix and rule.action == "patient_id":
            builder.settings.append(f"ids: {{prefix: {prefix}}}")
            rule = ImportedRule(selector, "patient_id")
        builder.add(line.line, rule)
    if tag[:6] in script.creators:  # CTP overwrites the element, whatever its creator is
        builder.add(line.line, ImportedRule(f'({tag[:4]},"*",{tag[6:]})', "remove", depth=""))
    _add_creation(line, selector, text, outcomes, script)


def _note_sequence(outcome: Outcome, selector: str, text: str, script: _Script) -> ImportedRule:
    """Return the rule of an outcome; a remark says that the rules apply in a kept sequence too."""
    rule = outcome.to_rule()
    is_whole = rule.action == "keep" and "@process" not in text and not script.is_rsna
    if is_whole and not rule.remark and choose_vr(selector) == "SQ":
        return replace(rule, remark="the rules are applied to the items too; CTP keeps them")
    return rule


def _find_id_prefix(text: str, element: ElementScript) -> str:
    """Return the text before the pseudonym of a patient, if it can be the prefix of all."""
    if element.selector != "(0010,0020)":
        return ""
    try:
        parts = strip_always(parse_script(text))
    except ValueError:
        return ""
    if len(parts) < 2 or not _is_pseudonym(parts[-1]):
        return ""
    prefix = "".join(_resolve(part, element) for part in parts[:-1])
    return prefix if _PREFIX.fullmatch(prefix) else ""


def _is_pseudonym(part: str | Call) -> bool:
    return isinstance(part, Call) and part.name in ("hashptid", "hash", "ptid")


def _resolve(part: str | Call, element: ElementScript) -> str:
    """Return the text of a part of a composed value; a line break if it is not a constant."""
    if isinstance(part, str):
        return part
    if part.name == "param" and part.arguments:
        return element.parameters.get(part.arguments[0].strip("@ "), "\n")
    return "\n"


def _add_creation(
    line: ScriptLine, selector: str, text: str, outcomes: list[Outcome], script: _Script
) -> None:
    """Add the element to the new object if the script creates it: ``@always``, ``@require``."""
    try:
        parts: ScriptParts = parse_script(text)
    except ValueError:
        return
    is_always = bool(parts) and parts[0] == Call("always")
    first = next(iter(strip_always(parts)), "")
    if not is_always:
        return  # CTP creates no other elements
    if isinstance(first, Call) and first.name == "require":
        if first.arguments:
            _add_required(line, selector, first, script)
    else:
        for outcome in outcomes:
            _add_always(line, selector, outcome, script.builder)


def _add_always(
    line: ScriptLine, selector: str, outcome: Outcome, builder: RulesFileBuilder
) -> None:
    """Add an element whose script is applied also if the element is missing."""
    rule = outcome.to_rule()
    if outcome.is_nested or rule.action not in ("literal", "text", "quarantine", "lookup"):
        return
    if rule.when is not None and '"this"' in json.dumps(rule.when):
        builder.add_remark(line.line, f"{selector} is not created under a condition on itself")
        return
    when = _drop_sibling_prefix(rule.when)
    if rule.action == "quarantine":
        is_missing: ConditionNode = {selector: {"missing": True}}
        condition = {"all": [is_missing, when]} if when else is_missing
        builder.add_filter(line.line, "quarantine", condition, str(rule.parameters["reason"]))
        return
    if rule.action == "lookup":
        vr = choose_private_vr(selector)
        builder.add_addition(
            line.line, selector, lookup=rule.parameters, vr=vr, always=True, when=when
        )
        return
    value = str(rule.parameters["value"])
    vr = choose_private_vr(selector, value)
    builder.add_addition(line.line, selector, value, vr=vr, always=True, when=when)


def _drop_sibling_prefix(when: ConditionNode | None) -> ConditionNode | None:
    """Return a condition on elements of the object instead of the same item."""
    if when is None:
        return None
    converted: ConditionNode = json.loads(json.dumps(when).replace(f'"{SIBLING_PREFIX}', '"'))
    return converted


def _add_required(line: ScriptLine, selector: str, call: Call, script: _Script) -> None:
    """Add an element that takes the value of another one, or a default, if it is missing."""
    builder = script.builder
    other = convert_element_name(call.arguments[0], script.titles)
    if other is not None and other != "this":
        when: ConditionNode = {other: {"present": True}}
        vr = choose_private_vr(selector)
        builder.add_addition(line.line, selector, f"{{{other}}}", vr=vr, when=when)
        text = f"@require({call.arguments[0]}): the new value of that element"
        builder.add_remark(line.line, text, is_downgrade=False)
    if len(call.arguments) > 1 and call.arguments[1]:
        default = call.arguments[1]
        builder.add_addition(line.line, selector, default, vr=choose_private_vr(selector, default))
