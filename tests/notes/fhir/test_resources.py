"""Test that FHIR R4 resources are cleaned by the rules of their elements."""

from __future__ import annotations

import base64
import datetime
import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safelight.notes.deidentifier import NotesDeidentifier
from safelight.notes.fhir.patients import fhir_key
from safelight.notes.formats import FilePart
from safelight.records import Status
from safelight.rules import load_rules, parse_rules
from tests.notes.helpers import KEY, annotate, clean, deidentifier, patient, text_of

MR = {"coding": [{"system": "http://terminology.hl7.org/CodeSystem/v2-0203", "code": "MR"}]}
PATIENT: dict[str, Any] = {
    "resourceType": "Patient",
    "id": "p-1",
    "meta": {"lastUpdated": "2020-01-02T10:00:00.000+01:00", "versionId": "7", "source": "#zyx"},
    "text": {
        "status": "generated",
        "div": "<div xmlns='http://www.w3.org/1999/xhtml'><p title='Zyxwell'>Anna <b>Zyxwell</b>"
        " &amp; Quimbleton &lt;3<br></p><!-- Zyxwell --><script>Zyxwell</script>"
        "<img alt='Zyxwell'/><a href='http://zyxwell'>x</a></div>",
    },
    "identifier": [
        {"system": "http://hospital.test/ssn", "value": "123-45-6789"},
        {"system": "http://hospital.test/mrn", "type": MR, "value": "PAT917"},
    ],
    "name": [{"use": "official", "family": "Zyxwell", "given": ["Anna"], "text": "Anna Zyxwell"}],
    "telecom": [{"system": "phone", "value": "617-555-0142"}],
    "gender": "female",
    "birthDate": "1950-03-04",
    "_birthDate": {"extension": [{"url": "x", "valueDateTime": "1950-03-04T10:00:00Z"}]},
    "deceasedBoolean": False,
    "address": [
        {"line": ["3 Larkspur Way"], "city": "Wexcombe", "state": "MA", "postalCode": "02139"}
    ],
    "photo": [{"data": "WlpaWg=="}],
    "contact": [{"name": {"family": "Farnsbury"}, "telecom": [{"value": "1"}]}],
    "generalPractitioner": [{"reference": "Practitioner/d-1", "display": "Dr. Oduyaforth"}],
    "extension": [
        {
            "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
            "extension": [
                {
                    "url": "ombCategory",
                    "valueCoding": {
                        "system": "urn:oid:2.16.840.1.113883.6.238", "code": "2106-3",
                        "display": "White",
                    },
                }
            ],
        },
        {"url": "http://hospital.test/vip", "valueString": "Zyxwell"},
        {
            "url": "http://hl7.org/fhir/StructureDefinition/patient-mothersMaidenName",
            "valueString": "Zyxwell",
        },
    ],
}  # fmt: skip
OBSERVATION: dict[str, Any] = {
    "resourceType": "Observation",
    "id": "o-1",
    "status": "final",
    "category": [
        {
            "coding": [
                {"system": "http://hospital.test/cs", "code": "L1", "display": "Quimbleton lab"}
            ]
        }
    ],
    "code": {
        "coding": [{"system": "http://loinc.org", "code": "718-7", "display": "Quimbleton test"}],
        "text": "asked by Quimbleton",
    },
    "subject": {"reference": "Patient/p-1", "display": "Anna Zyxwell"},
    "effectiveDateTime": "2020-01-02T10:00:00Z",
    "issued": "2020-01-03T10:00:00.5+01:00",
    "performer": [{"reference": "https://ehr.hospital.test/fhir/Practitioner/d-1"}],
    "valueQuantity": {
        "value": 7.2, "unit": "g/dl", "system": "http://unitsofmeasure.org", "code": "g/dL",
    },
    "note": [
        {"authorString": "Oduyaforth", "time": "2020-01-04", "text": "Zyxwell, Wexcombe, PAT917"}
    ],
}  # fmt: skip
PRACTITIONER = {"resourceType": "Practitioner", "id": "d-1", "name": [{"family": "Brackenfold"}]}
SECRETS = (
    "Zyxwell", "zyx", "Quimbleton", "Oduyaforth", "Farnsbury", "Wexcombe", "Larkspur", "1950-03",
    "hospital.test", "617-555", "6789", "2020-01-0", "p-1", "d-1", "o-1", "PAT917", "WlpaWg",
    "Brackenfold",
)  # fmt: skip


def bundle(*resources: dict[str, Any]) -> str:
    entries = [
        {"fullUrl": f"https://ehr.hospital.test/fhir/{r['resourceType']}/{r['id']}", "resource": r}
        for r in resources
    ]
    return json.dumps(
        {"resourceType": "Bundle", "id": "b-1", "type": "collection", "entry": entries}
    )


@pytest.fixture(scope="module")
def cleaned_bundle() -> str:
    """Return a cleaned Bundle of a patient, an observation and a practitioner."""
    codes = dict(OBSERVATION, category=[], code={**OBSERVATION["code"], "coding": []})
    return text_of(clean(bundle(PATIENT, codes, PRACTITIONER), "json"))


def resources_of(cleaned: str) -> list[dict[str, Any]]:
    return [entry["resource"] for entry in json.loads(cleaned)["entry"]]


@pytest.mark.parametrize("secret", SECRETS)
def test_a_cleaned_bundle_contains_no_phi(cleaned_bundle: str, secret: str) -> None:
    assert secret not in cleaned_bundle


def test_the_medical_record_number_becomes_the_pseudonym(cleaned_bundle: str) -> None:
    identifier = resources_of(cleaned_bundle)[0]["identifier"][1]
    assert identifier == {"type": MR, "value": patient("PAT917").pseudonym}


def test_a_birth_date_becomes_a_year(cleaned_bundle: str) -> None:
    birth = datetime.date(1950, 3, 4) + datetime.timedelta(patient("PAT917").shift_days)
    assert resources_of(cleaned_bundle)[0]["birthDate"] == str(birth.year)


def test_attributes_that_do_not_identify_are_kept(cleaned_bundle: str) -> None:
    about, seen, _ = resources_of(cleaned_bundle)
    assert about["gender"] == "female" and about["deceasedBoolean"] is False
    assert about["address"] == [{"state": "MA", "postalCode": "021**"}]
    assert seen["valueQuantity"] == OBSERVATION["valueQuantity"]


def test_only_listed_extensions_are_kept(cleaned_bundle: str) -> None:
    (race,) = resources_of(cleaned_bundle)[0]["extension"]
    assert race["extension"][0]["valueCoding"]["display"] == "White"


def test_references_in_a_bundle_stay_valid(cleaned_bundle: str) -> None:
    entries = json.loads(cleaned_bundle)["entry"]
    about, seen, doctor = resources_of(cleaned_bundle)
    assert seen["subject"] == {"reference": f"Patient/{about['id']}"}
    assert about["generalPractitioner"] == [{"reference": f"Practitioner/{doctor['id']}"}]
    assert seen["performer"][0]["reference"] == entries[2]["fullUrl"]
    assert entries[0]["fullUrl"].endswith(f"/Patient/{about['id']}")


def test_dates_have_the_shift_of_the_patient(cleaned_bundle: str) -> None:
    seen = resources_of(cleaned_bundle)[1]
    day = datetime.date(2020, 1, 2) + datetime.timedelta(patient("PAT917").shift_days)
    assert seen["effectiveDateTime"] == f"{day}T10:00:00Z"
    assert seen["issued"] == f"{day + datetime.timedelta(1)}T10:00:00.5+01:00"


def test_known_values_of_the_patient_are_replaced_in_texts(cleaned_bundle: str) -> None:
    assert resources_of(cleaned_bundle)[1]["note"][0]["text"] == "[NAME], [LOCATION], [ID]"


def test_displays_that_are_not_plain_are_cleaned_as_text() -> None:
    new = json.loads(text_of(clean(json.dumps(OBSERVATION), "json")))
    (coding,) = OBSERVATION["code"]["coding"]
    assert new["code"]["coding"] == [{**coding, "display": "[NAME] test"}]
    assert new["code"]["text"] == "asked by [NAME]"
    assert new["category"] == [{"coding": [{"code": "L1", "display": "[NAME] lab"}]}]


def test_a_narrative_stays_well_formed() -> None:
    new = json.loads(text_of(clean(json.dumps(PATIENT), "json")))
    div = new["text"]["div"]
    ElementTree.fromstring(div)
    assert div == (
        '<div xmlns="http://www.w3.org/1999/xhtml"><p>[NAME]<b></b> &amp; [NAME] &lt;3<br/>'
        "</p>x</div>"
    )


@settings(deadline=None)
@given(st.text(st.characters(exclude_characters="\0"), max_size=60))
def test_any_markup_becomes_well_formed(markup: str) -> None:
    resource = {"resourceType": "Basic", "text": {"div": f"<div>{markup}</div>"}}
    rules = load_rules("research")  # the markup may be in any script
    rules = replace(rules, text=replace(rules.text, unsupported_language="clean"))
    cleaner = NotesDeidentifier(rules, key=KEY, annotate=annotate)
    new = json.loads(text_of(cleaner.deidentify(part_of(json.dumps(resource)))))
    div = new["text"]["div"].split("</div>")[0] + "</div>"
    ElementTree.fromstring(div)


def test_the_patient_of_a_resource_is_found_in_another_file() -> None:
    about = deidentifier().find_patient_facts(part_of(json.dumps(PATIENT)))
    result = deidentifier().deidentify(part_of(json.dumps(OBSERVATION)), about)
    assert result.notes[0].patient_pseudonym == patient("PAT917").pseudonym
    assert json.loads(text_of(result))["note"][0]["text"] == "[NAME], [LOCATION], [ID]"
    assert fhir_key("p-1") in deidentifier().scan(part_of(json.dumps(OBSERVATION))).patients
    alone = deidentifier().deidentify(part_of(json.dumps(OBSERVATION)))
    assert alone.notes[0].patient_pseudonym == patient("p-1").pseudonym


def part_of(text: str) -> Any:
    from safelight.notes.formats import FilePart

    return FilePart(text.encode() + b"\n", "jsonl", "x")


def document(content_type: str, data: str) -> dict[str, Any]:
    attachment = {
        "contentType": content_type, "data": data, "url": "https://zyx", "hash": "aa",
        "size": 10, "title": "Quimbleton's letter", "creation": "2020-01-02",
    }  # fmt: skip
    return {"resourceType": "DocumentReference", "content": [{"attachment": attachment}]}


@pytest.mark.parametrize(
    ("content_type", "text", "encoding", "expected"),
    [
        ("text/plain", "Quimbleton é", "utf-8", "[NAME] é"),
        ("text/plain; charset=ISO-8859-1", "Quimbleton é", "latin-1", "[NAME] é"),
        ("text/html", "<p>Quimbleton<script>x</script></p>", "utf-8", "<p>[NAME]</p>"),
        ("application/pdf", "Quimbleton", "utf-8", None),
        ("image/png", "Quimbleton", "utf-8", None),
    ],
)
def test_attachments_are_cleaned_by_their_type(
    content_type: str, text: str, encoding: str, expected: str | None
) -> None:
    data = base64.b64encode(text.encode(encoding)).decode()
    result = clean(json.dumps(document(content_type, data)), "json")
    new = json.loads(text_of(result))["content"][0]["attachment"]
    assert new["title"] == "[NAME]'s letter" and new["creation"] != "2020-01-02"
    assert not {"url", "hash", "size"} & new.keys()
    assert (base64.b64decode(new["data"]).decode() if "data" in new else None) == expected
    binary = {"resourceType": "Binary", "contentType": content_type, "data": data}
    new = json.loads(text_of(clean(json.dumps(binary), "json")))
    assert (base64.b64decode(new["data"]).decode() if "data" in new else None) == expected


def attached(content_type: str, content: bytes) -> bytes | None:
    data = base64.b64encode(content).decode()
    result = clean(json.dumps(document(content_type, data)), "json")
    new = json.loads(text_of(result))["content"][0]["attachment"]
    return base64.b64decode(new["data"]) if "data" in new else None


def test_attached_documents_are_cleaned_or_removed() -> None:
    cda = (
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><patient><name>'
        "<family>Zyxwell</family></name></patient></patientRole></recordTarget><component>"
        "<structuredBody><component><section><text>Zyxwell, by Quimbleton: liver normal"
        "</text></section></component></structuredBody></component></ClinicalDocument>"
    )
    new = attached("application/xml", cda.encode())
    assert new is not None and b"liver normal" in new
    assert b"Zyxwell" not in new and b"Quimbleton" not in new
    assert attached("application/xml", b"<html>Zyxwell</html>") is None
    assert attached("application/pdf", b"%PDF-1.4 Zyxwell") is None


def test_a_malformed_entry_is_refused_alone() -> None:
    broken = dict(document("text/plain", "%%%"), id="x")
    result = clean(bundle(PATIENT, broken), "json")
    assert [n.status for n in result.notes] == [
        Status.DEIDENTIFIED, Status.DEIDENTIFIED, Status.QUARANTINED,
    ]  # fmt: skip
    assert len(json.loads(text_of(result))["entry"]) == 1


def test_a_resource_that_is_nested_too_deep_is_refused() -> None:
    deep: Any = "x"
    for _ in range(150):
        deep = {"item": [deep]}
    (note,) = clean(json.dumps({"resourceType": "Questionnaire", **deep}), "json").notes
    assert note.reason_code == "too_deep"


def test_text_off_removes_strings_that_need_cleaning() -> None:
    new = json.loads(text_of(clean(json.dumps(OBSERVATION), "json", text=False)))
    assert "text" not in new["code"] and new["status"] == "final"
    assert new["valueQuantity"]["value"] == 7.2


def test_numbers_of_many_digits_are_removed_unless_they_are_quantities() -> None:
    resource = {
        "resourceType": "QuestionnaireResponse",
        "item": [{"linkId": "1", "answer": [{"valueInteger": 48213377}, {"valueInteger": 3}]}],
        "48213377": "x", "of Zyxwell": "x",
        "valueQuantity": {"value": 12500000, "unit": "copies/mL"},
        "referenceRange": [{"text": "12-16"}],
    }  # fmt: skip
    new = json.loads(text_of(clean(json.dumps(resource), "json")))
    assert new["item"][0]["answer"] == [{"valueInteger": 3}]
    assert new["valueQuantity"]["value"] == 12500000
    assert new["referenceRange"][0]["text"] == "12-16"
    assert set(new) == {"resourceType", "item", "valueQuantity", "referenceRange"}


@pytest.mark.parametrize(
    "resource",
    [
        {"Zyxwell": "x"},
        {"contact": [{"Zyxwell": {"gender": "male"}}]},
        {"gender": "Dr. Zyxwell 617-555-0142"},
        {"language": "Zyxwell"},
        {"meta": {"profile": ["http://hl7.org/fhir/Zyxwell"]}},
        {"maritalStatus": {"coding": [{"system": "http://loinc.org/Zyxwell", "code": "M"}]}},
        {"maritalStatus": {"coding": [{"system": "urn:x", "code": "617-555-0142"}]}},
        {"contained": [{"resourceType": "Zyxwell"}]},
        {"generalPractitioner": [{"reference": "Zyxwell/1", "type": "Zyxwell"}]},
        {"name": [{"prefix": ["Zyxwell"], "suffix": ["Zyxwell"], "use": "Zyxwell"}]},
        {"photo": [{"contentType": "image/zyxwell"}]},
        {
            "extension": [
                {
                    "url": "http://hl7.org/fhir/us/core/StructureDefinition/us-core-race",
                    "extension": [{"url": "Zyxwell", "valueBoolean": True}],
                }
            ]
        },
    ],
)
def test_names_and_codes_that_the_sender_chooses_are_removed(resource: dict[str, Any]) -> None:
    new = text_of(clean(json.dumps({"resourceType": "Patient", **resource}), "json"))
    assert "zyxwell" not in new.lower() and "0142" not in new


def test_an_attachment_keeps_only_a_known_type() -> None:
    attachment = {"contentType": "text/zyxwell", "data": "WlpaWg=="}
    resource = {"resourceType": "DocumentReference", "content": [{"attachment": attachment}]}
    assert "zyxwell" not in text_of(clean(json.dumps(resource), "json"))


def test_a_resource_of_an_unknown_type_is_refused() -> None:
    (note,) = clean('{"resource": {"resourceType": "Zyxwell"}}', "json").notes
    assert note.reason_code == "malformed_row" and "Zyxwell" not in note.reason


def test_a_name_may_continue_across_inline_markup() -> None:
    div = "<div><p>by <b>Quimb</b>leton</p><p>Oduya<br/>forth fine</p></div>"
    resource = {"resourceType": "Basic", "text": {"status": "generated", "div": div}}
    new = json.loads(text_of(clean(json.dumps(resource), "json")))["text"]["div"]
    assert "<p>by <b>[NAME]</b></p>" in new and "Oduya<br/>forth fine" in new


SHARED_DATES: dict[str, Any] = {
    "Device": {"manufactureDate": "2015-05-05", "expirationDate": "2030-01-31T00:00:00Z"},
    "Medication": {"batch": {"expirationDate": "2026-12-31"}},
    "Immunization": {"expirationDate": "2021-12-31"},
    "Condition": {"meta": {"lastUpdated": "2021-02-03T10:00:00.000Z"}},
    "Substance": {"instance": [{"expiry": "2027-03-01"}]},
    "Questionnaire": {"date": "2019-02-03", "approvalDate": "2018-01-02"},
    "ResearchStudy": {"period": {"start": "2017-06-05"}},
}


@pytest.mark.parametrize("resource_type", SHARED_DATES)
def test_dates_that_patients_share_are_removed_where_dates_are_shifted(resource_type: str) -> None:
    shared = SHARED_DATES[resource_type]
    resource = {
        "resourceType": resource_type, "patient": {"reference": "Patient/p-1"}, **shared,
        "contained": [{"resourceType": resource_type, **shared}],
    }  # fmt: skip
    assert not re.search(r"\d{4}-\d\d-\d\d", text_of(clean(json.dumps(resource), "json")))
    rules = parse_rules(
        "extends: basic\nname: t\nversion: '1'\noptions: [retain_long_full_dates]\n", "t"
    )
    part = FilePart(json.dumps(resource).encode(), "json", "in/a")
    kept = text_of(NotesDeidentifier(rules, key=KEY, annotate=annotate).deidentify(part))
    dates = re.findall(r"\d{4}-\d\d-\d\d", json.dumps(resource))
    assert re.findall(r"\d{4}-\d\d-\d\d", kept) == dates


def test_the_time_of_a_bundle_is_removed_where_dates_are_shifted() -> None:
    bundle = {"resourceType": "Bundle", "type": "batch", "timestamp": "2020-01-02T03:04:05Z",
              "entry": [{"resource": PATIENT}]}  # fmt: skip
    assert "timestamp" not in text_of(clean(json.dumps(bundle), "json"))
