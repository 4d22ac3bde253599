"""Parse conditions: of filters, of entries of ``elements`` and of ``add``."""

from __future__ import annotations

from typing import Literal

from safelight.rules.conditions import (
    COMPARISON_OPERATORS,
    PRESENCE_OPERATORS,
    Combination,
    Comparison,
    ComparisonOperator,
    Condition,
)
from safelight.rules.linear_patterns import find_pattern_defect
from safelight.rules.parsing.yaml_node import YamlNode
from safelight.rules.references import (
    SIBLING_PREFIX,
    THIS,
    is_beside_this,
    parse_reference,
)

COMBINATIONS: dict[str, Literal["all", "any", "not"]] = {"all": "all", "any": "any", "not": "not"}
#: Keys of an operand that refers to another element.
OTHER_KEYS = ("element",)
_MAX_CONDITION_DEPTH = 10


def parse_condition(node: YamlNode, *, allow_this: bool = False, depth: int = 0) -> Condition:
    """Return ``{Element: {operator: value}}``, ``{all: […]}``, ``{any: […]}`` or ``{not: […]}``.

    Parameters
    ----------
    node : YamlNode
    allow_this : bool
        Whether ``this`` refers to an element.
    depth : int
        Number of conditions around this one.
    """
    if depth > _MAX_CONDITION_DEPTH:  # a YAML alias may contain itself
        raise node.make_error(f"conditions nested at most {_MAX_CONDITION_DEPTH} levels deep")
    mapping = node.as_mapping(None)
    conditions: list[Condition] = []
    for key in mapping:
        value = mapping.require(key)
        if key in COMBINATIONS:
            inner = tuple(
                parse_condition(one, allow_this=allow_this, depth=depth + 1)
                for one in value.as_list_or_single()
            )
            conditions.append(Combination(COMBINATIONS[key], inner))
        else:
            key_node = mapping.get_key_node(key)
            conditions.extend(_parse_comparisons(key_node, value, allow_this))
    if not conditions:
        raise node.make_error("a condition, such as Modality: {equals: CT}")
    return conditions[0] if len(conditions) == 1 else Combination("all", tuple(conditions))


def _parse_comparisons(key: YamlNode, node: YamlNode, allow_this: bool) -> list[Comparison]:
    """Return the comparisons of one element, which the key names."""
    reference = key.as_text()
    if is_beside_this(reference) and not allow_this:
        raise key.make_error(
            f"an element of the object instead of {reference}, which only an entry of elements has"
        )
    if reference != THIS:
        key.parse_text(_parse_reference)
    if node.is_scalar:
        operators = ", ".join(COMPARISON_OPERATORS)
        raise node.make_error(f"one of {operators} for {reference}, such as {{equals: …}}")
    mapping = node.as_mapping(COMPARISON_OPERATORS)
    if not list(mapping):
        raise node.make_error(f"one of {', '.join(COMPARISON_OPERATORS)} for {reference}")
    return [
        _parse_comparison(reference, operator, mapping.require(operator))
        for operator in COMPARISON_OPERATORS
        if operator in mapping
    ]


def _parse_other(reference: str, operand: YamlNode) -> str:
    """Return the reference of ``{element: Reference}``, with whose values another is compared."""
    node = operand.as_mapping(OTHER_KEYS).require("element")
    other = node.as_text()
    if is_beside_this(other) != is_beside_this(reference):
        raise node.make_error(
            "two elements of the object, or two of the same item (this and references with ./)"
        )
    if other != THIS:
        node.parse_text(_parse_reference)
    return other


def _parse_reference(text: str) -> None:
    """Raise a ValueError unless a text is a reference to an element."""
    parse_reference(text.removeprefix(SIBLING_PREFIX), by_number=True)


def _parse_comparison(
    reference: str, operator: ComparisonOperator, operand: YamlNode
) -> Comparison:
    """Return one comparison."""
    if operator in PRESENCE_OPERATORS:
        if not operand.as_boolean():
            raise operand.make_error(f"true for {operator}; use not: to invert it")
        return Comparison(reference, operator)
    if operator != "matches" and operand.is_mapping:
        return Comparison(reference, operator, other=_parse_other(reference, operand))
    if operator in ("greaterThan", "lessThan"):
        return Comparison(reference, operator, (str(operand.as_number()),))
    values = tuple(one.as_text() for one in operand.as_list_or_single())
    if operator == "matches":
        for one in operand.as_list_or_single():
            if defect := find_pattern_defect(one.as_text()):
                raise one.make_error(f"a regular expression of RE2 ({defect})")
    return Comparison(reference, operator, values)
