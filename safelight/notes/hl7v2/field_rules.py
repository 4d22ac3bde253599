"""Rules of HL7 v2 fields (``conf/notes/hl7v2.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Union

from safelight.notes.field_actions import FieldOp, FieldRule, parse_rule
from safelight.notes.tables.columns import read_rule_file

_REMOVE = FieldRule(FieldOp.REMOVE)


@dataclass(frozen=True)
class ComponentRules:
    """Rules of the components of a field.

    Attributes
    ----------
    rules : dict
        Rules by component number, from 1.
    name : tuple of int
        Components that together are one person's name: family, given, middle.
    """

    rules: dict[int, FieldRule]
    name: tuple[int, ...] = ()


#: One rule for a whole field, or one rule for each component.
FieldRules = Union[FieldRule, ComponentRules]


@dataclass(frozen=True)
class Hl7Rules:
    """Content of ``conf/notes/hl7v2.yaml``.

    Attributes
    ----------
    segments : dict
        Rules by segment name and field number.
    observation_types : dict
        Rules of OBX-5 by the value type in OBX-2.
    patient_identifier_types : tuple of str
        Types of the identifier that is the Patient ID of images, in order of preference.
    """

    segments: dict[str, dict[int, FieldRules]]
    observation_types: dict[str, FieldRules]
    patient_identifier_types: tuple[str, ...]

    def rules(self, segment: str, field: int, value_type: str) -> FieldRules:
        """Return the rules of a field.

        Parameters
        ----------
        segment : str
        field : int
            Number of the field, from 1.
        value_type : str
            OBX-2 of the segment; empty for other segments.
        """
        rules = self.segments.get(segment, {}).get(field, _REMOVE)
        if isinstance(rules, FieldRule) and rules.op is FieldOp.BY_TYPE:
            return self.observation_types.get(value_type, _REMOVE)
        return rules


def component_rule(rules: FieldRules, component: int) -> FieldRule:
    """Return the rule of one component, counted from 1.

    Parameters
    ----------
    rules : FieldRule or ComponentRules
        Rules of the field.
    component : int
        Number of the component, from 1.

    Returns
    -------
    FieldRule
        Rule of the whole field if it has only one; ``remove`` for a component without a rule.
    """
    return rules if isinstance(rules, FieldRule) else rules.rules.get(component, _REMOVE)


@lru_cache(maxsize=1)
def load_hl7_rules() -> Hl7Rules:
    """Return the rules that ship with Safelight."""
    table = read_rule_file("hl7v2")
    types: dict[str, ComponentRules] = {
        name: ComponentRules(
            {int(number): parse_rule(rule) for number, rule in components.items()},
            tuple(table["names"].get(name, ())),
        )
        for name, components in table["types"].items()
    }

    def read(entry: Any) -> FieldRules:
        if isinstance(entry, dict):
            return ComponentRules({int(number): parse_rule(rule) for number, rule in entry.items()})
        return types[entry] if entry in types else parse_rule(entry)

    return Hl7Rules(
        {
            segment: {int(number): read(entry) for number, entry in fields.items()}
            for segment, fields in table["segments"].items()
        },
        {name: read(entry) for name, entry in table["observation_types"].items()},
        tuple(table["patient_identifier_types"]),
    )
