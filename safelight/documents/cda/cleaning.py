"""Clean a CDA document: structured fields by a table, narrative text by spans.

Comments and processing instructions are removed. Embedded PDF documents are cleaned as PDF. A
document with other binary content, such as a picture, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from safelight.documents.cda.element_tree import iterate_elements, local_name, parse_cda
from safelight.documents.cda.embedded_pdf import embedded_pdf, replace_embedded_pdf
from safelight.documents.cda.fields import (
    STANDARD_ID_ELEMENTS,
    TIME_STAMP,
    attribute_field,
    text_field,
)
from safelight.documents.cda.narrative import Narrative, TextNode, read_narrative
from safelight.documents.pdf.cleaning import PdfScan, scan_pdf
from safelight.documents.text_cleaner import CleanedDocument, TextCleaner
from safelight.pixels.ocr.base import TextReader
from safelight.records import Finding, Reason, Refusal, Span
from safelight.text.generalization import oldest_birth_year
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.lexicon.words import is_placeholder
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.replacement import AppliedSpan
from safelight.text.surrogates.identifiers import is_patient_id

_NAMESPACES = {
    "": "urn:hl7-org:v3",
    "sdtc": "urn:hl7-org:sdtc",
    "ps3-20": "urn:dicom-org:ps3-20",
    "voc": "urn:hl7-org:v3/voc",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_UID = re.compile(r"[0-2](?:\.(?:0|[1-9][0-9]*)){3,}")
_GUID = re.compile(r"(?i)[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_TELECOM_SCHEME = re.compile(r"^(?:tel|fax|mailto|sip|http|https):(?://)?")
#: Roots of public identifier schemes (SSN, NPI, …) and of DICOM; they identify no institution.
_PUBLIC_ROOTS = ("2.16.840.1.113883.4.", "1.2.840.10008.")
_LOCATION = "(0042,0011)"

Element = ElementTree.Element


@dataclass(frozen=True)
class CdaScan:
    """Texts and known values of a document. HOLDS PHI.

    Attributes
    ----------
    texts : tuple of str
        Texts that a text model must annotate: each section's narrative as one text, and other
        free text.
    known : tuple of KnownValue
        Values of the patient and of other persons from the structured fields.
    pdf_scans : tuple of PdfScan
        Scans of the embedded PDF documents, in order.
    """

    texts: tuple[str, ...]
    known: tuple[KnownValue, ...]
    pdf_scans: tuple[PdfScan, ...] = ()


def _narratives(root: Element) -> Iterator[Narrative]:
    """Return all free text: the text of a section as one, every other node by itself."""
    in_section: set[Element] = set()
    for path, element in iterate_elements(root):
        if element in in_section or text_field(path) is not None or embedded_pdf(element):
            continue
        if path[-1] == "text":
            in_section.update(element.iter())
            narrative = read_narrative(element)
            if narrative.nodes:
                yield narrative
            continue
        for child, text in _own_texts(element):
            yield Narrative(text, (TextNode(element, child, 0, len(text)),))


def _own_texts(element: Element) -> list[tuple[int, str]]:
    """Return the texts of an element that are not blank.

    They are its own text, with index -1, and the text after each child, with its index.
    """
    texts = enumerate([element.text, *(child.tail for child in element)], -1)
    return [(child, text) for child, text in texts if text and text.strip()]


def patient_id_of(data: bytes) -> str:
    """Return the patient's ID that is not of a public scheme; empty if there is none.

    Raises
    ------
    Refusal
        If the data are not a CDA document.
    """
    path = f"{{{_NAMESPACES['']}}}recordTarget/{{*}}patientRole/{{*}}id"
    for element in parse_cda(data).findall(path):
        value = element.get("extension", "").strip()
        if value and not element.get("root", "").startswith(_PUBLIC_ROOTS):
            return value
    return ""


def scan_cda(data: bytes, reader: TextReader) -> CdaScan:
    """Read the structured fields, the free text and the embedded PDF documents of a document.

    Parameters
    ----------
    data : bytes
    reader : TextReader
        OCR engine for the pages of a PDF.

    Raises
    ------
    Refusal
        If the data are not a CDA document that can be cleaned.
    """
    root = parse_cda(data)
    texts = dict.fromkeys(narrative.text for narrative in _narratives(root))
    known: dict[KnownValue, None] = {}
    pdf_scans: list[PdfScan] = []
    for path, element in iterate_elements(root):
        pdf = embedded_pdf(element)
        if pdf is not None:
            pdf_scans.append(scan_pdf(pdf, reader))
            texts.update(dict.fromkeys(pdf_scans[-1].texts))
        else:
            known.update(dict.fromkeys(_known_values(path, element)))
    values = tuple(value for value in known if not is_placeholder(value.text))
    return CdaScan(tuple(texts), values, tuple(pdf_scans))


def _known_values(path: tuple[str, ...], element: Element) -> Iterator[KnownValue]:
    """Return the identifying values in the text and in the attributes of an element."""
    field = text_field(path)
    if field is not None and field[0]:
        for _, text in _own_texts(element):
            yield KnownValue(field[0], text.strip(), field[1])
    if local_name(element) == "name" and field is not None:
        whole = " ".join(part.strip() for part in element.itertext() if part.strip())
        yield KnownValue(field[0], whole, field[1])
    for attribute, value in element.attrib.items():
        found = attribute_field(path, attribute)
        if found is not None and (found[0] != "DATE" or found[1] == "birth_date"):
            yield KnownValue(found[0], _TELECOM_SCHEME.sub("", value.strip()), found[1])


def clean_cda(
    data: bytes,
    scan: CdaScan,
    spans: Mapping[str, Sequence[Span]],
    cleaner: TextCleaner,
    reader: TextReader,
) -> CleanedDocument:
    """Return the document without PHI.

    Parameters
    ----------
    data : bytes
        The document that was scanned.
    scan : CdaScan
        Result of :func:`scan_cda`.
    spans : mapping
        PHI spans of each text in ``scan.texts``.
    cleaner : TextCleaner
    reader : TextReader
        OCR engine that checks the new pages of a PDF.

    Raises
    ------
    Refusal
        If a text was not annotated, or a PDF cannot be cleaned.
    """
    root = parse_cda(data)
    values = _ValueCleaner(cleaner, KnownPHI(cleaner.known.values + scan.known), spans)
    for narrative in list(_narratives(root)):
        values.clean_narrative(narrative)
    pdf_scans = iter(scan.pdf_scans)
    for path, element in iterate_elements(root):
        if embedded_pdf(element) is not None:
            pdf_cleaner = replace(cleaner, known=values.known)
            pdf = replace_embedded_pdf(element, next(pdf_scans), spans, pdf_cleaner, reader)
            values.findings += pdf.findings
        field = text_field(path)
        if field is not None and field[0]:
            for child, text in _own_texts(element):
                TextNode(element, child, 0, 0).set_text(values.replace_value(text, *field))
        for attribute, value in list(element.attrib.items()):
            new = values.clean_attribute(path, attribute, value)
            if new is None:
                del element.attrib[attribute]
                element.set("nullFlavor", "MSK")
            else:
                element.set(attribute, new)
    for prefix, uri in _NAMESPACES.items():
        ElementTree.register_namespace(prefix, uri)
    new_data = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return CleanedDocument(new_data, tuple(values.findings))


class _ValueCleaner:
    """Clean the values of one document and collect the findings."""

    def __init__(self, cleaner: TextCleaner, known: KnownPHI, spans: Mapping[str, Sequence[Span]]):
        self.cleaner = cleaner
        self.known = known
        self.spans = spans
        self.findings: list[Finding] = []

    def _replace_spans(self, text: str, spans: Sequence[Span]) -> str:
        cleaned = self.cleaner.clean(text, spans)
        self._add_findings(cleaned.applied)
        return cleaned.text

    def _add_findings(self, applied: Sequence[AppliedSpan]) -> None:
        self.findings += [
            Finding(_LOCATION, one.entity, one.engine, one.confidence, one.text_hmac)
            for one in applied
        ]

    def clean_narrative(self, narrative: Narrative) -> None:
        """Replace the PHI in free text, by spans of the text model and by known values."""
        text = narrative.text
        if text not in self.spans:
            raise Refusal(
                Reason.TEXT_NOT_CLEANED,
                "a text of the encapsulated CDA was not annotated; run with the text stage on",
            )
        spans = [*self.known.find(text), *find_patterns(text), *self.spans[text]]
        self._add_findings(narrative.clean(spans, self.cleaner))

    def replace_value(self, text: str, entity: str, kind: str) -> str:
        """Return the replacement of a field whose whole value identifies."""
        if is_placeholder(text):
            return text
        return self._replace_spans(text, [Span(0, len(text), entity, "key", 1.0, kind)])

    def clean_attribute(self, path: tuple[str, ...], name: str, value: str) -> str | None:
        """Return the new value of an attribute; ``None`` to remove the attribute."""
        field = attribute_field(path, name)
        local = name.rpartition("}")[2]
        if field is None and local == "value" and TIME_STAMP.fullmatch(value.strip()):
            field = ("DATE", "")  # a value or bound of type TS in any element
        if field is None:
            if local == "root" and path[-1] not in STANDARD_ID_ELEMENTS:
                return self._replace_root(value)
            spans = self.known.find(value) if value.strip() else []
            return self._replace_spans(value, spans) if spans else value
        entity, kind = field
        if entity == "ID":
            return self._replace_identifier(value)
        new = self.replace_value(value, entity, kind)
        if kind == "birth_date" and new[:4].isdigit():
            return f"{max(int(new[:4]), oldest_birth_year()):04d}"
        return None if new.startswith("[") else new

    def _replace_identifier(self, value: str) -> str:
        """Return the token of an identifier, or the pseudonym for the patient's own ID."""
        if is_placeholder(value) or not value.strip():
            return value
        pseudonyms, patient = self.cleaner.pseudonyms, self.cleaner.patient
        hmac = pseudonyms.hexdigest("text", value)
        self.findings.append(Finding(_LOCATION, "ID", "key", 1.0, hmac))
        if is_patient_id(value, patient):
            return patient.pseudonym
        return pseudonyms.token("id", value.strip())

    def _replace_root(self, value: str) -> str:
        """Return a new UID for the root of an identifier, unless the root is public.

        A root identifies an institution, or it is the UID of an instance.
        """
        text = value.strip()
        if text.startswith(_PUBLIC_ROOTS) or not (_GUID.fullmatch(text) or _UID.fullmatch(text)):
            return value
        return self.cleaner.pseudonyms.uid(text)
