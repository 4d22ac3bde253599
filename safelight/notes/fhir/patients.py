"""What FHIR resources say of people: who a patient is, and what to look for in the texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from safelight.notes.fhir.element_rules import fhir_table
from safelight.notes.fhir.references import reference_id
from safelight.notes.models import PatientFacts
from safelight.notes.record_subject import NotesOptions
from safelight.text.known.known_phi import KnownValue


def fhir_key(resource_id: str) -> str:
    """The key of the facts about a resource; of an empty id, of the only patient of a piece."""
    return f"fhir\x1f{resource_id}"


def _dicts(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def _strings(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def patient_identity_of(patient: dict[str, Any], options: NotesOptions) -> str:
    """The identity of a Patient: by the identifier that images have as Patient ID."""
    identifiers = [
        (str(item.get("value", "")).strip(), _type_codes(item))
        for item in _dicts(patient.get("identifier", []))
    ]
    identifiers = [item for item in identifiers if item[0]]
    for wanted in fhir_table().patient_identifier_types:
        for value, codes in identifiers:
            if wanted in codes:
                return options.identity(value)
    value = identifiers[0][0] if identifiers else str(patient.get("id", ""))
    return options.identity(value) if value else ""


def _type_codes(identifier: dict[str, Any]) -> list[str]:
    kinds = _dicts(identifier.get("type", {}))
    return [str(coding.get("code")) for kind in kinds for coding in _dicts(kind.get("coding", []))]


def known_of(resource: dict[str, Any]) -> Iterator[KnownValue]:
    """The values that identify whom a resource describes, if it describes somebody."""
    kind = str(resource.get("resourceType", ""))
    if kind in fhir_table().known_types:
        yield from _known(resource, kind)


def _known(value: Any, path: str) -> Iterator[KnownValue]:
    if isinstance(value, list):
        for item in value:
            yield from _known(item, path)
    elif isinstance(value, dict):
        if path.endswith(".name") and "family" in value:
            given = " ".join(_strings(value.get("given", [])))
            yield KnownValue("NAME", "^".join(filter(None, [str(value["family"]), given])))
        for name, inner in value.items():
            yield from _known(inner, f"{path}.{name}")
    elif isinstance(value, str) and value.strip():
        rule = fhir_table().known.rule(path)
        if rule is not None:
            yield KnownValue(rule.entity, value, rule.kind)
        elif path == "Organization.name":
            yield KnownValue("LOCATION", value, "HOSPITAL")


def patients_of(values: Iterable[dict[str, Any]], options: NotesOptions) -> dict[str, PatientFacts]:
    """Facts about everybody whom some resources describe, by ``fhir_key``.

    A RelatedPerson's values are known of the patient as well. If there is one patient only,
    resources that name none are taken to be about it.
    """
    facts: dict[str, PatientFacts] = {}
    identities: dict[str, str] = {}
    for value in values:
        entry = value.get("resource")
        resource = entry if isinstance(entry, dict) else value
        known = tuple(known_of(resource))
        if not known and resource.get("resourceType") != "Patient":
            continue
        keys = [fhir_key(str(resource.get("id", "")))]
        if isinstance(value.get("fullUrl"), str):
            keys.append(fhir_key(reference_id(value["fullUrl"])))
        identity = ""
        if resource.get("resourceType") == "Patient":
            identity = patient_identity_of(resource, options)
            identities[keys[0]] = identity
        for related in _dicts(resource.get("patient", [])):
            keys.append(fhir_key(reference_id(str(related.get("reference", "")))))
        for key in dict.fromkeys(keys):
            there = facts.get(key, PatientFacts(""))
            facts[key] = PatientFacts(there.identity or identity, there.known + known)
    facts.pop(fhir_key(""), None)
    if len(identities) == 1:
        ((key, _),) = identities.items()
        if key in facts:
            facts[fhir_key("")] = facts[key]
    return facts
