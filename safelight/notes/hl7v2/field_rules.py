"""The rules of HL7 v2 fields (``conf/notes/hl7v2.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union

from safelight.notes.field_actions import FieldOp, FieldRule, parse_rule
from safelight.notes.tables.columns import read_table

_REMOVE = FieldRule(FieldOp.REMOVE)


@dataclass(frozen=True)
class Components:
    """Rules of the components of a field, by number from 1.

    Attributes
    ----------
    name : tuple of int
        The components that together are a person's name: family, given, middle.
    """

    rules: dict[int, FieldRule]
    name: tuple[int, ...] = ()


#: One rule for all of a field, or one for each component.
FieldRules = Union[FieldRule, Components]


@dataclass(frozen=True)
class Hl7Table:
    """All of the table."""

    segments: dict[str, dict[int, FieldRules]]
    observation_types: dict[str, FieldRules]
    patient_identifier_types: tuple[str, ...]

    def rules(self, segment: str, field: int, value_type: str) -> FieldRules:
        """The rules of a field; ``value_type`` is OBX-2 of its segment."""
        rules = self.segments.get(segment, {}).get(field, _REMOVE)
        if isinstance(rules, FieldRule) and rules.op is FieldOp.BY_TYPE:
            return self.observation_types.get(value_type, _REMOVE)
        return rules


def component_rule(rules: FieldRules, component: int) -> FieldRule:
    """The rule of one component, counted from 1."""
    return rules if isinstance(rules, FieldRule) else rules.rules.get(component, _REMOVE)


@lru_cache(maxsize=1)
def hl7_table() -> Hl7Table:
    """The shipped table."""
    table = read_table("hl7v2")
    types: dict[str, Components] = {
        name: Components(
            {int(number): parse_rule(rule) for number, rule in components.items()},
            tuple(table["names"].get(name, ())),
        )
        for name, components in table["types"].items()
    }

    def read(entry: Any) -> FieldRules:
        if isinstance(entry, dict):
            return Components({int(number): parse_rule(rule) for number, rule in entry.items()})
        return types[entry] if entry in types else parse_rule(entry)

    return Hl7Table(
        {
            segment: {int(number): read(entry) for number, entry in fields.items()}
            for segment, fields in table["segments"].items()
        },
        {name: read(entry) for name, entry in table["observation_types"].items()},
        tuple(table["patient_identifier_types"]),
    )
