"""Test files that are one CDA or PDF document."""

from __future__ import annotations

import pytest

from safelight.records import Status
from tests.documents.make_pdf import make_pdf
from tests.notes.helpers import clean, patient, text_of

CDA = """<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3">
<id root="1.2.3.4.5.6" extension="DOC-7"/><recordTarget><patientRole>
<id root="2.16.840.1.113883.4.1" extension="512-44-8713"/><id root="1.2.3.9" extension="PAT-00917"/>
<patient><name><given>Anna</given><family>Zyxwell</family></name></patient></patientRole></recordTarget>
<component><section><text>Mrs <content>Zyx</content>well and Quimbleton: EF 55 %</text></section>
</component></ClinicalDocument>"""


def test_a_cda_document_is_about_the_patient_of_its_header() -> None:
    result = clean(CDA, "xml")
    someone = patient("PAT-00917")
    assert result.notes[0].patient_pseudonym == someone.pseudonym
    written = text_of(result)
    for secret in ("Zyx", "well", "Anna", "Quimbleton", "PAT-00917", "512-44", "DOC-7"):
        assert secret not in written
    assert f'extension="{someone.pseudonym}"' in written  # as in images
    assert "EF 55 %" in written and result.notes[0].findings
    assert [(m.kind, m.original) for m in result.mappings] == [("patient_id", "PAT-00917")]


@pytest.mark.parametrize("data", ["<a>Zyxwell</a>", "", "<ClinicalDocument", "no markup"])
def test_other_xml_is_refused(data: str) -> None:
    result = clean(data, "xml")
    assert result.data is None and result.notes[0].status is Status.QUARANTINED


def test_a_document_is_refused_if_text_is_off() -> None:
    assert clean(CDA, "xml", text=False).data is None


def test_a_pdf_that_cannot_be_opened_is_refused() -> None:
    result = clean(make_pdf(["Zyxwell"])[:300], "pdf")
    assert result.notes[0].reason_code == "encapsulated_document"
