"""Rules of FHIR elements by path (``conf/notes/fhir.yaml``)."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Optional

from safelight.notes.field_actions import FieldRule, parse_rule
from safelight.notes.tables.columns import read_rule_file


@dataclass(frozen=True)
class PathRules:
    """Rules by whole paths and by ends of paths.

    Attributes
    ----------
    by_path : dict
        Rules by the path from the type of the resource: ``Patient.name.family``.
    by_path_end : dict
        Rules by the end of a path in any resource: ``name.family``.
    """

    by_path: dict[str, FieldRule]
    by_path_end: dict[str, FieldRule]
    _cache: dict[str, Optional[FieldRule]] = field(default_factory=dict, compare=False)

    def rule(self, path: str) -> Optional[FieldRule]:
        """Return the rule of ``Patient.contact.name.family``; ``None`` if there is none."""
        if path not in self._cache:
            self._cache[path] = self._find_rule(path)
        return self._cache[path]

    def _find_rule(self, path: str) -> Optional[FieldRule]:
        if path in self.by_path:
            return self.by_path[path]
        parts = path.split(".")
        for start in range(1, len(parts)):
            rule = self.by_path_end.get(".".join(parts[start:]))
            if rule is not None:
                return rule
        return None


@dataclass(frozen=True)
class FhirRules:
    """Content of ``conf/notes/fhir.yaml``.

    Attributes
    ----------
    paths : PathRules
        Actions on elements.
    known : PathRules
        Entities of the elements whose values identify a person.
    known_types : frozenset of str
        Resource types that describe a person or an institution.
    shared_types : frozenset of str
        Resource types whose dates the records of several patients share.
    patient_identifier_types : tuple of str
        Types of the identifier that is the Patient ID of images, in order of preference.
    hosts : frozenset of str
        Hosts of standard code systems, profiles and extensions.
    urns : tuple of str
        URNs of standard code systems.
    extensions, nested_extensions : frozenset of str
        URLs of the extensions that are kept, and of those inside them.
    """

    paths: PathRules
    known: PathRules
    known_types: frozenset[str]
    shared_types: frozenset[str]
    patient_identifier_types: tuple[str, ...]
    hosts: frozenset[str]
    urns: tuple[str, ...]
    extensions: frozenset[str]
    nested_extensions: frozenset[str]


def _parse_path_rules(section: dict[str, str]) -> PathRules:
    by_path, by_path_end = {}, {}
    for path, text in section.items():
        if path.startswith("*."):
            by_path_end[path[2:]] = parse_rule(text)
        else:
            by_path[path] = parse_rule(text)
    return PathRules(by_path, by_path_end)


@lru_cache(maxsize=1)
def load_fhir_rules() -> FhirRules:
    """Return the rules that ship with Safelight."""
    table = read_rule_file("fhir")
    return FhirRules(
        _parse_path_rules(table["paths"]),
        _parse_path_rules(table["known"]),
        frozenset(table["known_types"]),
        frozenset(table["shared_types"]),
        tuple(table["patient_identifier_types"]),
        frozenset(table["hosts"]),
        tuple(table["urns"]),
        frozenset(table["extensions"]),
        frozenset(table["nested_extensions"]),
    )
