"""Find the patients that FHIR resources describe, and the values known of persons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from safelight.notes.fhir.element_rules import load_fhir_rules
from safelight.notes.fhir.references import reference_id
from safelight.notes.models import PatientFacts
from safelight.notes.options import NotesOptions
from safelight.text.known.known_phi import KnownValue

#: Key of the only patient of a file, for resources that do not name their patient.
ONLY_PATIENT_KEY = "fhir\x1f"


def fhir_key(resource_id: str) -> str:
    """Return the key of the facts about a resource."""
    return f"{ONLY_PATIENT_KEY}{resource_id}"


def _dicts(value: Any) -> list[dict[str, Any]]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, dict)]


def _strings(value: Any) -> list[str]:
    items = value if isinstance(value, list) else [value]
    return [item for item in items if isinstance(item, str)]


def patient_identity_of(patient: dict[str, Any], options: NotesOptions) -> str:
    """Return the identity of a Patient, by the identifier that is the Patient ID of images.

    Without any identifier it is the ID of the resource.

    Parameters
    ----------
    patient : dict
        Patient resource as parsed JSON.
    options : NotesOptions
        Issuer of the patient IDs, and whether the identity includes it.

    Returns
    -------
    str
        Normalized identity (PHI); empty if the resource has neither an identifier nor an ID.
    """
    identifiers = [
        (str(item.get("value", "")).strip(), _type_codes(item))
        for item in _dicts(patient.get("identifier", []))
    ]
    identifiers = [item for item in identifiers if item[0]]
    for wanted in load_fhir_rules().patient_identifier_types:
        for value, codes in identifiers:
            if wanted in codes:
                return options.identity(value)
    value = identifiers[0][0] if identifiers else str(patient.get("id", ""))
    return options.identity(value) if value else ""


def _type_codes(identifier: dict[str, Any]) -> list[str]:
    types = _dicts(identifier.get("type", {}))
    return [str(coding.get("code")) for one in types for coding in _dicts(one.get("coding", []))]


def known_values_of(resource: dict[str, Any]) -> Iterator[KnownValue]:
    """Return the values that identify the person or institution that a resource describes."""
    resource_type = str(resource.get("resourceType", ""))
    if resource_type in load_fhir_rules().known_types:
        yield from _known_values(resource, resource_type)


def _known_values(value: Any, path: str) -> Iterator[KnownValue]:
    if isinstance(value, list):
        for item in value:
            yield from _known_values(item, path)
    elif isinstance(value, dict):
        if path.endswith(".name") and "family" in value:
            given = " ".join(_strings(value.get("given", [])))
            yield KnownValue("NAME", "^".join(filter(None, [str(value["family"]), given])))
        for name, inner in value.items():
            yield from _known_values(inner, f"{path}.{name}")
    elif isinstance(value, str) and value.strip():
        rule = load_fhir_rules().known.rule(path)
        if rule is not None:
            yield KnownValue(rule.entity, value, rule.kind)
        elif path == "Organization.name":
            yield KnownValue("LOCATION", value, "HOSPITAL")


def find_patients(
    values: Iterable[dict[str, Any]], options: NotesOptions
) -> dict[str, PatientFacts]:
    """Return the facts about the persons that resources describe, by ``fhir_key``.

    The values of a RelatedPerson are also known of the patient. If the resources describe one
    patient only, resources that do not name a patient belong to that one.

    Parameters
    ----------
    values : iterable of dict
        Resources, or entries of a Bundle.
    options : NotesOptions
    """
    identities: dict[str, str] = {}
    known_by_key: dict[str, list[KnownValue]] = {}
    patient_keys: set[str] = set()
    for value in values:
        entry = value.get("resource")
        resource = entry if isinstance(entry, dict) else value
        is_patient = resource.get("resourceType") == "Patient"
        if not isinstance(resource.get("id", ""), str):
            continue
        known = tuple(known_values_of(resource))
        if not known and not is_patient:
            continue
        identity = patient_identity_of(resource, options) if is_patient else ""
        if is_patient:
            patient_keys.add(fhir_key(str(resource.get("id", ""))))
        for key in _fact_keys(value, resource):
            identities[key] = identities.get(key, "") or identity
            known_by_key.setdefault(key, []).extend(known)
    facts = {
        key: PatientFacts(identities[key], tuple(dict.fromkeys(known_by_key[key])))
        for key in known_by_key
    }
    facts.pop(ONLY_PATIENT_KEY, None)
    if len(patient_keys) == 1:
        (key,) = patient_keys
        if key in facts:
            facts[ONLY_PATIENT_KEY] = facts[key]
    return facts


def _fact_keys(value: dict[str, Any], resource: dict[str, Any]) -> Iterable[str]:
    """Return the keys under which other resources refer to this one, without duplicates."""
    keys = [fhir_key(str(resource.get("id", "")))]
    if isinstance(value.get("fullUrl"), str):
        keys.append(fhir_key(reference_id(value["fullUrl"])))
    for related in _dicts(resource.get("patient", [])):
        keys.append(fhir_key(reference_id(str(related.get("reference", "")))))
    return dict.fromkeys(keys)
