"""Read a rules file into a rule set."""

from __future__ import annotations

import importlib.resources
import re
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import get_args, get_type_hints

from pydicom.datadict import tag_for_keyword

from safelight.rules.conditions import OUTCOMES, TESTS, Combine, Compare, Condition, Filter
from safelight.rules.model import DEFAULTS, NAME_STYLES, ElementRule, RuleSet
from safelight.rules.ops import Op
from safelight.rules.policies import EntityAction, PixelPolicy, TextPolicy
from safelight.rules.selectors import parse_selector
from safelight.rules.yamlnode import RulesError, Section, Value, read_document
from safelight.standard.options import Option

#: Actions of ``elements``: letters of PS3.15 and names. C, D and U depend on the VR.
ACTIONS: dict[str, Op | None] = {
    "K": Op.KEEP, "X": Op.REMOVE, "Z": Op.EMPTY, "D": None, "U": None, "C": None,
    "keep": Op.KEEP, "remove": Op.REMOVE, "empty": Op.EMPTY, "dummy": Op.DUMMY, "uid": Op.UID,
    "shift": Op.SHIFT, "clean": Op.CLEAN, "patient_id": Op.PATIENT_ID, "token": Op.TOKEN,
    "name": Op.NAME, "age": Op.AGE, "literal": Op.LITERAL,
}  # fmt: skip

_KEYS = (
    "name", "version", "description", "extends", "profile", "options", "default", "elements",
    "filters", "dates", "ids", "names", "pixels", "text",
)  # fmt: skip
_ENTITIES = (
    "NAME", "DATE", "AGE", "ID", "LOCATION", "CONTACT", "PROFESSION",
)  # fmt: skip
_MAXIMUM_EXTENDS = 5


def shipped_rules() -> tuple[str, ...]:
    """Names of the rule sets that come with the software."""
    folder = importlib.resources.files("conf") / "rules"
    return tuple(sorted(f.name[:-5] for f in folder.iterdir() if f.name.endswith(".yaml")))


def load_rules(source: str | Path | RuleSet) -> RuleSet:
    """The rule set of a shipped name, a file or the text of one.

    Parameters
    ----------
    source : str, Path or RuleSet
        ``basic``, ``research``; the path of a YAML file; or its text, which has several lines.

    Raises
    ------
    RulesError
        Naming file, line and what was expected.
    """
    if isinstance(source, RuleSet):
        return source
    if isinstance(source, str) and "\n" in source:
        return parse_rules(source, "rules")
    return _load(str(source), None, 0)


def parse_rules(text: str, file: str) -> RuleSet:
    """The rule set in a text; ``file`` is named in errors."""
    return _parse(text, file, None, 0)


def _load(name: str, beside: Path | None, depth: int) -> RuleSet:
    if re.fullmatch(r"[A-Za-z0-9_-]+", name) and not Path(name).is_file():
        if name not in shipped_rules():
            known = ", ".join(shipped_rules())
            raise RulesError(name, 1, f"a shipped rule set ({known}) or the path of a file")
        resource = importlib.resources.files("conf") / "rules" / f"{name}.yaml"
        return _parse(resource.read_text(encoding="utf-8"), f"{name}.yaml", None, depth)
    path = (beside / name) if beside else Path(name)
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesError(str(path), 1, f"a readable UTF-8 file ({type(error).__name__})") from None
    return _parse(text, str(path), path.parent, depth)


def _parse(text: str, file: str, folder: Path | None, depth: int) -> RuleSet:
    section = read_document(text, file).section(_KEYS)
    name = section.need("name").text()
    base = RuleSet(name, "")
    if extends := section.get("extends"):
        if depth >= _MAXIMUM_EXTENDS:
            raise extends.error(f"at most {_MAXIMUM_EXTENDS} rule sets that extend one another")
        base = _load(extends.text(), folder, depth + 1)
    if profile := section.get("profile"):
        profile.one_of(("basic",))
    elif not extends:
        raise section.value.error("profile: basic, or extends: the rule set to start from")
    rules = replace(base, name=name, version=section.need("version").text())
    if value := section.get("description"):
        rules = replace(rules, description=value.text().strip())
    if value := section.get("options"):
        rules = replace(rules, options=frozenset(_option(one) for one in value.items()))
    if value := section.get("default"):
        rules = replace(rules, default=value.one_of(DEFAULTS))
    if value := section.get("elements"):
        own = [rule for i, one in enumerate(value.items()) for rule in _element(one, name, i)]
        rules = replace(rules, elements=(*own, *base.elements))
    if value := section.get("filters"):
        rules = replace(
            rules, filters=(*(_filter(one) for one in value.items()), *base.filters)
        )
    return _settings(section, rules)


def _settings(section: Section, rules: RuleSet) -> RuleSet:
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


def _option(value: Value) -> Option:
    """An option by its name in PS3.15 (spaces or underscores), or by its code in CID 7050."""
    text = re.sub(r"[\s_-]+", "_", value.text().strip().lower())
    text = text.replace("longitudinal_temporal_information_", "long_").removesuffix("_option")
    for option in Option:
        if text in (option.value, option.code):
            return option
    raise value.error(f"an option of PS3.15 ({', '.join(Option)}), not {value.text()}")


def _element(value: Value, name: str, index: int) -> list[ElementRule]:
    section = value.section(("tag", "action", "value", "reason"))
    action = section.need("action")
    word = action.one_of(tuple(ACTIONS))
    literal = section.get("value")
    if (word == "literal") != (literal is not None):
        raise action.error("a value with action literal, and with no other action")
    reason = section.get("reason")
    rules = []
    for tag in section.need("tag").texts():
        try:
            selector = parse_selector(tag.text())
        except ValueError as error:
            raise tag.error(str(error)) from None
        rules.append(
            ElementRule(
                selector,
                word,
                ACTIONS[word],
                literal.text() if literal else None,
                reason.text() if reason else "",
                f"{name} elements[{index}]",
                tag.line,
            )
        )
    return rules


def _filter(value: Value) -> Filter:
    section = value.section((*OUTCOMES, "reason"))
    outcomes = [outcome for outcome in OUTCOMES if outcome in section]
    if len(outcomes) != 1:
        raise value.error(f"one of {', '.join(OUTCOMES)} with its conditions")
    when = _condition(section.need(outcomes[0]))
    reason = section.get("reason")
    if reason is None and outcomes[0] != "accept":
        raise value.error(f"a reason beside {outcomes[0]}")
    return Filter(outcomes[0], when, reason.text() if reason else "")


def _condition(value: Value) -> Condition:
    """``{Keyword: {test: value}}``, ``{all: […]}``, ``{any: […]}`` or ``{not: […]}``."""
    keys = [key.value for key, _ in getattr(value.node, "value", []) if hasattr(key, "value")]
    section = value.section(tuple(str(key) for key in keys)) if keys else value.section(())
    parts: list[Condition] = []
    for key in section:
        part = section.need(key)
        if key in ("all", "any", "not"):
            inner = tuple(_condition(one) for one in part.texts())
            parts.append(Combine("all" if key == "all" else "any" if key == "any" else "not",
                                 inner))
        else:
            parts.extend(_compare(key, part))
    if not parts:
        raise value.error("a condition, such as Modality: {equals: CT}")
    return parts[0] if len(parts) == 1 else Combine("all", tuple(parts))


def _compare(key: str, value: Value) -> list[Compare]:
    if tag_for_keyword(key) is None:
        raise value.error(f"a keyword of the DICOM data dictionary, which {key} is not")
    tests = value.section(TESTS)
    compares = []
    for test in tests:
        operand = tests.need(test)
        if test in ("missing", "present"):
            if not operand.boolean():
                raise operand.error(f"true beside {test}; use not: to turn it round")
            compares.append(Compare(key, "missing" if test == "missing" else "present"))
            continue
        values = tuple(one.text() for one in operand.texts())
        if test == "matches":
            _check_patterns(operand)
        compares.append(Compare(key, TESTS[TESTS.index(test)], values))
    return compares


def _check_patterns(value: Value) -> None:
    for one in value.texts():
        try:
            re.compile(one.text())
        except re.error as error:
            raise one.error(f"a regular expression ({error.msg})") from None


def _pixels(value: Value, base: PixelPolicy) -> PixelPolicy:
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


def _text(value: Value, base: TextPolicy) -> TextPolicy:
    entities = value.section(("entities",)).need("entities")
    names = [str(key.value) for key, _ in getattr(entities.node, "value", [])]
    section = entities.section(tuple(names) or _ENTITIES)
    merged = dict(base.entities)
    for name in section:
        if not re.fullmatch(r"[A-Z_]+", name):
            raise section.need(name).error(f"an entity in capitals ({', '.join(_ENTITIES)}, …)")
        merged[name] = section.need(name).one_of(get_args(EntityAction))
    return replace(base, entities=MappingProxyType(merged))


