"""Test that the fields and the narrative of a CDA document are cleaned."""

from __future__ import annotations

import base64
import datetime
import re
from xml.etree import ElementTree

import pypdfium2
import pytest

from safelight.documents.cda.cleaning import clean_cda, scan_cda
from safelight.documents.text_cleaner import TextCleaner
from safelight.records import Reason, Refusal, Span
from safelight.text.recognizers.patterns import find_patterns
from tests.documents.make_pdf import make_pdf
from tests.documents.ocr_readers import NoReader

DOCUMENT = """<?xml version="1.0" encoding="UTF-8"?>
<?xml-stylesheet href="http://mercy.example.org/x.xsl"?>
<!-- exported for SMITHSON -->
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <templateId root="2.16.840.1.113883.10.20.6"/>
  <id root="1.2.3.4.5.6.7.8.9" extension="DOC-4711"/>
  <code code="18748-4" codeSystem="2.16.840.1.113883.6.1" displayName="Imaging report"/>
  <title>Report on Jane Smithson</title>
  <effectiveTime value="20200314103000-0500"/>
  <recordTarget><patientRole>
    <id root="2.16.840.1.113883.4.1" extension="123-45-6789"/>
    <addr><streetAddressLine>12 Elm Street</streetAddressLine><city>Springfield</city>
      <state>IL</state><postalCode>62701</postalCode></addr>
    <telecom value="tel:+1-555-234-5678"/>
    <patient><name><prefix>Mrs.</prefix><given>Jane</given><family>Smithson</family></name>
      <birthTime value="19800102"/></patient>
  </patientRole></recordTarget>
  <author><time value="2020"/><assignedAuthor><assignedPerson>
    <name>Dr. Paul Vandermeer</name></assignedPerson>
    <representedOrganization><name>Mercy Clinic</name></representedOrganization>
  </assignedAuthor></author>
  <component><structuredBody><component><section>
    <text><paragraph>Mrs. <content>Smithson</content> was seen on 3/14/2020 by Vandermeer.
      Liver normal.</paragraph></text>
    <entry><observation><value xsi:type="IVL_PQ"><low value="1980" unit="mm"/></value>
      </observation></entry>
  </section></component></structuredBody></component>
</ClinicalDocument>
"""
WITH_FILE = """<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><patient><name>
<given>Jane</given><family>Smithson</family></name></patient></patientRole></recordTarget><component>
<nonXMLBody><text mediaType="application/pdf" representation="B64" integrityCheck="x">{}</text>
</nonXMLBody></component></ClinicalDocument>"""
SECRETS = ["Smithson", "SMITHSON", "Jane", "Vandermeer", "Mercy", "Elm", "Springfield", "62701",
           "555", "123-45-6789", "DOC-4711", "19800102", "20200314", "3/14/2020",
           "1.2.3.4.5.6.7.8.9", "stylesheet"]  # fmt: skip


def clean(document: str, cleaner: TextCleaner) -> str:
    data = document.encode()
    scan = scan_cda(data, NoReader())
    spans = {text: find_patterns(text) for text in scan.texts}
    return clean_cda(data, scan, spans, cleaner, NoReader()).data.decode()


def test_phi_is_removed_and_other_content_is_kept(cleaner: TextCleaner) -> None:
    new = clean(DOCUMENT, cleaner)
    for secret in SECRETS:
        assert secret in DOCUMENT
        assert secret not in new, secret
    for kept in ("Liver normal.", "Imaging report", "18748-4", 'value="1980"', "urn:hl7-org:v3",
                 "2.16.840.1.113883.4.1", 'value="20200304103000-0500"', "3/4/2020"):  # fmt: skip
        assert kept in new, kept
    root = ElementTree.fromstring(new)
    telecom = root.find(".//{urn:hl7-org:v3}telecom")
    assert telecom is not None and telecom.attrib == {"nullFlavor": "MSK"}


def test_names_of_the_header_are_found_in_the_narrative(cleaner: TextCleaner) -> None:
    data = DOCUMENT.encode()
    scan = scan_cda(data, NoReader())
    no_spans: dict[str, list[Span]] = {text: [] for text in scan.texts}
    new = clean_cda(data, scan, no_spans, cleaner, NoReader())
    assert b"Smithson" not in new.data and b"Vandermeer" not in new.data
    assert {"NAME", "DATE", "ID", "LOCATION", "CONTACT"} <= {f.entity for f in new.findings}


def test_a_name_across_nodes_is_one_name(cleaner: TextCleaner) -> None:
    text = (
        "<paragraph>A 61 year old woman seen by <content>Quimble</content>ton<br/>and Ann"
        "</paragraph><table><tr><td>Smith</td><td>EF 55 %</td></tr></table>"
    )
    document = f"<ClinicalDocument><section><text>{text}</text></section></ClinicalDocument>"
    scan = scan_cda(document.encode(), NoReader())
    (whole,) = scan.texts
    assert whole.split() == "A 61 year old woman seen by Quimbleton and Ann Smith EF 55 %".split()
    assert "Ann\n" in whole and "Smith\tEF" in whole
    begin = whole.index("Quimbleton")
    spans = {whole: [Span(begin, begin + 10, "NAME", "ner", 0.9), *find_patterns(whole)]}
    new = clean_cda(document.encode(), scan, spans, cleaner, NoReader()).data.decode()
    assert "seen by <content>[NAME]</content><br" in new and "ton" not in new
    assert "EF 55 %" in new and "Smith</td>" in new


def test_identifiers_and_times_of_any_element_are_replaced(
    cleaner: TextCleaner,
) -> None:
    value = '<value xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type='
    new = clean(
        "<ClinicalDocument><templateId root='2.16.840.1.113883.10' extension='2015-08-01'/>"
        f"{value}'TS' value='20200314'/>{value}'II' root='1.2.3.4.5' extension='PAT-7'/>"
        f"{value}'IVL_TS'><low value='20200315'/></value>{value}'PQ' value='1980' unit='mm'/>"
        "<birthTime value='19200102'/></ClinicalDocument>",
        cleaner,
    )
    assert 'value="20200304"' in new and 'value="20200305"' in new and 'value="1980"' in new
    assert "PAT-7" not in new and "1.2.3.4.5" not in new and 'extension="2015-08-01"' in new
    assert f'birthTime value="{datetime.date.today().year - 90}"' in new


def test_dates_that_patients_share_are_not_shifted(cleaner: TextCleaner) -> None:
    new = clean(
        "<ClinicalDocument><manufacturedMaterial><expirationTime value='20301231'/>"
        "<stabilityTime><high value='20301230'/></stabilityTime></manufacturedMaterial>"
        "<effectiveTime value='20200314'/></ClinicalDocument>",
        cleaner,
    )
    assert re.findall(r'value="(\d+)"', new) == ["20200304"]


def test_a_text_without_annotation_is_refused(cleaner: TextCleaner) -> None:
    data = DOCUMENT.encode()
    with pytest.raises(Refusal) as refused:
        clean_cda(data, scan_cda(data, NoReader()), {}, cleaner, NoReader())
    assert refused.value.reason is Reason.TEXT_NOT_CLEANED


@pytest.mark.parametrize(
    "document",
    [
        "", "no xml", "<a/>",
        '<!DOCTYPE x [<!ENTITY a "b">]><ClinicalDocument>&a;</ClinicalDocument>',
        '<ClinicalDocument><text mediaType="application/pdf" representation="B64">JVBE</text>'
        "</ClinicalDocument>",
        "<ClinicalDocument><observationMedia/></ClinicalDocument>",
    ],
)  # fmt: skip
def test_a_document_that_cannot_be_cleaned_is_refused(document: str) -> None:
    with pytest.raises(Refusal) as refused:
        scan_cda(document.encode(), NoReader())
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT


def test_an_embedded_pdf_is_cleaned_with_the_values_of_the_header(cleaner: TextCleaner) -> None:
    pdf = base64.b64encode(make_pdf(["Mrs Smithson", "EF is 55 %"])).decode()
    new = clean(WITH_FILE.format(pdf), cleaner)
    text = ElementTree.fromstring(new).find(".//{*}nonXMLBody/{*}text")
    assert text is not None and text.get("integrityCheck") is None
    document = pypdfium2.PdfDocument(base64.b64decode(text.text or ""))
    words = document[0].get_textpage().get_text_range()
    assert "Smithson" not in new and "Smithson" not in words and "[NAME]" in words


@pytest.mark.parametrize(
    "content",
    [
        '<id root="1.2.3.4" assigningAuthorityName="Zyxwell"/>',
        '<id root="Zyxwell"/>',
        '<templateId root="Zyxwell"/>',
        '<templateId root="1.2.3.4" extension="Zyxwell"/>',
        '<code code="Zyxwell"/>',
        '<code code="1" codeSystem="Zyxwell"/>',
        '<code code="1" codeSystemName="Zyxwell"/>',
        '<code code="1" codeSystemVersion="Zyxwell"/>',
        '<code code="1" displayName="asked by Zyxwell"/>',
        '<code code="1" Zyxwell="1"/>',
        '<value xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="Zyxwell"/>',
        '<value value="1" unit="Zyxwell"/>',
        '<value value="Zyxwell"/>',
        '<value value="6175550142"/>',
        '<observation classCode="Zyxwell" moodCode="EVN"/>',
        '<telecom use="Zyxwell"/>',
        '<section><text><linkHtml href="#a" title="Zyxwell">x</linkHtml></text></section>',
        '<section><text><table summary="Zyxwell"><tr><td>x</td></tr></table></text></section>',
        '<section><text><table><tr><td abbr="Zyxwell">x</td></tr></table></text></section>',
        '<section><text><content ID="Zyxwell">x</content></text></section>',
        '<section><text><paragraph styleCode="Zyxwell">x</paragraph></text></section>',
        '<text><reference value="http://zyxwell.test/"/></text>',
        '<text language="Zyxwell" mediaType="text/zyxwell">x</text>',
        "<softwareName>Zyxwell</softwareName>",
        "<manufacturerModelName>of Zyxwell</manufacturerModelName>",
        "<Zyxwell>x</Zyxwell>",
        '<z:code xmlns:z="urn:zyxwell" code="1"/>',
        '<section xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
        'xsi:schemaLocation="urn:zyxwell x"/>',
    ],
)
def test_nothing_that_the_sender_chooses_is_left(content: str, cleaner: TextCleaner) -> None:
    data = f'<ClinicalDocument xmlns="urn:hl7-org:v3">{content}</ClinicalDocument>'.encode()
    scan = scan_cda(data, NoReader())
    spans = {
        text: [Span(text.index("Zyxwell"), text.index("Zyxwell") + 7, "NAME", "ner", 0.9)]
        if "Zyxwell" in text else []
        for text in scan.texts
    }  # fmt: skip
    new = clean_cda(data, scan, spans, cleaner, NoReader()).data.decode()
    assert "zyxwell" not in new.lower() and "6175550142" not in new


def test_links_inside_a_document_stay_valid(cleaner: TextCleaner) -> None:
    document = (
        '<ClinicalDocument><section><text><content ID="Zyxwell1">x y</content></text><entry>'
        '<observation><text><reference value="#Zyxwell1"/></text></observation></entry></section>'
        "</ClinicalDocument>"
    )
    new = clean(document, cleaner)
    assert 'ID="id1"' in new and 'value="#id1"' in new


def test_codes_of_the_standard_stay(cleaner: TextCleaner) -> None:
    content = (
        '<templateId root="2.16.840.1.113883.10.20.22.4.2" extension="2015-08-01" />'
        '<code code="8302-2" codeSystem="2.16.840.1.113883.6.1" codeSystemName="LOINC" '
        'displayName="Body height" /><statusCode code="completed" />'
        '<value xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="PQ" value="177" '
        'unit="cm" /><interpretationCode code="N" codeSystem="2.16.840.1.113883.5.83" />'
        '<telecom nullFlavor="UNK" /><participant typeCode="IND" contextControlCode="OP" />'
    )
    document = (
        '<ClinicalDocument xmlns="urn:hl7-org:v3"><observation classCode="OBS" moodCode="EVN" '
        f'negationInd="false">{content}</observation></ClinicalDocument>'
    )
    before, after = (
        [(e.tag, dict(e.attrib)) for e in ElementTree.fromstring(text).iter()]
        for text in (document, clean(document, cleaner))
    )
    assert before == after
