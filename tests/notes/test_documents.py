"""Files that are one document: CDA, PDF, HL7 v2 under the name of a text; and packed files."""

from __future__ import annotations

import gzip

import pytest

from safelight.notes.formats import detect_format
from safelight.notes.gzip_files import compress, decompress
from safelight.records import Refusal, Status
from tests.notes.helpers import clean, patient, text_of

CDA = """<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3">
<id root="1.2.3.4.5.6" extension="DOC-7"/><recordTarget><patientRole>
<id root="2.16.840.1.113883.4.1" extension="512-44-8713"/><id root="1.2.3.9" extension="PAT-00917"/>
<patient><name><given>Anna</given><family>Zyxwell</family></name></patient></patientRole></recordTarget>
<component><section><text>Mrs <content>Zyx</content>well and Quimbleton: EF 55 %</text></section>
</component></ClinicalDocument>"""


def test_a_cda_document_belongs_to_the_patient_of_its_header() -> None:
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


def test_a_document_is_refused_where_text_is_left_out() -> None:
    assert clean(CDA, "xml", text=False).data is None


def test_messages_under_the_name_of_a_text_are_read_as_messages() -> None:
    message = "MSH|^~\\&|A|B|||20200102||ADT^A08|M1|P|2.5\rPID|1||P1||Zyxwell^Anna\r"
    written = text_of(clean(message, "txt"))
    assert "Zyxwell" not in written and f"PID|1||{patient('P1').pseudonym}|" in written


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a.csv.gz", "csv"), ("A.TXT.GZ", "txt"), ("a.cda", "xml"), ("a.gz", ""), ("a.pdf", "pdf")],
)
def test_formats_by_name(name: str, expected: str) -> None:
    assert detect_format(f"folder/{name}") == expected


def test_what_is_packed_is_bounded_and_the_same_each_time() -> None:
    data = b"a" * 5000
    assert decompress(compress(data)) == decompress(gzip.compress(data)) == data
    assert compress(data) == compress(data)
    for broken in (compress(data)[:-9], b"no gzip", compress(data)[:8]):
        with pytest.raises(Refusal, match="compress it again"):
            decompress(broken)
    with pytest.raises(Refusal, match="when decompressed"):
        decompress(compress(data), 4999)
