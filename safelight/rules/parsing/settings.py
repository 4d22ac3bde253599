"""Read the settings of a rules file: dates, ids, names, pixels and text."""

from __future__ import annotations

import re
from dataclasses import replace
from types import MappingProxyType
from typing import get_args, get_type_hints

from safelight.rules.model import NAME_STYLES, RuleSet
from safelight.rules.parsing.yaml_node import YamlMapping, YamlNode
from safelight.rules.policies import EntityAction, PixelPolicy, SecondGuess, TextPolicy

_ENTITIES = ("NAME", "DATE", "AGE", "ID", "LOCATION", "CONTACT", "PROFESSION")


def read_settings(section: YamlMapping, rules: RuleSet) -> RuleSet:
    """``rules`` with the settings that the document gives."""
    if value := section.get("dates"):
        days = value.section(("shift_days",)).need("shift_days")
        numbers = [one.integer() for one in days.items()]
        if len(numbers) != 2 or numbers[0] > numbers[1] or numbers == [0, 0]:
            raise days.error("shift_days to be [first, last], holding a day other than 0")
        rules = replace(rules, shift_range=(numbers[0], numbers[1]))
    if value := section.get("ids"):
        ids = value.section(("prefix", "issuer"))
        if prefix := ids.get("prefix"):
            if not re.fullmatch(r"[A-Za-z0-9_-]{0,16}", prefix.text()):
                raise prefix.error("a prefix of at most 16 letters, digits, - and _")
            rules = replace(rules, patient_prefix=prefix.text())
        if issuer := ids.get("issuer"):
            rules = replace(rules, issuer_in_identity=issuer.boolean())
    if value := section.get("names"):
        style = value.section(("style",)).need("style")
        rules = replace(rules, name_style=style.one_of(NAME_STYLES))
    if value := section.get("pixels"):
        rules = replace(rules, pixels=_pixels(value, rules.pixels))
    if value := section.get("text"):
        rules = replace(rules, text=_text(value, rules.text))
    return rules


def _pixels(value: YamlNode, base: PixelPolicy) -> PixelPolicy:
    hints = get_type_hints(PixelPolicy)
    section = value.section(tuple(hints))
    changes: dict[str, object] = {}
    for key in section:
        one, hint = section.need(key), hints[key]
        if hint is bool:
            changes[key] = one.boolean()
        elif hint is float:
            changes[key] = one.share()
        elif hint is int:
            changes[key] = one.integer()
        else:
            changes[key] = one.one_of(get_args(hint))
    return replace(base, **changes)  # type: ignore[arg-type]


def _text(value: YamlNode, base: TextPolicy) -> TextPolicy:
    section = value.section(("entities", "second_guess"))
    policy = base
    if guess := section.get("second_guess"):
        policy = replace(policy, second_guess=guess.one_of(get_args(SecondGuess)))
    if entities := section.get("entities"):
        actions = entities.section(None)
        merged = dict(base.entities)
        for name in actions:
            if not re.fullmatch(r"[A-Z_]+", name):
                raise actions.need(name).error(f"an entity in capitals ({', '.join(_ENTITIES)}, …)")
            merged[name] = actions.need(name).one_of(get_args(EntityAction))
        policy = replace(policy, entities=MappingProxyType(merged))
    return policy
