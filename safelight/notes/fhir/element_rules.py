"""The rules of FHIR elements by path (``conf/notes/fhir.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Optional

from safelight.notes.field_actions import FieldRule, parse_rule
from safelight.notes.tables.columns import read_table


@dataclass(frozen=True)
class PathRules:
    """Rules by the whole path or by the end of a path."""

    whole: dict[str, FieldRule]
    ends: dict[str, FieldRule]
    _found: dict[str, Optional[FieldRule]] = field(default_factory=dict, compare=False)

    def rule(self, path: str) -> Optional[FieldRule]:
        """The rule of ``Patient.contact.name.family``, or ``None`` where nothing is said."""
        if path not in self._found:
            self._found[path] = self._look_up(path)
        return self._found[path]

    def _look_up(self, path: str) -> Optional[FieldRule]:
        if path in self.whole:
            return self.whole[path]
        parts = path.split(".")
        for start in range(1, len(parts)):
            rule = self.ends.get(".".join(parts[start:]))
            if rule is not None:
                return rule
        return None


@dataclass(frozen=True)
class FhirTable:
    """All of the table."""

    paths: PathRules
    known: PathRules
    known_types: frozenset[str]
    patient_identifier_types: tuple[str, ...]
    hosts: frozenset[str]
    urns: tuple[str, ...]
    extensions: frozenset[str]


def _path_rules(section: dict[str, str]) -> PathRules:
    whole, ends = {}, {}
    for path, text in section.items():
        if path.startswith("*."):
            ends[path[2:]] = parse_rule(text)
        else:
            whole[path] = parse_rule(text)
    return PathRules(whole, ends)


@lru_cache(maxsize=1)
def fhir_table() -> FhirTable:
    """The shipped table."""
    table = read_table("fhir")
    return FhirTable(
        _path_rules(table["paths"]),
        _path_rules(table["known"]),
        frozenset(table["known_types"]),
        tuple(table["patient_identifier_types"]),
        frozenset(table["hosts"]),
        tuple(table["urns"]),
        frozenset(table["extensions"]),
    )
