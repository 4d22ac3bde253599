"""Test the mapping of FHIR references."""

from __future__ import annotations

import pytest

from safelight.notes.fhir.references import is_standard_url, map_reference, reference_id
from tests.notes.helpers import deidentifier


@pytest.mark.parametrize(
    "reference",
    ["Patient/a", "a", "#a", "https://h.test/fhir/Patient/a", "Patient/a/_history/3"],
)
def test_every_form_of_a_reference_refers_to_the_same_resource(reference: str) -> None:
    names = deidentifier().pseudonyms
    new = map_reference(reference, names)
    assert new is not None and reference_id(new) == names.token("fhir_id", "a")
    assert new.startswith("#") == reference.startswith("#") and "h.test" not in new


def test_urns_are_mapped_to_urns() -> None:
    names = deidentifier().pseudonyms
    new = map_reference("urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0", names)
    assert new and new.startswith("urn:uuid:") and "0c3151bd" not in new
    assert map_reference("urn:oid:1.2.3", names) == f"urn:oid:{names.uid('1.2.3')}"


def test_a_search_is_not_a_reference() -> None:
    assert map_reference("Patient?identifier=Zyxwell", deidentifier().pseudonyms) is None


def test_a_reference_to_an_unknown_type_is_removed() -> None:
    assert map_reference("Zyxwell/12", deidentifier().pseudonyms) is None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://loinc.org", True),
        ("https://loinc.org/x", True),
        ("http://loinc.org/CodeSystem/claimcareteamrole|4.0.1", True),
        ("http://loinc.org/fhir/us/core/StructureDefinition/us-core-patient", True),
        ("http://loinc.org/Zyxwell-Quimbleton", False),
        ("http://loinc.org/x?name=Zyxwell", False),
        ("http://loinc.org/x/6175550142", False),
        ("urn:oid:1.2.840.10008.6175550142", False),
        ("http://loinc.org.zyx.test", False),
        ("urn:oid:1.2.840.10008.2", True),
        ("urn:oid:1.2.840.100089", False),
        ("http://[", False),
    ],
)
def test_standard_urls_are_recognized_by_host_and_urn(url: str, expected: bool) -> None:
    urns = ("urn:oid:1.2.840.10008",)
    assert is_standard_url(url, frozenset({"loinc.org"}), urns) is expected
