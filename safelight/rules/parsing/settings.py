"""Parse the settings of a rules file: dates, ids, uids, names, pixels and text."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import get_args, get_type_hints

from safelight.dicom.value_formats import can_hold
from safelight.pseudonyms import holds_usable_shift
from safelight.rules.action_parameters import PRECISIONS, ActionParameters
from safelight.rules.model import NAME_STYLES, RuleSet
from safelight.rules.parsing.action_parameters import parse_lookup
from safelight.rules.parsing.pixel_regions import parse_regions
from safelight.rules.parsing.yaml_node import YamlMapping, YamlNode, suggest
from safelight.rules.policies import (
    ENTITY_LABELS,
    EntityAction,
    LanguageAction,
    PixelPolicy,
    SecondGuess,
    TextPolicy,
)
from safelight.uid_roots import find_root_defect

#: Keys of the settings. Those of ``pixels`` are the attributes of `PixelPolicy`.
DATES_KEYS = ("shift_days", "precision", "lookup")
DATE_LOOKUP_KEYS = ("table", "column")
IDS_KEYS = ("prefix", "issuer", "default_issuer")
UIDS_KEYS = ("root",)
NAMES_KEYS = ("style",)
TEXT_KEYS = ("entities", "second_guess", "unsupported_language")

#: References of ``match`` that name the Patient ID.
PATIENT_ID_REFERENCES = ("PatientID", "(0010,0020)")

#: Characters of the prefix of pseudonyms.
PREFIX_PATTERN = r"[A-Za-z0-9_-]{0,16}"


def apply_settings(document: YamlMapping, rules: RuleSet) -> RuleSet:
    """Return a rule set with the settings of a rules file.

    Parameters
    ----------
    document : YamlMapping
        Root of the rules file.
    rules : RuleSet
        Rule set whose settings are kept where the rules file has none.
    """
    if node := document.get("dates"):
        rules = _apply_dates(node, rules)
    if node := document.get("ids"):
        rules = _apply_ids(node.as_mapping(IDS_KEYS), rules)
    if node := document.get("uids"):
        root = node.as_mapping(UIDS_KEYS).require("root")
        if defect := find_root_defect(root.as_text()):
            raise root.make_error(f"a root of new UIDs; this one {defect}")
        rules = replace(rules, uid_root=root.as_text())
    if node := document.get("dummies"):
        rules = replace(rules, dummies=_parse_dummies(node, rules.dummies))
    if node := document.get("names"):
        style = node.as_mapping(NAMES_KEYS).require("style")
        rules = replace(rules, name_style=style.as_choice(NAME_STYLES))
    if node := document.get("pixels"):
        rules = replace(rules, pixels=_parse_pixel_policy(node, rules.pixels, rules.name))
    if node := document.get("text"):
        rules = replace(rules, text=_parse_text_policy(node, rules.text))
    return rules


def mask_dates_in_text(rules: RuleSet) -> RuleSet:
    """Return rules that mask dates in texts and pixels if they reduce those of elements.

    A shifted date in a text or in a placeholder would show the day that the element no longer has.

    Parameters
    ----------
    rules : RuleSet
    """
    if rules.date_precision == "day":
        return rules
    entities: dict[str, EntityAction] = {
        label: "mask" if action == "shift" else action
        for label, action in rules.text.entities.items()
    }
    return replace(
        rules,
        text=replace(rules.text, entities=MappingProxyType(entities)),
        pixels=replace(rules.pixels, mask="fill"),
    )


#: VRs whose dummy value a rules file may set.
DUMMY_VRS = (
    "AE", "AS", "CS", "DA", "DS", "DT", "IS", "LO", "LT", "PN", "SH", "ST", "TM", "UC", "UR", "UT",
)  # fmt: skip

#: Longest shift of dates, in days.
MAX_SHIFT_DAYS = 36_525


def _apply_ids(ids: YamlMapping, rules: RuleSet) -> RuleSet:
    """Return a rule set with the settings of ``ids``."""
    if prefix := ids.get("prefix"):
        if not re.fullmatch(PREFIX_PATTERN, prefix.as_text()):
            raise prefix.make_error("a prefix of at most 16 letters, digits, - and _")
        rules = replace(rules, patient_prefix=prefix.as_text())
    if issuer := ids.get("issuer"):
        rules = replace(rules, issuer_in_identity=issuer.as_boolean())
    if default_issuer := ids.get("default_issuer"):
        rules = replace(rules, default_issuer=default_issuer.as_text().strip())
        if not rules.issuer_in_identity:
            raise default_issuer.make_error("no default_issuer where issuer is false")
    return rules


def _apply_dates(node: YamlNode, rules: RuleSet) -> RuleSet:
    """Return rules with the settings of ``dates``."""
    dates = node.as_mapping(DATES_KEYS)
    if lookup := dates.get("lookup"):
        rules = replace(rules, date_lookup=_parse_date_lookup(lookup, rules))
    if days := dates.get("shift_days"):
        rules = replace(rules, shift_range=_parse_shift_range(days))
    if precision := dates.get("precision"):
        rules = replace(rules, date_precision=precision.as_choice(PRECISIONS))
    return rules


def _parse_date_lookup(node: YamlNode, rules: RuleSet) -> ActionParameters:
    """Return the table and the column with the number of days of each patient."""
    entry = node.as_mapping(DATE_LOOKUP_KEYS)
    parameters = parse_lookup(entry, [table.name for table in rules.lookups])
    table = next(one for one in rules.lookups if one.name == parameters.table)
    if table.match not in PATIENT_ID_REFERENCES:
        raise entry.require("table").make_error(
            "a lookup table whose match is PatientID, which notes have too"
        )
    if table.missing not in ("quarantine", "derive"):
        expected = "a lookup table whose missing is quarantine or derive"
        raise entry.require("table").make_error(expected)
    return parameters


def _parse_shift_range(days: YamlNode) -> tuple[int, int]:
    """Return the first and last number of days."""
    numbers = [one.as_integer() for one in days.as_list()]
    if len(numbers) != 2 or numbers[0] > numbers[1]:
        raise days.make_error("shift_days to be [first, last]")
    if max(map(abs, numbers)) > MAX_SHIFT_DAYS:
        raise days.make_error(f"shift_days of at most {MAX_SHIFT_DAYS} days")
    if not holds_usable_shift(numbers[0], numbers[1]):
        raise days.make_error(
            "shift_days with a day other than 0 and the multiples of a year, which keep day and "
            "month"
        )
    return numbers[0], numbers[1]


def _parse_dummies(
    node: YamlNode, base: tuple[tuple[str, str], ...]
) -> tuple[tuple[str, str], ...]:
    """Return the dummy values by VR, on top of those of the base."""
    mapping = node.as_mapping(DUMMY_VRS)
    values = dict(base)
    for vr in mapping:
        value = mapping.require(vr)
        text = value.as_text()
        if not text.strip() or not text.isascii() or not can_hold(vr, text):
            raise value.make_error(f"an ASCII text that the VR {vr} can hold")
        values[vr] = text
    return tuple(sorted(values.items()))


def _parse_pixel_policy(node: YamlNode, base: PixelPolicy, name: str) -> PixelPolicy:
    """Return ``base`` with the settings of ``pixels``, whose keys are its attributes."""
    hints = get_type_hints(PixelPolicy)
    mapping = node.as_mapping(tuple(hints))
    changes: dict[str, object] = {}
    for key in mapping:
        value, hint = mapping.require(key), hints[key]
        if key == "regions":
            changes[key] = (*parse_regions(value, name), *base.regions)
        elif hint is bool:
            changes[key] = value.as_boolean()
        elif hint is float:
            changes[key] = value.as_fraction()
        elif hint is int:
            changes[key] = value.as_integer()
        else:
            changes[key] = value.as_choice(get_args(hint))
    policy = replace(base, **changes)  # type: ignore[arg-type]
    if policy.regions and not policy.check:
        raise node.make_error("check: true, without which regions are not masked")
    return policy


def _parse_text_policy(node: YamlNode, base: TextPolicy) -> TextPolicy:
    """Return ``base`` with the settings of ``text``."""
    mapping = node.as_mapping(TEXT_KEYS)
    policy = base
    if guess := mapping.get("second_guess"):
        policy = replace(policy, second_guess=guess.as_choice(get_args(SecondGuess)))
    if language := mapping.get("unsupported_language"):
        choice = language.as_choice(get_args(LanguageAction))
        policy = replace(policy, unsupported_language=choice)
    if entities := mapping.get("entities"):
        actions = entities.as_mapping(None)
        merged = dict(base.entities)
        for label in actions:
            action = actions.require(label)
            if label not in ENTITY_LABELS:
                hint = suggest(label, ENTITY_LABELS)
                raise actions.get_key_node(label).make_error(
                    f"one of the entities {', '.join(ENTITY_LABELS)}{hint}"
                )
            merged[label] = action.as_choice(get_args(EntityAction))
        policy = replace(policy, entities=MappingProxyType(merged))
    return policy
