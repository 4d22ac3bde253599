"""Test the facts about patients that FHIR resources state."""

from __future__ import annotations

from typing import Any

from safelight.notes.fhir.patients import (
    ONLY_PATIENT_KEY,
    fhir_key,
    find_patients,
    known_values_of,
    patient_identity_of,
)
from safelight.notes.options import NotesOptions
from safelight.text.known.known_phi import KnownValue
from tests.notes.fhir.test_resources import MR

OPTIONS = NotesOptions()


def person(resource_type: str, resource_id: str, **members: Any) -> dict[str, Any]:
    name = {"family": "Zyxwell", "given": ["Anna"]}
    return {"resourceType": resource_type, "id": resource_id, "name": [name], **members}


def test_the_identity_is_the_medical_record_number() -> None:
    identifiers = [{"value": "123-45-6789"}, {"value": "PAT917", "type": MR}]
    patient = person("Patient", "p-1", identifier=identifiers)
    assert patient_identity_of(patient, OPTIONS) == OPTIONS.identity("PAT917")


def test_the_identity_without_an_identifier_is_the_resource_id() -> None:
    assert patient_identity_of(person("Patient", "p-1"), OPTIONS) == OPTIONS.identity("p-1")


def test_the_name_of_a_person_is_known_as_a_whole() -> None:
    assert KnownValue("NAME", "Zyxwell^Anna") in list(known_values_of(person("Patient", "p-1")))


def test_a_resource_that_does_not_describe_a_person_has_no_known_values() -> None:
    assert list(known_values_of({"resourceType": "Device", "name": "Zyxwell"})) == []


def test_facts_have_the_key_of_the_resource_and_of_its_full_url() -> None:
    entry = {"fullUrl": "urn:uuid:u-1", "resource": person("Patient", "p-1")}
    facts = find_patients([entry], OPTIONS)
    assert facts[fhir_key("p-1")] == facts[fhir_key("u-1")]


def test_the_values_of_a_related_person_are_known_of_the_patient() -> None:
    related = person("RelatedPerson", "r-1", patient={"reference": "Patient/p-1"})
    facts = find_patients([{"resourceType": "Patient", "id": "p-1"}, related], OPTIONS)
    assert KnownValue("NAME", "Zyxwell^Anna") in facts[fhir_key("p-1")].known


def test_the_only_patient_is_the_patient_of_resources_that_name_none() -> None:
    facts = find_patients([person("Patient", "p-1")], OPTIONS)
    assert facts[ONLY_PATIENT_KEY] == facts[fhir_key("p-1")]


def test_there_is_no_such_patient_if_there_are_two() -> None:
    facts = find_patients([person("Patient", "p-1"), person("Patient", "p-2")], OPTIONS)
    assert ONLY_PATIENT_KEY not in facts
