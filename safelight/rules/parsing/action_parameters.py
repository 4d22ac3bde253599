"""Parse the parameters of the actions of ``elements`` and ``add``."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection

from safelight.rules.action_parameters import PRECISIONS, ActionParameters
from safelight.rules.linear_patterns import find_pattern_defect, find_replacement_defect
from safelight.rules.parsing.yaml_node import YamlMapping, YamlNode
from safelight.rules.references import parse_reference

#: Longest text and longest hash that an action makes, in characters.
MAX_TRUNCATED_CHARACTERS, MIN_HASH_CHARACTERS, MAX_HASH_CHARACTERS = 1024, 4, 64

#: Longest prefix of a hash, in characters.
MAX_PREFIX_CHARACTERS = 32

#: Form of the prefix of a hash: printable ASCII without a backslash, which separates values.
HASH_PREFIX_PATTERN = rf"[ -\[\]-~]{{0,{MAX_PREFIX_CHARACTERS}}}"

#: Keys of each action that has parameters. ``generalise`` and ``perturb`` take one of their two.
PARAMETER_KEYS: dict[str, tuple[str, ...]] = {
    "literal": ("value",),
    "generalise": ("to", "width"),
    "round": ("to",),
    "perturb": ("by", "percent"),
    "truncate": ("length",),
    "regex": ("pattern", "replace"),
    "hash": ("length", "prefix"),
    "lookup": ("table", "column"),
    "text": ("value",),
}
#: Keys of these that may be left out.
OPTIONAL_KEYS = frozenset({"prefix"})
#: All of these keys.
ALL_PARAMETER_KEYS = tuple(dict.fromkeys(key for keys in PARAMETER_KEYS.values() for key in keys))

_REFERENCE = re.compile(r"\{([^{}]*)\}")


def parse_action_parameters(
    entry: YamlMapping, action: str, tables: Collection[str]
) -> ActionParameters | None:
    """Return the parameters of an entry; None for an action without any.

    Parameters
    ----------
    entry : YamlMapping
        The entry, whose keys are known.
    action : str
        Name of its action.
    tables : collection of str
        Names of the lookup tables.

    Raises
    ------
    RulesError
        If a parameter is missing, or belongs to another action.
    """
    allowed = PARAMETER_KEYS.get(action, ())
    for key in ALL_PARAMETER_KEYS:
        if key in entry and key not in allowed:
            actions = [name for name, keys in PARAMETER_KEYS.items() if key in keys]
            raise entry.require(key).make_error(
                f"no {key} for the action {action}; {key} belongs to {', '.join(actions)}"
            )
    parse = _PARSERS.get(action)
    return parse(entry, tables) if parse is not None else None


def parse_template(node: YamlNode) -> str:
    """Return a text with references to elements in braces, such as ``Study of {Modality}``."""
    text = node.as_text()
    for reference in _REFERENCE.findall(text):
        try:
            selector = parse_reference(reference)
        except ValueError as error:
            raise node.make_error(f"{error} in the braces of {node.label}") from None
        if any(step.tag is None for step in selector.steps):
            raise node.make_error("standard attributes in braces")
    if set(_REFERENCE.sub("", text)) & set("{}"):
        raise node.make_error(f"each brace of {node.label} to be closed")
    return text


def parse_lookup(entry: YamlMapping, tables: Collection[str]) -> ActionParameters:
    """Return the parameters of a lookup: ``table`` and ``column``.

    Parameters
    ----------
    entry : YamlMapping
    tables : collection of str
        Names of the lookup tables.
    """
    table = entry.require("table")
    name = table.as_choice(tables) if tables else ""
    if not name:
        raise table.make_error("a table under lookups; the rules file has none")
    return ActionParameters("lookup", table=name, column=entry.require("column").as_text())


def _parse_generalise(entry: YamlMapping, _tables: Collection[str]) -> ActionParameters:
    to, width = entry.get("to"), entry.get("width")
    if to is not None and width is None:
        return ActionParameters("generalise", to=to.as_choice(PRECISIONS))
    if width is not None and to is None:
        return ActionParameters("generalise", step=width.as_positive_number())
    raise entry.node.make_error(
        f"for generalise either to ({', '.join(PRECISIONS)}) or width (a number)"
    )


def _parse_round(entry: YamlMapping, _tables: Collection[str]) -> ActionParameters:
    return ActionParameters("round", step=entry.require("to").as_positive_number())


def _parse_perturb(entry: YamlMapping, _tables: Collection[str]) -> ActionParameters:
    by, percent = entry.get("by"), entry.get("percent")
    node = by or percent
    if node is None or (by is not None and percent is not None):
        raise entry.node.make_error("for perturb either by or percent, such as by: [-3600, 3600]")
    numbers = [one.as_number() for one in node.as_list_or_single()]
    if len(numbers) == 1:
        numbers = [-abs(numbers[0]), abs(numbers[0])]
    if len(numbers) != 2 or numbers[0] >= numbers[1]:
        raise node.make_error("a number other than 0, or two numbers, the smaller one first")
    first, last = numbers
    return ActionParameters("perturb", first=first, last=last, is_percent=by is None)


def _parse_truncate(entry: YamlMapping, _tables: Collection[str]) -> ActionParameters:
    length = entry.require("length").as_integer_between(1, MAX_TRUNCATED_CHARACTERS)
    return ActionParameters("truncate", length=length)


def _parse_hash(entry: YamlMapping, _tables: Collection[str]) -> ActionParameters:
    length = entry.require("length")
    number = length.as_integer_between(MIN_HASH_CHARACTERS, MAX_HASH_CHARACTERS)
    prefix = entry.get("prefix")
    text = prefix.as_text() if prefix else ""
    if prefix and not re.fullmatch(HASH_PREFIX_PATTERN, text):
        raise prefix.make_error(
            f"a prefix of at most {MAX_PREFIX_CHARACTERS} printable ASCII characters without \\"
        )
    return ActionParameters("hash", length=number, prefix=text)


def _parse_regex(entry: YamlMapping, _tables: Collection[str]) -> ActionParameters:
    pattern, replacement = entry.require("pattern"), entry.require("replace")
    if defect := find_pattern_defect(pattern.as_text()):
        raise pattern.make_error(f"a regular expression of RE2 ({defect})")
    if defect := find_replacement_defect(pattern.as_text(), replacement.as_text()):
        raise replacement.make_error(f"a replacement for the pattern ({defect})")
    return ActionParameters("regex", pattern=pattern.as_text(), replacement=replacement.as_text())


def _parse_text(entry: YamlMapping, _tables: Collection[str]) -> ActionParameters:
    return ActionParameters("text", template=parse_template(entry.require("value")))


def _parse_without_parameters(action: str) -> _Parser:
    return lambda _entry, _tables: ActionParameters(action)


_Parser = Callable[[YamlMapping, Collection[str]], ActionParameters]

_PARSERS: dict[str, _Parser] = {
    "generalise": _parse_generalise,
    "round": _parse_round,
    "perturb": _parse_perturb,
    "truncate": _parse_truncate,
    "regex": _parse_regex,
    "hash": _parse_hash,
    "lookup": parse_lookup,
    "text": _parse_text,
    "upper": _parse_without_parameters("upper"),
    "lower": _parse_without_parameters("lower"),
    "initials": _parse_without_parameters("initials"),
}
