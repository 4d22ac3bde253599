"""Import recipes of pydicom/deid.

The recipe's actions run in the order of the file, except that fields of KEEP are left alone by all
but ADD, that fields of REPLACE and JITTER are not removed, that a blank field has no date to
jitter, and that a removed field cannot be changed any more (deid 0.4, ``dicom/parser.py``).
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pydicom.datadict import tag_for_keyword

from safelight.rules.attributes import DATE_VRS, get_vr
from safelight.rules.importers.deid.fields import convert_field
from safelight.rules.importers.deid.filters import FilterSection, add_filters
from safelight.rules.importers.models import ImportedRule, RulesImportError
from safelight.rules.importers.pseudonym_actions import (
    choose_pseudonym_action,
    split_pseudonym_action,
)
from safelight.rules.importers.rules_file_builder import RulesFileBuilder
from safelight.rules.selectors import list_dictionary_tags, list_keywords, parse_selector
from safelight.standard.attribute_categories import is_direct_identifier

_ACTIONS = ("KEEP", "ADD", "REPLACE", "JITTER", "REMOVE", "BLANK")
_VARIABLES = ("var:", "func:", "deid_func:")
_VALUES = "values:"
_VALUES_SEARCHED = (
    "left out: a run removes identifiers and names of persons from all texts that it keeps"
)
#: Words of a line; spaces inside quotation marks belong to a word.
_WORD = re.compile(r"""(?:[^\s"']+|"(?:\\.|[^"])*"|'(?:\\.|[^'])*')+""")


@dataclass(frozen=True)
class _RecipeLine:
    """One line of the section ``%header``.

    Attributes
    ----------
    number : int
    action : str
    value : str
    selectors : tuple of str
        Selectors for the field.
    """

    number: int
    action: str
    value: str
    selectors: tuple[str, ...]


@dataclass
class _Sections:
    """Lines of a recipe by section, with their numbers."""

    header: list[tuple[int, str]] = field(default_factory=list)
    filters: list[FilterSection] = field(default_factory=list)
    fields: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)


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
    if not re.search(r"^\s*FORMAT\s+dicom\b", text, re.IGNORECASE | re.MULTILINE):
        raise RulesImportError(f"{builder.file} has no line FORMAT dicom")
    sections = _read_sections(text)
    add_filters(sections.filters, builder)
    lines = [_read_line(number, line, sections, builder) for number, line in sections.header]
    _add_rules([line for line in lines if line is not None], builder)


def _read_sections(text: str) -> _Sections:
    """Return the lines of a recipe by section."""
    sections, section, name = _Sections(), "", ""
    for number, raw in enumerate(text.splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        if line.startswith("%"):
            section, _, name = line.split("#", 1)[0].strip().partition(" ")
            section, name = section.lower(), name.strip()
            if section == "%filter":
                sections.filters.append(FilterSection(name.lower(), number))
            elif section == "%values":
                sections.values.setdefault(name, [])
            elif section == "%fields":
                sections.fields.setdefault(name, [])
        elif section == "%header":
            sections.header.append((number, line))
        elif section == "%filter":
            sections.filters[-1].lines.append((number, line))
        elif section in ("%fields", "%values") and (words := _WORD.findall(line))[1:]:
            groups = sections.fields if section == "%fields" else sections.values
            groups[name].append(words[1])
    return sections


def _read_line(
    number: int, text: str, sections: _Sections, builder: RulesFileBuilder
) -> _RecipeLine | None:
    """Return one line of ``%header``; None if it has no counterpart."""
    words = _WORD.findall(text.split(" #", 1)[0])
    if len(words) < 2 or words[0].upper() not in _ACTIONS:
        raise RulesImportError(
            f"{builder.file}, line {number}: expected an action of %header and a field"
        )
    action, value = words[0].upper(), " ".join(words[2:]).split("#", 1)[0].strip()
    if action == "KEEP" and words[1].lower().startswith("fields:"):
        builder.add_remark(
            number, "left out: deid keeps no fields of a section %fields", is_downgrade=False
        )
        return None
    group = next((word[7:] for word in words[1:3] if word.lower().startswith(_VALUES)), None)
    if group is not None:
        if group not in sections.values:
            text = f"left out: the recipe has no section %values {group}, and deid ignores values:"
            builder.add_remark(number, f"{text}{group}", is_downgrade=False)
            return None
        if action == "KEEP" or _are_known_values(sections.values[group], sections):
            builder.add_remark(number, _VALUES_SEARCHED, is_downgrade=False)
            return None
        builder.add_remark(number, f"values:{group}: values cannot be searched for; all fields")
        field = words[1] if not words[1].lower().startswith(_VALUES) else "ALL"
        words, value = [words[0], field], "" if words[1] == field else value
    selectors = convert_field(words[1], sections.fields)
    if selectors is None and (action == "KEEP" or words[1].lower().startswith("fields:")):
        builder.add_remark(number, f"left out: {words[1]} has no counterpart")
        return None
    if selectors is None:
        raise RulesImportError(
            f"{builder.file}, line {number}: the fields of {action} have an expander or a pattern "
            "without a counterpart; name the fields instead"
        )
    known = []
    for selector in selectors:
        if selector.isalnum() and selector not in list_keywords():
            builder.add_remark(
                number,
                f"left out: {selector} is not a keyword of DICOM, and deid ignores it",
                is_downgrade=False,
            )
        else:
            known.append(selector)
    return _RecipeLine(number, action, value, tuple(known))


def _are_known_values(fields: list[str], sections: _Sections) -> bool:
    """Return whether fields of a section ``%values`` are all identifiers and names of persons.

    A run removes their values from all texts that it keeps.
    """
    for one in fields:
        for selector in convert_field(one, sections.fields) or ["?"]:
            tag = tag_for_keyword(selector)
            if tag is None or not (is_direct_identifier(tag) or get_vr(tag) == "PN"):
                return False
    return True


def _add_rules(lines: list[_RecipeLine], builder: RulesFileBuilder) -> None:
    """Add the rules for the section ``%header``, so that the first match is deid's last word."""
    removed = [line for line in lines if line.action == "REMOVE"]
    for index, line in enumerate(lines):
        if line.action == "ADD":
            _add_element(line, lines[index + 1 :], builder)
    added = [line for line in lines if line.action == "ADD"]
    for line, selector in _list_selectors(lines, "KEEP"):
        if not _is_selected(selector, added):
            builder.add(line.number, ImportedRule(selector, "keep", depth=""))
    changed = [line for line in lines if line.action in ("REPLACE", "JITTER")]
    for line, selector in _list_selectors(lines[::-1], "REPLACE", "BLANK"):
        if line.action == "REPLACE":
            _add_replacement_rule(line, selector, builder)
        else:
            is_removed = _is_selected(selector, removed) and not _is_selected(selector, changed)
            _add_protecting_rule(line, selector, "remove" if is_removed else "empty", builder)
    for line, selector in _list_selectors(lines, "JITTER"):
        _add_jitter(line, selector, builder)
    for line, selector in _list_selectors(lines, "REMOVE"):
        _add_protecting_rule(line, selector, "remove", builder)


def _add_jitter(line: _RecipeLine, selector: str, builder: RulesFileBuilder) -> None:
    """Add the rule for the action JITTER, which leaves all but dates as they are."""
    parsed = parse_selector(selector)
    if parsed.is_private:
        builder.add_rule(line.number, selector, "shift")
        return
    tags = [tag for tag in list_dictionary_tags() if parsed.matches((), tag, get_vr(tag))]
    dates = [tag for tag in tags if get_vr(tag) in DATE_VRS - {"TM"}]
    if len(dates) == len(tags):
        builder.add_rule(line.number, selector, "shift")
        return
    builder.add_remark(line.number, "deid shifts dates only", is_downgrade=False)
    for tag in dates:
        builder.add_rule(line.number, f"({tag >> 16:04x},{tag & 0xFFFF:04x})", "shift")


def _list_selectors(lines: list[_RecipeLine], *actions: str) -> list[tuple[_RecipeLine, str]]:
    """Return lines with some actions, and each of their selectors."""
    return [(line, one) for line in lines if line.action in actions for one in line.selectors]


def _is_selected(selector: str, lines: list[_RecipeLine]) -> bool:
    """Return whether a line selects all that a selector selects."""
    parsed = parse_selector(selector)
    return any(parse_selector(other).covers(parsed) for line in lines for other in line.selectors)


def _add_element(line: _RecipeLine, later: list[_RecipeLine], builder: RulesFileBuilder) -> None:
    """Add the element of a line ADD, unless a later line removes or replaces it."""
    for selector in line.selectors:
        following = [one for one in later if one.action != "KEEP" and _is_selected(selector, [one])]
        dropping = next(
            (one for one in following if one.action in ("REMOVE", "BLANK", "ADD")), None
        )
        if dropping is not None:
            if dropping.action != "ADD":  # also if a line KEEP selects the field
                action = "empty" if dropping.action == "BLANK" else "remove"
                _add_protecting_rule(dropping, selector, action, builder)
            continue
        replacing = next((one for one in reversed(following) if one.action == "REPLACE"), line)
        if replacing.value.startswith(_VARIABLES):
            _add_variable(line, selector, builder)
            continue
        builder.add_addition(line.number, selector, replacing.value, always=True)
        parameters = {"value": replacing.value}
        builder.add(line.number, ImportedRule(selector, "literal", parameters, depth=""))


def _add_variable(line: _RecipeLine, selector: str, builder: RulesFileBuilder) -> None:
    """Replace an element to which deid would add the value of a variable."""
    action = choose_pseudonym_action(selector)
    builder.add(
        line.number,
        ImportedRule(
            selector, action,
            remark=f"ADD {selector}: the variable is not part of the recipe; replaced if present",
        ),
    )  # fmt: skip


def _add_protecting_rule(
    line: _RecipeLine, selector: str, action: str, builder: RulesFileBuilder
) -> None:
    """Add a rule that removes or empties; what an object needs is spared."""
    if line.value.startswith(_VARIABLES):
        builder.add_remark(
            line.number, f"{line.value.split(':')[0]}: its condition is unknown; always removed"
        )
    builder.add_rule(line.number, selector, action)


def _add_replacement_rule(line: _RecipeLine, selector: str, builder: RulesFileBuilder) -> None:
    """Add the rule for the action REPLACE: a pseudonym for a variable, else a fixed value."""
    if line.value.startswith(_VARIABLES):
        for action, exceptions in split_pseudonym_action(selector):
            remark = f"{line.value.split(':')[0]}: becomes the action {action}"
            rule = ImportedRule(
                selector, action, exceptions=exceptions, remark=remark, is_downgrade=False
            )
            builder.add(line.number, rule)
    else:
        builder.add_rule(line.number, selector, "literal", line.value)
