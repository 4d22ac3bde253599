"""Clean an encapsulated CDA document as XML: structured fields by a table, narrative by spans.

Comments and processing instructions are not carried over. An embedded PDF is cleaned as one; what
holds other bytes that nobody here reads (a picture) is refused.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from safelight.documents.cda.element_tree import local, parse, walk
from safelight.documents.cda.embedded_pdf import embedded_pdf, replace_embedded_pdf
from safelight.documents.cda.fields import SHARED_IDS, TIME_STAMP, attribute_field, text_field
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
#: Roots of identifier schemes that everybody shares (SSN, NPI, …) and of DICOM: they tell nothing.
_SHARED_ROOTS = ("2.16.840.1.113883.4.", "1.2.840.10008.")
_LOCATION = "(0042,0011)"

Element = ElementTree.Element


@dataclass(frozen=True)
class CdaScan:
    """What stands in the document. HOLDS PHI.

    Attributes
    ----------
    texts : tuple of str
        Narrative, each section as one text, and other free text: what a text model should see.
    known : tuple of KnownValue
        What the structured fields give of the patient and of others.
    files : tuple of PdfScan
        The PDF documents in it, in order.
    """

    texts: tuple[str, ...]
    known: tuple[KnownValue, ...]
    files: tuple[PdfScan, ...] = ()


def _narratives(root: Element) -> Iterator[Narrative]:
    """All free text: that of a section as one, any other node by itself."""
    inside: set[Element] = set()
    for path, element in walk(root):
        if element in inside or text_field(path) is not None or embedded_pdf(element) is not None:
            continue
        if path[-1] == "text":
            inside.update(element.iter())
            whole = read_narrative(element)
            if whole.nodes:
                yield whole
            continue
        places = [(-1, element.text), *((i, child.tail) for i, child in enumerate(element))]
        for child, text in places:
            if text and text.strip():
                yield Narrative(text, (TextNode(element, child, 0, len(text)),))


def patient_id_of(data: bytes) -> str:
    """The ID of the record's target that is not of a scheme that everybody shares; else empty.

    Raises
    ------
    Refusal
        If it is no CDA document.
    """
    path = f"{{{_NAMESPACES['']}}}recordTarget/{{*}}patientRole/{{*}}id"
    for element in parse(data).findall(path):
        value = element.get("extension", "").strip()
        if value and not element.get("root", "").startswith(_SHARED_ROOTS):
            return value
    return ""


def scan_cda(data: bytes, reader: TextReader) -> CdaScan:
    """Read the structured fields and the free text of a document, and PDF documents in it.

    Parameters
    ----------
    data : bytes
    reader : TextReader
        For the pages of a PDF.

    Raises
    ------
    Refusal
        If it is no CDA document that can be cleaned.
    """
    root = parse(data)
    texts = dict.fromkeys(narrative.text for narrative in _narratives(root))
    known: dict[KnownValue, None] = {}
    files: list[PdfScan] = []
    for path, element in walk(root):
        if (inner := embedded_pdf(element)) is not None:
            files.append(scan_pdf(inner, reader))
            texts.update(dict.fromkeys(files[-1].texts))
            continue
        field = text_field(path)
        if field is not None and field[0]:
            for text in _own_texts(element):
                known[KnownValue(field[0], text.strip(), field[1])] = None
        if local(element) == "name" and field is not None:
            whole = " ".join(part.strip() for part in element.itertext() if part.strip())
            known[KnownValue(field[0], whole, field[1])] = None
        for attribute, value in element.attrib.items():
            found = attribute_field(path, attribute)
            if found is not None and (found[0] != "DATE" or found[1] == "birth_date"):
                known[KnownValue(found[0], _plain(value), found[1])] = None
    values = tuple(value for value in known if not is_placeholder(value.text))
    return CdaScan(tuple(texts), values, tuple(files))


def _own_texts(element: Element) -> list[str]:
    """An element's own text and what follows its children, where there is any."""
    texts = [element.text, *(child.tail for child in element)]
    return [text for text in texts if text and text.strip()]


def _plain(value: str) -> str:
    """A telecom value without its scheme: ``tel:+1-555-0100``."""
    return re.sub(r"^(?:tel|fax|mailto|sip|http|https):(?://)?", "", value.strip())


def clean_cda(
    data: bytes,
    scan: CdaScan,
    spans: Mapping[str, Sequence[Span]],
    cleaner: TextCleaner,
    reader: TextReader,
) -> CleanedDocument:
    """Write the document anew without what identifies.

    Parameters
    ----------
    data : bytes
        The same document that was scanned.
    scan : CdaScan
    spans : mapping
        PHI of each of ``scan.texts``.
    cleaner : TextCleaner
    reader : TextReader
        Reads the new pages of a PDF again.

    Raises
    ------
    Refusal
        If a text was not annotated, or a PDF cannot be cleaned.
    """
    root = parse(data)
    work = _Work(cleaner, KnownPHI(cleaner.known.values + scan.known), spans)
    for narrative in list(_narratives(root)):
        work.narrative(narrative)
    files = iter(scan.files)
    for path, element in walk(root):
        if embedded_pdf(element) is not None:
            inner = replace(cleaner, known=work.known)
            work.findings += replace_embedded_pdf(
                element, next(files), spans, inner, reader
            ).findings
        field = text_field(path)
        if field is not None and field[0]:
            for child, text in enumerate([element.text, *(c.tail for c in element)], -1):
                if text and text.strip():
                    TextNode(element, child, 0, 0).set(work.whole(text, *field))
        for attribute, value in list(element.attrib.items()):
            new = work.attribute(path, attribute, value)
            if new is None:
                del element.attrib[attribute]
                element.set("nullFlavor", "MSK")
            else:
                element.set(attribute, new)
    for prefix, uri in _NAMESPACES.items():
        ElementTree.register_namespace(prefix, uri)
    new_data = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return CleanedDocument(new_data, tuple(work.findings))


class _Work:
    """Cleans the values of one document and keeps what was found."""

    def __init__(self, cleaner: TextCleaner, known: KnownPHI, spans: Mapping[str, Sequence[Span]]):
        self.cleaner = cleaner
        self.known = known
        self.spans = spans
        self.findings: list[Finding] = []

    def _clean(self, text: str, spans: Sequence[Span]) -> str:
        cleaned = self.cleaner.clean(text, spans)
        self._found(cleaned.applied)
        return cleaned.text

    def _found(self, applied: Sequence[AppliedSpan]) -> None:
        self.findings += [
            Finding(_LOCATION, done.entity, done.engine, done.confidence, done.text_hmac)
            for done in applied
        ]

    def narrative(self, narrative: Narrative) -> None:
        """Free text: by the model's spans and by what is known."""
        text = narrative.text
        if text not in self.spans:
            raise Refusal(
                Reason.TEXT_NOT_CLEANED,
                "a text of the encapsulated CDA was not annotated; run with the text stage on",
            )
        spans = [*self.known.find(text), *find_patterns(text), *self.spans[text]]
        self._found(narrative.clean(spans, self.cleaner))

    def whole(self, text: str, entity: str, kind: str) -> str:
        """A field that identifies as a whole."""
        if is_placeholder(text):
            return text
        return self._clean(text, [Span(0, len(text), entity, "key", 1.0, kind)])

    def attribute(self, path: tuple[str, ...], name: str, value: str) -> str | None:
        """The new value of an attribute; ``None`` to take it out."""
        field = attribute_field(path, name)
        local = name.rpartition("}")[2]
        if field is None and local == "value" and TIME_STAMP.fullmatch(value.strip()):
            field = ("DATE", "")  # whatever the element is called: a value of type TS, a bound
        if field is None:
            if local == "root" and path[-1] not in SHARED_IDS:
                return self._root(value)
            spans = self.known.find(value) if value.strip() else []
            return self._clean(value, spans) if spans else value
        entity, kind = field
        if entity == "ID":
            return self._identifier(value)
        new = self.whole(value, entity, kind)
        if kind == "birth_date" and new[:4].isdigit():
            return f"{max(int(new[:4]), oldest_birth_year()):04d}"
        return None if new.startswith("[") else new

    def _identifier(self, value: str) -> str:
        """A token as in every other record; the patient's own ID is the pseudonym."""
        if is_placeholder(value) or not value.strip():
            return value
        names, patient = self.cleaner.pseudonyms, self.cleaner.patient
        self.findings.append(Finding(_LOCATION, "ID", "key", 1.0, names.hexdigest("text", value)))
        if is_patient_id(value, patient):
            return patient.pseudonym
        return names.token("id", value.strip())

    def _root(self, value: str) -> str:
        """The root of an identifier names an institution or is itself an instance's UID."""
        text = value.strip()
        if text.startswith(_SHARED_ROOTS) or not (_GUID.fullmatch(text) or _UID.fullmatch(text)):
            return value
        return self.cleaner.pseudonyms.uid(text)
