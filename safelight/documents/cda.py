"""Clean an encapsulated CDA document as XML: structured fields by a table, narrative by spans.

Comments and processing instructions are not carried over. What holds bytes that nobody here
reads (an embedded PDF or picture) is refused.
"""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import resources

import defusedxml.ElementTree
import yaml
from defusedxml import DefusedXmlException

from safelight.documents.cleaned import CleanedDocument, Cleaner
from safelight.records import Finding, Reason, Refusal, Span
from safelight.text.known import KnownPHI, KnownValue
from safelight.text.merge import merge_spans
from safelight.text.words import is_placeholder

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
_BOUNDS = frozenset(("low", "high", "center"))
_LOCATION = "(0042,0011)"
_MOST_ELEMENTS = 200_000

Element = ElementTree.Element


@dataclass(frozen=True)
class CdaScan:
    """What stands in the document. HOLDS PHI.

    Attributes
    ----------
    texts : tuple of str
        Narrative and other free text, each node by itself: what a text model should see.
    known : tuple of KnownValue
        What the structured fields give of the patient and of others.
    """

    texts: tuple[str, ...]
    known: tuple[KnownValue, ...]


@cache
def _table() -> dict[str, dict[tuple[str, ...], tuple[str, str]]]:
    text = (resources.files("safelight.documents") / "cda.yaml").read_text("utf-8")
    data: dict[str, dict[str, list[str]]] = yaml.load(text, Loader=yaml.BaseLoader)
    return {
        kind: {tuple(path.split("/")): (entry[0], entry[1]) for path, entry in entries.items()}
        for kind, entries in data.items()
    }


def _refusal(what: str) -> Refusal:
    sentence = f"the encapsulated CDA {what}; review it by hand, or let the rules remove it"
    return Refusal(Reason.ENCAPSULATED_DOCUMENT, sentence)


def _parse(data: bytes) -> Element:
    try:
        root = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        raise _refusal("is no well-formed XML without DTD and entities") from None
    if _local(root) != "ClinicalDocument":
        raise _refusal("is no ClinicalDocument")
    return root


def _local(element: Element) -> str:
    return element.tag.rpartition("}")[2]


def _walk(root: Element) -> Iterator[tuple[tuple[str, ...], Element]]:
    """All elements with the local names on the way to them."""
    waiting: list[tuple[tuple[str, ...], Element]] = [((_local(root),), root)]
    count = 0
    while waiting:
        path, element = waiting.pop()
        count += 1
        if count > _MOST_ELEMENTS:
            raise _refusal(f"has more than {_MOST_ELEMENTS} elements")
        media = element.get("mediaType", "")
        if element.get("representation") == "B64" or (media and not media.startswith("text/")):
            raise _refusal("holds an embedded file")
        if _local(element) == "observationMedia":
            raise _refusal("holds a picture")
        yield path, element
        waiting.extend(((*path, _local(child)), child) for child in reversed(element))


def _field(path: tuple[str, ...]) -> tuple[str, str] | None:
    """What the table says of an element's text: of the longest path that ends its own."""
    return next((f for size in (2, 1) if (f := _table()["text"].get(path[-size:]))), None)


def _attribute_field(path: tuple[str, ...], attribute: str) -> tuple[str, str] | None:
    if path[-1] in _BOUNDS and not any(name.endswith(("Time", "time")) for name in path[-3:-1]):
        return None  # the bounds of a quantity
    return _table()["attribute"].get((path[-1], attribute.rpartition("}")[2]))


def _texts_of(element: Element) -> Iterator[tuple[str, str]]:
    """(place, text) of an element's own text and of what follows its children."""
    if element.text and element.text.strip():
        yield "text", element.text
    for index, child in enumerate(element):
        if child.tail and child.tail.strip():
            yield str(index), child.tail


def _set(element: Element, place: str, text: str) -> None:
    if place == "text":
        element.text = text
    else:
        element[int(place)].tail = text


def scan_cda(data: bytes) -> CdaScan:
    """Read the structured fields and the free text of a document.

    Raises
    ------
    Refusal
        If it is no CDA document that can be cleaned.
    """
    texts: dict[str, None] = {}
    known: dict[KnownValue, None] = {}
    for path, element in _walk(_parse(data)):
        field = _field(path)
        for _, text in _texts_of(element):
            if field is None:
                texts[text] = None
            elif field[0]:
                known[KnownValue(field[0], text.strip(), field[1])] = None
        if _local(element) == "name" and field is not None:
            whole = " ".join(part.strip() for part in element.itertext() if part.strip())
            known[KnownValue(field[0], whole, field[1])] = None
        for attribute, value in element.attrib.items():
            found = _attribute_field(path, attribute)
            if found is not None and (found[0] != "DATE" or found[1] == "birth_date"):
                known[KnownValue(found[0], _plain(value), found[1])] = None
    return CdaScan(tuple(texts), tuple(v for v in known if not is_placeholder(v.text)))


def _plain(value: str) -> str:
    """A telecom value without its scheme: ``tel:+1-555-0100``."""
    return re.sub(r"^(?:tel|fax|mailto|sip|http|https):(?://)?", "", value.strip())


def clean_cda(
    data: bytes, scan: CdaScan, spans: Mapping[str, Sequence[Span]], cleaner: Cleaner
) -> CleanedDocument:
    """Write the document anew without what identifies.

    Parameters
    ----------
    data : bytes
        The same document that was scanned.
    scan : CdaScan
    spans : mapping
        PHI of each of ``scan.texts``.
    cleaner : Cleaner

    Raises
    ------
    Refusal
        If a text was not annotated.
    """
    root = _parse(data)
    work = _Work(cleaner, KnownPHI(cleaner.known.values + scan.known), spans)
    for path, element in _walk(root):
        field = _field(path)
        for place, text in list(_texts_of(element)):
            if field is None:
                _set(element, place, work.narrative(text))
            elif field[0]:
                _set(element, place, work.whole(text, *field))
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

    def __init__(self, cleaner: Cleaner, known: KnownPHI, spans: Mapping[str, Sequence[Span]]):
        self.cleaner = cleaner
        self.known = known
        self.spans = spans
        self.findings: list[Finding] = []

    def _clean(self, text: str, spans: Sequence[Span]) -> str:
        cleaned = self.cleaner.clean(text, spans)
        self.findings += [
            Finding(_LOCATION, done.entity, done.engine, done.confidence, done.text_hmac)
            for done in cleaned.applied
        ]
        return cleaned.text

    def narrative(self, text: str) -> str:
        """Free text: by the model's spans and by what is known."""
        if text not in self.spans:
            raise Refusal(
                Reason.TEXT_NOT_CLEANED,
                "a text of the encapsulated CDA was not annotated; run with the text stage on",
            )
        return self._clean(text, merge_spans([*self.known.find(text), *self.spans[text]], text))

    def whole(self, text: str, entity: str, kind: str) -> str:
        """A field that identifies as a whole."""
        if is_placeholder(text):
            return text
        return self._clean(text, [Span(0, len(text), entity, "key", 1.0, kind)])

    def attribute(self, path: tuple[str, ...], name: str, value: str) -> str | None:
        """The new value of an attribute; ``None`` to take it out."""
        field = _attribute_field(path, name)
        local = name.rpartition("}")[2]
        if field is None:
            if local == "root" and path[-1] in ("id", "setId"):
                return self._root(value)
            spans = self.known.find(value) if value.strip() else []
            return self._clean(value, spans) if spans else value
        entity, kind = field
        new = self.whole(value, entity, kind)
        if entity == "ID":
            return new
        return None if new.startswith("[") else new

    def _root(self, value: str) -> str:
        """The root of an identifier names an institution or is itself an instance's UID."""
        text = value.strip()
        if text.startswith(_SHARED_ROOTS) or not (_GUID.fullmatch(text) or _UID.fullmatch(text)):
            return value
        return self.cleaner.pseudonyms.uid(text)
