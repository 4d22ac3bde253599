"""JSON files of notes: rows, FHIR resources and Bundles."""

from __future__ import annotations

import json

from tests.fuzz.note_files import check_file


def run(data: bytes) -> None:
    """De-identify a document, and each of its lines."""
    result = check_file(data, "json")
    if result.data is not None:
        json.loads(result.data)
    check_file(data, "jsonl")


def seeds() -> list[bytes]:
    """Return rows, resources and Bundles."""
    div = "<div>by <b>Ann</b>a<!-- x --><table><tr><td colspan='2'>3</td></tr></table></div>"
    patient = {
        "resourceType": "Patient", "id": "p", "gender": "female", "birthDate": "1950-03-04",
        "identifier": [{"system": "urn:oid:1.2.3", "value": "P1"}], "text": {"div": div},
        "name": [{"use": "official", "family": "Zyxquandary", "given": ["Anna"]}],
        "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/x", "valueCode": "y"}],
    }  # fmt: skip
    report = {
        "resourceType": "DiagnosticReport", "status": "final",
        "subject": {"reference": "Patient/p"},
        "code": {"coding": [{"system": "http://loinc.org", "code": "18748-4", "display": "x"}]},
        "presentedForm": [{"contentType": "text/plain; charset=utf-8", "data": "YWJj"}],
        "valueQuantity": {"value": 7.2, "unit": "mg/dL"},
    }  # fmt: skip
    bundle = {"resourceType": "Bundle", "type": "batch", "entry": [{"resource": patient}]}
    row = {
        "patient_id": 7, "text": "seen \u00e4 2020-01-02", "labs": {"na": 1, "2020-01-02": [2.5]},
        "ok": True, "none": None, "big": 12345678901,
    }  # fmt: skip
    return [json.dumps(value).encode() for value in (patient, report, bundle, row, [row, row])]
