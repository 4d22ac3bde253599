"""Import profiles (YAML) of Karnak. The first profile element that selects an element decides."""

from __future__ import annotations

import re
from dataclasses import replace

from safelight.dicom.tags import PATIENT_ID, PATIENT_NAME
from safelight.rules.importers.karnak.conditions import convert_condition
from safelight.rules.importers.karnak.dates import list_date_rules
from safelight.rules.importers.karnak.expressions import NO_COUNTERPART, convert_expression
from safelight.rules.importers.karnak.tags import (
    ANY_TAG,
    KarnakTag,
    convert_karnak_tag,
    convert_last_tag,
)
from safelight.rules.importers.models import ConditionNode, ImportedRule, RulesImportError
from safelight.rules.importers.pseudonym_actions import (
    choose_private_vr,
    choose_pseudonym_action,
    choose_vr,
)
from safelight.rules.importers.rules_file_builder import RulesFileBuilder
from safelight.rules.importers.tag_patterns import is_private_creator
from safelight.rules.parsing.yaml_node import RulesError, YamlMapping, YamlNode, parse_document
from safelight.rules.selectors import parse_selector
from safelight.standard.confidentiality import find_row

#: Attributes that Karnak replaces by the pseudonym at the top level, whatever the profile says.
_ALWAYS_REPLACED = {"PatientName": "name", "PatientID": "patient_id"}
_ALWAYS_REPLACED_TAGS = frozenset({PATIENT_NAME, PATIENT_ID})
_ACTIONS = {"K": "keep", "X": "remove", "Z": "empty", "D": "dummy", "DDUM": "dummy", "U": "uid"}
#: Keys of a profile element.
_ELEMENT_KEYS = frozenset({
    "name", "codename", "action", "option", "arguments", "condition", "tags", "excludedTags",
    "exceptedtags",
})  # fmt: skip
_PRIVATE_TAG = re.compile(r"\(?([0-9A-Fa-f]{3}[13579BDFbdf]),?\s*[0-9A-Fa-f]{2}([0-9A-Fa-f]{2})\)?")
_ANY_PRIVATE = '(xxxx,"*",xx)'


def read_profile(text: str, builder: RulesFileBuilder) -> None:
    """Read a profile.

    Parameters
    ----------
    text : str
    builder : RulesFileBuilder
        Receives the rules and remarks.

    Raises
    ------
    RulesImportError
        If the text is not a profile.
    """
    has_basic_profile = False
    try:
        root = parse_document(text, builder.file).as_mapping(None)
        for keyword, action in _ALWAYS_REPLACED.items():
            builder.add(1, ImportedRule(keyword, action, depth=""))
        if (issuer := root.get("defaultIssuerOfPatientID")) and not issuer.is_null:
            builder.set_default_issuer(issuer.as_text())
        for node in root.require("profileElements").as_list():
            element = node.as_mapping(None)
            codename = element.require("codename").as_text()
            if codename == "basic.dicom.profile":
                has_basic_profile = True
            else:
                _add_element(codename, element, has_basic_profile, builder)
        if masks := root.get("masks"):
            _add_masks(masks, builder)
        if not has_basic_profile:
            builder.add_remark(1, "the profile has no basic.dicom.profile; here it always applies")
    except RulesError as error:
        raise RulesImportError(str(error)) from None


def _read_tags(element: YamlMapping, *keys: str) -> list[KarnakTag] | None:
    """Return what the tags in some keys select; None if one has no counterpart."""
    tags: list[KarnakTag] = []
    for node in filter(None, map(element.get, keys)):
        for one in node.as_list_or_single():
            found = convert_karnak_tag(one.as_text())
            if not found and not is_private_creator(one.as_text()):
                return None
            tags += found
    return tags


def _add_element(
    codename: str, element: YamlMapping, after_profile: bool, builder: RulesFileBuilder
) -> None:
    """Add the rules for one profile element."""
    line = element.node.line
    condition_node = element.get("condition")
    when: ConditionNode | None = None
    is_unknown = False
    if condition_node is not None:
        when = convert_condition(condition_node.as_text())
        is_unknown = when is None
    is_unknown |= not set(element) <= _ELEMENT_KEYS  # a later version may restrict the element
    if codename == "clean.pixel.data":
        builder.options.append("clean_pixel_data")
        if condition_node is not None:
            builder.add_remark(line, "clean.pixel.data is applied to all objects")
        return
    if codename == "clean.recognizable.visual.features":
        builder.pixel_settings.append("faces: quarantine")
        builder.add_remark(line, "faces are not removed; head volumes are quarantined")
        return
    if codename == "action.add.private.tag":
        _add_private_tag(line, element, when, is_unknown, builder)
        return
    if codename == "action.add.tag":
        _add_tag(line, element, when, is_unknown, builder)
        return
    for rule in _list_rules(codename, element, line, builder):
        _add_rule(line, rule, when, is_unknown, after_profile, builder)


def _add_rule(
    line: int,
    rule: ImportedRule,
    when: ConditionNode | None,
    is_unknown: bool,
    after_profile: bool,
    builder: RulesFileBuilder,
) -> None:
    """Add a rule with the condition of its profile element."""
    is_replaced = parse_selector(rule.selector).tag in _ALWAYS_REPLACED_TAGS
    if rule.action in ("keep", "literal", "text") and is_replaced:
        text = f"left out: Karnak replaces {rule.selector} in any case"
        builder.add_remark(line, text, is_downgrade=False)
        return
    if after_profile and rule.action != "remove" and _is_in_profile(rule.selector):
        builder.add_remark(line, "left out: the profile above it decides", is_downgrade=False)
        return
    remark = rule.remark
    action, parameters = rule.action, rule.parameters
    if is_unknown:
        if action == "keep":
            builder.add_remark(line, "left out: the condition has no counterpart")
            return
        action, parameters = "remove", {}
        remark = "the condition has no counterpart; always removed"
    conditions = [one for one in (when, rule.when) if one is not None]
    builder.add(
        line,
        ImportedRule(
            rule.selector, action, parameters,
            {"all": conditions} if len(conditions) > 1 else next(iter(conditions), None),
            rule.exceptions, rule.depth, remark, rule.is_downgrade,
        ),
    )  # fmt: skip


def _is_in_profile(selector: str) -> bool:
    """Return whether a selector may select attributes of Table E.1-1."""
    tag = parse_selector(selector).tag
    return tag is None or find_row(tag) is not None


def _list_rules(
    codename: str, element: YamlMapping, line: int, builder: RulesFileBuilder
) -> list[ImportedRule]:
    """Return the rules for a profile element that changes elements."""
    action_node = element.get("action")
    action = _ACTIONS.get(action_node.as_text().upper(), "remove") if action_node else "remove"
    tags = _read_tags(element, "tags")
    excluded = _read_tags(element, "excludedTags", "exceptedtags")
    if tags is None or excluded is None:
        if action == "keep":
            builder.add_remark(line, f"left out: a tag of {codename[:40]} has no counterpart")
            return []
        return _list_removals(element, builder)
    exceptions = [tag.text for tag in excluded]
    if codename == "replace.uid":
        return [ImportedRule("{UI}", "uid", exceptions=exceptions)]
    if codename == "action.replace.api":
        return [_make_pseudonym(tag, exceptions) for tag in tags]
    if codename in ("action.on.privatetags", "action.on.private.tags"):
        private = [tag for tag in tags if parse_selector(tag.selector).is_private]
        private = private if "tags" in element else [KarnakTag(_ANY_PRIVATE)]
        return [_make_rule(tag, action, exceptions) for tag in private]
    if codename == "action.on.dates":
        return list_date_rules(element, tags, exceptions, builder)
    if codename == "expression.on.tags":
        arguments = element.require("arguments").as_mapping(None)
        expression = arguments.require("expr").as_text()
        return [
            replace(rule, depth=tag.depth, exceptions=exceptions)
            for tag in tags
            for one in convert_expression(expression)
            if (rule := _restrict_rule(one, tag))
        ]
    remark = ""
    if "tags" not in element:
        builder.add_remark(line, f"left out: {codename[:40]} without tags has no counterpart")
    if codename != "action.on.specific.tags":
        action, remark = "remove", f"{codename[:40]} has no counterpart; removed"
    elif action == "keep" and any(choose_vr(tag.selector) == "SQ" for tag in tags):
        remark = "the rules are applied to the items too; Karnak keeps them"
    return [_make_rule(tag, action, exceptions, remark) for tag in tags]


def _list_removals(element: YamlMapping, builder: RulesFileBuilder) -> list[ImportedRule]:
    """Return removals at any depth for a profile element with a path that has no counterpart."""
    tags: list[KarnakTag] = []
    for one in element.require("tags").as_list_or_single():
        found = convert_karnak_tag(one.as_text()) or convert_last_tag(one.as_text())
        if not found and not is_private_creator(one.as_text()):
            raise RulesImportError(
                f"{builder.file}, line {one.line}: expected a tag or a path of tags; correct it"
            )
        tags += found
    remark = "a path has no counterpart; removed, also in other sequences"
    return [_make_rule(tag, "remove", [], remark) for tag in tags]


def _make_rule(
    tag: KarnakTag, action: str, exceptions: list[str], remark: str = ""
) -> ImportedRule:
    """Return the rule for what one tag of a profile element selects."""
    return ImportedRule(tag.selector, action, exceptions=exceptions, depth=tag.depth, remark=remark)


def _make_pseudonym(tag: KarnakTag, exceptions: list[str]) -> ImportedRule:
    """Return the rule for a value that Karnak asks a service for."""
    remark = "the service is not asked; replaced by a keyed pseudonym"
    action = choose_pseudonym_action(tag.selector)
    return ImportedRule(tag.selector, action, exceptions=exceptions, depth=tag.depth, remark=remark)


def _restrict_rule(rule: ImportedRule, tag: KarnakTag) -> ImportedRule | None:
    """Return a rule of an expression for what one tag selects; None if they exclude each other."""
    if not rule.selector:
        return replace(rule, selector=tag.selector)
    own = parse_selector(rule.selector)
    is_any = tag.selector in (ANY_TAG, _ANY_PRIVATE)
    if (is_any and own.tag is None) or parse_selector(tag.selector).covers(own):
        return rule
    if own.tag is not None:
        return None
    return ImportedRule(tag.selector, "remove", remark=NO_COUNTERPART)


def _add_tag(
    line: int,
    element: YamlMapping,
    when: ConditionNode | None,
    is_unknown: bool,
    builder: RulesFileBuilder,
) -> None:
    """Add an element that Karnak adds if it is missing."""
    tags = _read_tags(element, "tags")
    value = element.require("arguments").as_mapping(None).require("value").as_text()
    if not tags or is_unknown:
        builder.add_remark(line, "left out: a tag or a condition of action.add.tag")
        return
    builder.add_addition(line, tags[0].selector, value, when=when)


def _add_private_tag(
    line: int,
    element: YamlMapping,
    when: ConditionNode | None,
    is_unknown: bool,
    builder: RulesFileBuilder,
) -> None:
    """Add a private element that Karnak adds if it is missing."""
    tags, given = element.get("tags"), element.get("arguments")
    if tags is None or given is None:
        builder.add_remark(line, "left out: action.add.private.tag without tags or arguments")
        return
    creator, value, vr = map(given.as_mapping(None).get, ("privateCreator", "value", "vr"))
    listed = [one.as_text() for one in tags.as_list_or_single()]
    match = _PRIVATE_TAG.fullmatch(listed[0].strip()) if len(listed) == 1 else None
    if match is None or value is None or is_unknown:
        builder.add_remark(line, "left out: a tag, value or condition of action.add.private.tag")
        return
    if creator is None:
        builder.add_remark(line, "left out: action.add.private.tag without privateCreator")
        return
    selector = f'({match[1]},"{creator.as_text()}",{match[2]})'
    is_missing: ConditionNode = {"not": {selector: {"exists": True}}}
    builder.add_addition(
        line, selector, value.as_text(),
        vr=vr.as_text() if vr is not None else choose_private_vr(selector, value.as_text()),
        when={"all": [when, is_missing]} if when else is_missing,
    )  # fmt: skip


def _add_masks(masks: YamlNode, builder: RulesFileBuilder) -> None:
    """Add the boxes of all stations."""
    for node in masks.as_list():
        mask = node.as_mapping(None)
        conditions: list[ConditionNode] = []
        station = mask.require("stationName").as_text()
        if station != "*":
            conditions.append({"StationName": {"equals": station}})
        for key, keyword in (("imageWidth", "Columns"), ("imageHeight", "Rows")):
            if size := mask.get(key):
                conditions.append({keyword: {"equals": size.as_text()}})
        always: ConditionNode = {"Rows": {"present": True}}
        boxes = [
            [int(number) for number in re.findall(r"\d+", one.as_text())]
            for one in mask.require("rectangles").as_list()
        ]
        when: ConditionNode = {"all": conditions} if conditions else always
        builder.add_region(node.line, when, boxes)
