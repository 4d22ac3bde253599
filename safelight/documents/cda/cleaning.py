"""Clean a CDA document: structured fields by a table, narrative text by spans.

Comments, processing instructions, and elements and attributes that CDA does not define, are
removed. Embedded PDF documents are cleaned as PDF. A document with other binary content, such as a
picture, is refused.
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from xml.etree import ElementTree

from safelight.documents.cda.attributes import (
    MAX_TEXT_CHARACTERS,
    PUBLIC_ROOTS,
    TEXT_KINDS,
    attribute_kind,
    is_oid_or_guid,
    is_public_oid,
    is_read_as_text,
    is_standard_value,
    is_template_version,
)
from safelight.documents.cda.element_tree import iterate_elements, parse_cda
from safelight.documents.cda.embedded_pdf import embedded_pdf, replace_embedded_pdf
from safelight.documents.cda.fields import (
    STANDARD_ID_ELEMENTS,
    TIME_STAMP,
    attribute_field,
    text_field,
)
from safelight.documents.cda.narrative import Narrative, TextNode, read_narrative
from safelight.documents.cda.schema import NAMESPACES, load_schema, local_name
from safelight.documents.pdf.cleaning import PdfScan, scan_pdf
from safelight.documents.text_cleaner import CleanedDocument, TextCleaner
from safelight.pixels.ocr.base import TextReader
from safelight.records import Finding, Reason, Refusal, Span
from safelight.text.dates.parsing import parse_date_text, representative_date
from safelight.text.generalization import oldest_birth_year
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.lexicon.words import is_placeholder
from safelight.text.recognizers.patterns import find_patterns
from safelight.text.replacement import AppliedSpan
from safelight.text.surrogates.identifiers import is_patient_id

_TELECOM_SCHEME = re.compile(r"^(?:tel|fax|mailto|sip|http|https):(?://)?")
#: Kinds of attributes without which an element has no value.
_VALUE_KINDS = frozenset({"concept", "value", "oid", "field"})
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
    date : datetime.date or None
        Date of the document in its header.
    """

    texts: tuple[str, ...]
    known: tuple[KnownValue, ...]
    pdf_scans: tuple[PdfScan, ...] = ()
    date: datetime.date | None = None


def _narratives(root: Element) -> Iterator[Narrative]:
    """Return all free text: the text of a section as one, every other node by itself."""
    in_section: set[Element] = set()
    for path, element in iterate_elements(root):
        field = text_field(path)
        if element in in_section or (field and field[0]) or embedded_pdf(element):
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
    path = f"{{{NAMESPACES['']}}}recordTarget/{{*}}patientRole/{{*}}id"
    for element in parse_cda(data).findall(path):
        value = element.get("extension", "").strip()
        if value and not element.get("root", "").startswith(PUBLIC_ROOTS):
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
        texts.update(dict.fromkeys(_attribute_texts(element)))
    values = tuple(value for value in known if not is_placeholder(value.text))
    return CdaScan(tuple(texts), values, tuple(pdf_scans), _date_of(root))


def _date_of(root: Element) -> datetime.date | None:
    """Return the date in the header of a document: ``effectiveTime`` of its root."""
    time = root.find(f"{{{NAMESPACES['']}}}effectiveTime")
    value = "" if time is None else time.get("value", "")
    parts = parse_date_text(value[:8]) if value[:8].isdigit() and len(value) >= 8 else None
    return representative_date(parts) if parts is not None else None


def _attribute_texts(element: Element) -> Iterator[str]:
    """Return the values of attributes that are free text."""
    for name, value in element.attrib.items():
        if is_read_as_text(attribute_kind(name), value):
            yield value


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
            if new is not None:
                element.set(attribute, new)
                continue
            del element.attrib[attribute]
            if attribute_kind(attribute) in _VALUE_KINDS and local_name(element) != "linkHtml":
                element.set("nullFlavor", "MSK")
    for prefix, uri in NAMESPACES.items():
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
        self._document_ids: dict[str, str] = {}

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
        spans = [*self.known.find(text), *find_patterns(text), *self._find_annotated(text)]
        self._add_findings(narrative.clean(spans, self.cleaner))

    def replace_value(self, text: str, entity: str, kind: str) -> str:
        """Return the replacement of a field whose whole value identifies."""
        if is_placeholder(text):
            return text
        return self._replace_spans(text, [Span(0, len(text), entity, "key", 1.0, kind)])

    def clean_attribute(self, path: tuple[str, ...], name: str, value: str) -> str | None:
        """Return the new value of an attribute; ``None`` to remove the attribute."""
        field = attribute_field(path, name)
        kind, text = attribute_kind(name), value.strip()
        if field is None and kind == "value" and TIME_STAMP.fullmatch(text):
            field = ("DATE", "")  # a value or bound of type TS in any element
        if field is not None:
            return self._clean_field(value, *field)
        if kind == "field":
            is_version = path[-1] in STANDARD_ID_ELEMENTS and is_template_version(text)
            return value if is_version else None
        if kind in TEXT_KINDS:
            return self._clean_text(kind, value)
        if kind == "identifier":
            return " ".join(map(self._document_id, text.split()))
        if kind == "value" and text.startswith("#"):
            return f"#{self._document_id(text[1:])}"
        if kind == "oid" and path[-1] not in STANDARD_ID_ELEMENTS:
            return self._replace_oid(name, text)
        is_kept = is_standard_value(kind, path[-1], text) and not self.known.find(value)
        return value if is_kept else None

    def _clean_field(self, value: str, entity: str, kind: str) -> str | None:
        """Return the new value of an attribute that identifies."""
        if entity == "ID":
            return self._replace_identifier(value)
        new = self.replace_value(value, entity, kind)
        if kind == "shared" and new != value:
            return None
        if kind == "birth_date" and new[:4].isdigit():
            return f"{max(int(new[:4]), oldest_birth_year()):04d}"
        return None if new.startswith("[") else new

    def _clean_text(self, kind: str, value: str) -> str | None:
        """Return the new free text of an attribute; a unit with a gap would be another unit."""
        if len(value) > MAX_TEXT_CHARACTERS:
            return None
        spans = self.known.find(value)
        if is_read_as_text(kind, value):
            spans = [*spans, *find_patterns(value), *self._find_annotated(value)]
        new = self._replace_spans(value, spans) if spans else value
        return new if kind == "text" or new == value else None

    def _find_annotated(self, text: str) -> Sequence[Span]:
        """Return the spans of the text model in a text.

        Raises
        ------
        Refusal
            If the text was not annotated.
        """
        if text not in self.spans:
            raise Refusal(
                Reason.TEXT_NOT_CLEANED,
                "a text of the encapsulated CDA was not annotated; run with the text stage on",
            )
        return self.spans[text]

    def _document_id(self, identifier: str) -> str:
        """Return the number of an ID inside the document: references to it stay valid."""
        return self._document_ids.setdefault(identifier, f"id{len(self._document_ids) + 1}")

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

    def _replace_oid(self, name: str, text: str) -> str | None:
        """Return a new UID for an OID or GUID, unless it is public; ``None`` for other text.

        A root identifies an institution, or it is the UID of an instance.
        """
        is_root = name.rpartition("}")[2] == "root"
        if is_public_oid(text, PUBLIC_ROOTS if is_root else load_schema().public_code_systems):
            return text
        return self.cleaner.pseudonyms.uid(text) if is_oid_or_guid(text) else None
