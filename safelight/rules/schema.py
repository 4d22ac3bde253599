"""JSON Schema of rules files, for editors. It is made from the tables of the parser."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, get_args, get_type_hints

from safelight.rules.action_parameters import PRECISIONS
from safelight.rules.conditions import COMPARISON_OPERATORS, FILTER_OUTCOMES, PRESENCE_OPERATORS
from safelight.rules.linear_patterns import MAX_PATTERN_CHARACTERS
from safelight.rules.loader import DOCUMENT_KEYS
from safelight.rules.lookups import MISSING_ACTIONS
from safelight.rules.model import NAME_STYLES, UNDEFINED_ACTIONS
from safelight.rules.parsing.action_parameters import (
    ALL_PARAMETER_KEYS,
    HASH_PREFIX_PATTERN,
    MAX_HASH_CHARACTERS,
    MAX_TRUNCATED_CHARACTERS,
    MIN_HASH_CHARACTERS,
    OPTIONAL_KEYS,
    PARAMETER_KEYS,
)
from safelight.rules.parsing.additions import ADDED_PRIVATE_VRS, ADDITION_KEYS, ADDITION_LOOKUP_KEYS
from safelight.rules.parsing.conditions import COMBINATIONS, OTHER_KEYS
from safelight.rules.parsing.elements import ACTIONS, ENTRY_KEYS
from safelight.rules.parsing.encryption import ENCRYPTION_KEYS
from safelight.rules.parsing.lookups import LOOKUP_KEYS
from safelight.rules.parsing.pixel_regions import DEVICE_KEYS, MAX_FRAME_PIXELS, REGION_KEYS
from safelight.rules.parsing.settings import (
    DATE_LOOKUP_KEYS,
    DATES_KEYS,
    DUMMY_VRS,
    IDS_KEYS,
    MAX_SHIFT_DAYS,
    NAMES_KEYS,
    PREFIX_PATTERN,
    TEXT_KEYS,
    UIDS_KEYS,
)
from safelight.rules.pixel_regions import ULTRASOUND_REGIONS
from safelight.rules.policies import (
    ENTITY_LABELS,
    EntityAction,
    LanguageAction,
    PixelPolicy,
    SecondGuess,
)
from safelight.rules.references import PRIVATE_NUMBER_PATTERN, SIBLING_PREFIX, THIS
from safelight.rules.selectors import STEP_PATTERNS, list_keywords
from safelight.standard.options import Option

Schema = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"

#: Description of each key of a rules file, which editors show.
KEY_DESCRIPTIONS = {
    "name": "Name of the rule set, which labels and tables hold.",
    "version": "Version of the rule set, which labels and tables hold.",
    "description": "Purpose of the rule set, for readers.",
    "extends": "Shipped rule set, or file in the same folder, whose rules are used after these.",
    "profile": "Table E.1-1 of PS3.15, without options; beside extends it changes nothing.",
    "options": "Options of PS3.15 by name or by code of CID 7050; they replace those of extends.",
    "default": "Action for standard attributes that neither Table E.1-1 nor the rules name.",
    "elements": "Actions for elements; they take precedence over profile and options, and the "
    "first one that matches decides.",
    "filters": "Objects that are accepted, filtered out or quarantined; the first match decides.",
    "dates": "Range in days and precision of shifted dates.",
    "ids": "Prefix of pseudonyms, and whether the Issuer of Patient ID distinguishes patients.",
    "uids": "Root of new UIDs.",
    "names": "Replacement of names.",
    "pixels": "Check of text and faces in pixels.",
    "text": "Actions for the entities in free text.",
    "lookups": "Tables for the action lookup, by name.",
    "add": "Elements that are created.",
    "dummies": "Dummy values by VR.",
    "encrypt": "Original values that are encrypted for the holders of certificates.",
}


def make_json_schema() -> Schema:
    """Return the JSON Schema of a rules file.

    The schema accepts every rules file that the parser accepts, in the spellings that are
    documented. It does not check the syntax of regular expressions, keywords inside paths and
    the names of lookup tables.
    """
    return {
        "$schema": DIALECT,
        "title": "Safelight rules",
        **_make_object(_make_document_keys(), required=("name", "version")),
        "anyOf": [{"required": ["profile"]}, {"required": ["extends"]}],
        "$defs": {
            "text": {"type": ["string", "number", "boolean"]},
            "selector": _make_selector_schema(),
            "condition": _make_condition_schema("condition", allow_this=False),
            "elementCondition": _make_condition_schema("elementCondition", allow_this=True),
            "comparison": _make_comparison_schema(),
            "item": {
                "type": "object",
                "minProperties": 1,
                "propertyNames": _refer("selector"),
                "additionalProperties": {"anyOf": [_refer("text"), _refer("item")]},
            },
        },
    }


def _make_document_keys() -> dict[str, Schema]:
    """Return the schema of each key of a rules file."""
    parts: dict[str, Schema] = {
        "name": _refer("text"),
        "version": _refer("text"),
        "description": _refer("text"),
        "extends": _refer("text"),
        "profile": {"const": "basic"},
        "options": _make_list({"enum": _list_option_spellings()}),
        "default": _make_choice(UNDEFINED_ACTIONS),
        "elements": _make_list(_make_entry_schema()),
        "filters": _make_list(_make_filter_schema()),
        "dates": _make_object(_select(DATES_KEYS, _make_dates_keys())),
        "ids": _make_object(
            _select(
                IDS_KEYS,
                {
                    "prefix": {"type": ["string", "integer"], "pattern": f"^{PREFIX_PATTERN}$"},
                    "issuer": {"type": "boolean"},
                    "default_issuer": _refer("text"),
                },
            )
        ),
        "uids": _make_object(_select(UIDS_KEYS, {"root": {"type": "string"}}), UIDS_KEYS),
        "names": _make_object(
            _select(NAMES_KEYS, {"style": _make_choice(NAME_STYLES)}), NAMES_KEYS
        ),
        "pixels": _make_object(
            {
                key: _make_regions_schema() if key == "regions" else _make_setting(hint)
                for key, hint in get_type_hints(PixelPolicy).items()
            }
        ),
        "text": _make_object(_select(TEXT_KEYS, _make_text_keys())),
        "lookups": {"type": "object", "additionalProperties": _make_lookup_schema()},
        "add": _make_list(_make_addition_schema()),
        "dummies": _make_object(dict.fromkeys(DUMMY_VRS, _refer("text"))),
        "encrypt": _make_object(
            {
                "recipients": _make_one_or_more({"type": "string"}),
                "attributes": _make_one_or_more(_refer("selector")),
            },
            ENCRYPTION_KEYS,
        ),
    }
    return {
        key: {"description": KEY_DESCRIPTIONS.get(key, ""), **parts.get(key, {})}
        for key in DOCUMENT_KEYS
    }


def _make_dates_keys() -> dict[str, Schema]:
    """Return the schema of each key of ``dates``."""
    day = {"type": "integer", "minimum": -MAX_SHIFT_DAYS, "maximum": MAX_SHIFT_DAYS}
    return {
        "shift_days": {"type": "array", "items": day, "minItems": 2, "maxItems": 2},
        "precision": _make_choice(PRECISIONS),
        "lookup": _make_object(dict.fromkeys(DATE_LOOKUP_KEYS, _refer("text")), DATE_LOOKUP_KEYS),
    }


def _make_text_keys() -> dict[str, Schema]:
    """Return the schema of each key of ``text``."""
    action = _make_choice(get_args(EntityAction))
    return {
        "entities": _make_object(dict.fromkeys(ENTITY_LABELS, action)),
        "second_guess": _make_choice(get_args(SecondGuess)),
        "unsupported_language": _make_choice(get_args(LanguageAction)),
    }


def _make_setting(hint: object) -> Schema:
    """Return the schema of a setting of ``pixels`` by its type."""
    by_type: dict[object, Schema] = {
        bool: {"type": "boolean"},
        int: {"type": "integer"},
        float: {"type": "number", "minimum": 0, "maximum": 1},
    }
    choices = get_args(hint)
    if choices and all(isinstance(choice, str) for choice in choices):
        return _make_choice(choices)
    return by_type.get(hint, {})


def _make_regions_schema() -> Schema:
    """Return the schema of ``pixels.regions``."""
    start = {"type": "integer", "minimum": 0, "maximum": MAX_FRAME_PIXELS}
    size = {**start, "minimum": 1}
    box = {"type": "array", "prefixItems": [start, start, size, size], "minItems": 4, "maxItems": 4}
    boxes = {**_make_list(box), "minItems": 1}
    device = _make_object(dict.fromkeys(DEVICE_KEYS, _make_one_or_more(_refer("text"))))
    keys: dict[str, Schema] = {
        "device": {**device, "minProperties": 1},
        "when": _refer("condition"),
        "mask": boxes,
        "keep": {"anyOf": [{"const": ULTRASOUND_REGIONS}, boxes]},
        "reason": _refer("text"),
    }
    schema = _make_object(_select(REGION_KEYS, keys))
    schema["anyOf"] = [{"required": ["device"]}, {"required": ["when"]}]
    schema["oneOf"] = [{"required": ["mask"]}, {"required": ["keep"]}]
    return _make_list(schema)


def _list_option_spellings() -> list[str | int]:
    """Return the documented spellings of the options: names, codes and code meanings."""
    spellings: list[str | int] = [option.value for option in Option]
    for option in Option:
        spellings += [option.code, int(option.code), option.meaning]
    return spellings


def _make_entry_schema() -> Schema:
    """Return the schema of an entry of ``elements``."""
    keys: dict[str, Schema] = {
        "tag": _make_one_or_more(_refer("selector")),
        "except": _make_one_or_more(_refer("selector")),
        "when": _refer("elementCondition"),
        "action": _make_choice(tuple(ACTIONS)),
        "reason": _refer("text"),
    }
    keys.update(dict.fromkeys(ALL_PARAMETER_KEYS, {}))
    schema = _make_object(_select(ENTRY_KEYS, keys), ("tag", "action"))
    simple = [action for action in ACTIONS if action not in PARAMETER_KEYS]
    without = {"properties": dict.fromkeys(ALL_PARAMETER_KEYS, False)}
    schema["allOf"] = [
        _make_rule_for_actions(simple, without),
        *(_make_rule_for_actions([name], _make_parameters(name)) for name in PARAMETER_KEYS),
    ]
    if "quarantine" in ACTIONS:
        required = _make_rule_for_actions(["quarantine"], {"required": ["reason"]})
        schema["allOf"].append(required)
    schema["allOf"].append(_make_rule_for_actions(["remove_items"], {"required": ["when"]}))
    return schema


def _make_rule_for_actions(actions: Sequence[str], then: Schema) -> Schema:
    """Return a schema that applies to entries with certain actions."""
    condition = {"properties": {"action": {"enum": list(actions)}}, "required": ["action"]}
    return {"if": condition, "then": then}


def _make_parameters(action: str) -> Schema:
    """Return the schema of the parameters of one action."""
    types: dict[str, Schema] = {
        "value": _refer("text"),
        "to": _make_choice(PRECISIONS) if action == "generalise" else _POSITIVE_NUMBER,
        "width": _POSITIVE_NUMBER,
        "length": _make_length(action),
        "by": _make_noise(),
        "percent": _make_noise(),
        "prefix": {"type": ["string", "integer"], "pattern": f"^{HASH_PREFIX_PATTERN}$"},
        "pattern": {"type": ["string", "number"], "maxLength": MAX_PATTERN_CHARACTERS},
        "replace": _refer("text"),
        "table": _refer("text"),
        "column": _refer("text"),
    }
    keys = PARAMETER_KEYS[action]
    properties: dict[str, Schema | bool] = {
        key: types.get(key, {}) if key in keys else False for key in ALL_PARAMETER_KEYS
    }
    if action in ("generalise", "perturb"):  # one of its two
        return {"properties": properties, "oneOf": [{"required": [key]} for key in keys]}
    return {"properties": properties, "required": [key for key in keys if key not in OPTIONAL_KEYS]}


def _make_noise() -> Schema:
    """Return the schema of the noise of ``perturb``: a number, or the smallest and largest one."""
    number = {"type": "number"}
    return {
        "anyOf": [
            {"type": "number", "not": {"const": 0}},
            {"type": "array", "items": number, "minItems": 1, "maxItems": 2},
        ]
    }


_POSITIVE_NUMBER: Schema = {"type": "number", "exclusiveMinimum": 0}


def _make_length(action: str) -> Schema:
    """Return the schema of the parameter ``length`` of an action."""
    if action == "hash":
        return {"type": "integer", "minimum": MIN_HASH_CHARACTERS, "maximum": MAX_HASH_CHARACTERS}
    return {"type": "integer", "minimum": 1, "maximum": MAX_TRUNCATED_CHARACTERS}


def _make_addition_schema() -> Schema:
    """Return the schema of an entry of ``add``."""
    lookup = _make_object(dict.fromkeys(ADDITION_LOOKUP_KEYS, _refer("text")), ADDITION_LOOKUP_KEYS)
    keys: dict[str, Schema] = {
        "tag": _refer("selector"),
        "vr": _make_choice(ADDED_PRIVATE_VRS),
        "value": _refer("text"),
        "lookup": lookup,
        "item": _refer("item"),
        "always": {"type": "boolean"},
        "append": {"type": "boolean"},
        "when": _refer("condition"),
        "reason": _refer("text"),
    }
    schema = _make_object(_select(ADDITION_KEYS, keys), ("tag",))
    schema["oneOf"] = [{"required": [key]} for key in ("value", "lookup", "item")]
    schema["dependentRequired"] = {"append": ["item"]}
    return schema


def _make_lookup_schema() -> Schema:
    """Return the schema of one table of ``lookups``."""
    keys = {
        "uri": _refer("text"),
        "key": _refer("text"),
        "missing": _make_choice(MISSING_ACTIONS),
        "match": _refer("text"),
        "default": _refer("text"),
    }
    return _make_object(_select(LOOKUP_KEYS, keys), ("uri", "key"))


def _make_filter_schema() -> Schema:
    """Return the schema of one filter."""
    keys: dict[str, Schema] = {outcome: _refer("condition") for outcome in FILTER_OUTCOMES}
    schema = _make_object({**keys, "reason": _refer("text")})
    schema["oneOf"] = [
        {"required": [outcome] if outcome == "accept" else [outcome, "reason"]}
        for outcome in FILTER_OUTCOMES
    ]
    others = [outcome for outcome in FILTER_OUTCOMES if outcome != "accept"]
    schema["not"] = {
        "anyOf": [{"required": ["accept", outcome]} for outcome in others] + [{"required": others}]
    }
    return schema


def _make_condition_schema(name: str, *, allow_this: bool) -> Schema:
    """Return the schema of a condition, which may hold conditions of its own kind.

    Parameters
    ----------
    name : str
        Name of the definition.
    allow_this : bool
        Whether ``this`` refers to an element.
    """
    # These words match the pattern of a keyword too.
    words = "|".join((*COMBINATIONS, *(() if allow_this else (THIS,))))
    prefix = f"(?:{re.escape(SIBLING_PREFIX)})?" if allow_this else ""
    pattern = f"^(?!(?:{words})$){prefix}(?:{PRIVATE_NUMBER_PATTERN}|{_make_reference_pattern()})$"
    return {
        "type": "object",
        "minProperties": 1,
        "properties": {key: _make_one_or_more(_refer(name)) for key in COMBINATIONS},
        "patternProperties": {pattern: _refer("comparison")},
        "additionalProperties": False,
    }


def _make_comparison_schema() -> Schema:
    """Return the schema of the comparisons of one element."""
    schema = _make_object({operator: _make_operand(operator) for operator in COMPARISON_OPERATORS})
    schema["minProperties"] = 1
    return schema


def _make_operand(operator: str) -> Schema:
    """Return the schema of the operand of a comparison: values, or another element."""
    if operator in PRESENCE_OPERATORS:
        return {"const": True}
    texts = _make_one_or_more(_refer("text"))
    if operator == "matches":
        return texts
    pattern = (
        f"^(?:{THIS}|(?:{re.escape(SIBLING_PREFIX)})?"
        f"(?:{PRIVATE_NUMBER_PATTERN}|{_make_reference_pattern()}))$"
    )
    element = {"type": "string", "pattern": pattern}
    other = _make_object(_select(OTHER_KEYS, {"element": element}), OTHER_KEYS)
    number = {"type": "number"} if operator in ("greaterThan", "lessThan") else texts
    return {"anyOf": [number, other]}


def _make_selector_schema() -> Schema:
    """Return the schema of a selector. Editors complete its keywords."""
    step = f"(?:{'|'.join((*STEP_PATTERNS, '[A-Za-z0-9*]+'))})"
    forms = (
        f"[*+]/{step}(?:/{step})*",
        f"{step}(?:/{step})+",
        *STEP_PATTERNS,
        r"[A-Za-z0-9]*\*[A-Za-z0-9*]*",
    )
    pattern = f"^(?:{'|'.join(forms)})$"
    return {
        "type": "string",
        "anyOf": [{"enum": list(list_keywords())}, {"pattern": pattern}],
    }


def _make_reference_pattern() -> str:
    """Return the pattern of a reference to one element."""
    step = f"(?:{'|'.join((*STEP_PATTERNS, '[A-Za-z0-9]+'))})"
    return f"{step}(?:/{step})*"


def _select(keys: Sequence[str], schemas: Mapping[str, Schema]) -> dict[str, Schema]:
    """Return the schemas of keys; a key without one accepts any value."""
    return {key: schemas.get(key, {}) for key in keys}


def _make_object(properties: Mapping[str, Schema], required: Sequence[str] = ()) -> Schema:
    """Return the schema of a mapping that has no other keys."""
    schema: Schema = {
        "type": "object",
        "properties": dict(properties),
        "additionalProperties": False,
    }
    if required:
        schema["required"] = list(required)
    return schema


def _make_list(items: Schema) -> Schema:
    """Return the schema of a list."""
    return {"type": "array", "items": items}


def _make_one_or_more(items: Schema) -> Schema:
    """Return the schema of a list, or of a single entry instead of it."""
    return {"anyOf": [items, _make_list(items)]}


def _make_choice(choices: Sequence[object]) -> Schema:
    """Return the schema of one of several words."""
    return {"enum": list(choices)}


def _refer(name: str) -> Schema:
    """Return a reference to a definition."""
    return {"$ref": f"#/$defs/{name}"}
