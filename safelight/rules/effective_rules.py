"""Operations of a rule set on standard attributes, by their Type, without an object."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from safelight.rules.compiled_rules import CompiledLevel, CompiledRules
from safelight.rules.model import RuleSet
from safelight.rules.operations import AttributeRule, Operation
from safelight.rules.selectors import list_dictionary_tags
from safelight.standard.confidentiality import load_table
from safelight.standard.iod import IodLevel

#: Types for which rules are compared, and the sequence of one nested level.
TYPES = ("3", "2", "1")
_ANY_SEQUENCE = 0x00081140  # Referenced Image Sequence


@dataclass(frozen=True)
class _UniformLevel(IodLevel):
    """Level of an IOD that defines every attribute with one Type."""

    nodes: tuple[int, ...] = ()
    complete: bool = True
    attribute_type: str = "3"

    def defines(self, tag: int) -> bool:  # noqa: ARG002
        """Return true for every attribute."""
        return True

    def get_type(self, tag: int) -> str:  # noqa: ARG002
        """Return the Type of all attributes."""
        return self.attribute_type

    def get_item_level(self, tag: int) -> IodLevel:  # noqa: ARG002
        """Return the same level for the items of every sequence."""
        return self


class EffectiveRules:
    """Rules of a rule set for attributes whose Type is given.

    Parameters
    ----------
    rules : RuleSet
    """

    def __init__(self, rules: RuleSet):
        compiled = CompiledRules(rules)
        self._levels = {
            (attribute_type, path): CompiledLevel(
                compiled, _UniformLevel(attribute_type=attribute_type), path, False, False
            )
            for attribute_type in TYPES
            for path in ((), (_ANY_SEQUENCE,))
        }

    def get_rule(self, tag: int, attribute_type: str, *, nested: bool = False) -> AttributeRule:
        """Return the rule for an attribute of a Type.

        Parameters
        ----------
        tag : int
        attribute_type : str
            One of `TYPES`.
        nested : bool
            Whether the attribute is inside a sequence.
        """
        return self._levels[attribute_type, (_ANY_SEQUENCE,) if nested else ()].rules[tag]

    def describe(self, tag: int, *, nested: bool = False) -> str:
        """Return the operations on an attribute: for Type 3, then those of Types 2 and 1.

        Parameters
        ----------
        tag : int
        nested : bool
            Whether the attribute is inside a sequence.
        """
        texts = {one: format_rule(self.get_rule(tag, one, nested=nested)) for one in TYPES}
        parts = [texts["3"]]
        parts += [f"type {one}: {texts[one]}" for one in TYPES[1:] if texts[one] != texts["3"]]
        return "; ".join(parts)


def list_standard_tags() -> tuple[int, ...]:
    """Return the tags of the dictionary and of Table E.1-1, in order."""
    listed = (int(tag.replace("x", "0"), 16) for tag in load_table())
    return tuple(sorted({*list_dictionary_tags(), *listed}))


def format_rule(rule: AttributeRule) -> str:
    """Return the operation of a rule as text, with its cases and its parameters."""
    return " or ".join(dict.fromkeys(_format_alternatives(rule)))


def _format_alternatives(rule: AttributeRule) -> Iterator[str]:
    """Yield the operations that objects can get."""
    for one in rule.list_alternatives():
        text = one.operation.name.lower()
        if one.operation is Operation.CLEAN:
            text += f" else {one.fallback.name.lower()}"
        if one.parameters is not None:
            settings = one.parameters.list_settings().items()
            listed = ", ".join(f"{name} {value}" for name, value in settings)
            text = " ".join(filter(None, (one.parameters.action, listed)))
        elif one.operation is Operation.LITERAL:
            text += f" {one.argument}"
        yield text
