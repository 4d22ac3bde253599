"""CDA documents."""

from __future__ import annotations

from xml.etree import ElementTree

from tests.fuzz.note_files import check_file


def run(data: bytes) -> None:
    """De-identify a document; the output is well-formed and has no unknown namespace."""
    result = check_file(data, "xml")
    if result.data is not None:
        root = ElementTree.fromstring(result.data)
        namespaces = {element.tag.rpartition("}")[0] for element in root.iter()}
        assert namespaces <= {"", "{urn:hl7-org:v3", "{urn:hl7-org:sdtc", "{urn:dicom-org:ps3-20",
                              "{urn:hl7-org:v3/voc"}  # fmt: skip


def seeds() -> list[bytes]:
    """Return a document with a header, narrative text and entries."""
    return [
        b'<?xml version="1.0"?><!-- x --><ClinicalDocument xmlns="urn:hl7-org:v3" '
        b'xmlns:sdtc="urn:hl7-org:sdtc" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        b'<templateId root="2.16.840.1.113883.10.20.22.1.1" extension="2015-08-01"/>'
        b'<id root="1.2.3" extension="D-1"/><title>Report</title><effectiveTime value="20200102"/>'
        b'<recordTarget><patientRole><id root="1.2.3" extension="P1"/><addr use="HP"><city>X</city>'
        b'</addr><telecom value="tel:1"/><patient><name><given>Anna</given><family>Zyxquandary'
        b'</family></name><birthTime value="19500304"/><sdtc:deceasedInd value="false"/></patient>'
        b"</patientRole></recordTarget><component><structuredBody><component><section><code "
        b'code="1-2" codeSystem="2.16.840.1.113883.6.1" displayName="X"/><text><table border="1">'
        b'<tr><td ID="a">Anna <content styleCode="Bold">Zyx</content>quandary</td></tr></table>'
        b'</text><entry><observation classCode="OBS" moodCode="EVN"><text><reference value="#a"/>'
        b'</text><value xsi:type="PQ" value="7" unit="mg"/></observation></entry></section>'
        b"</component></structuredBody></component></ClinicalDocument>",
        b'<ClinicalDocument><component><nonXMLBody><text mediaType="text/plain">x</text>'
        b"</nonXMLBody></component></ClinicalDocument>",
    ]
