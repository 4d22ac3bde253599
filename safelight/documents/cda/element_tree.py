"""The element tree of a CDA document: what may be in it, and the way through it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from safelight.documents.cda.embedded_pdf import embedded_pdf
from safelight.records import Reason, Refusal

_MOST_ELEMENTS = 200_000

Element = ElementTree.Element


def refusal(what: str) -> Refusal:
    sentence = f"the encapsulated CDA {what}; review it by hand, or let the rules remove it"
    return Refusal(Reason.ENCAPSULATED_DOCUMENT, sentence)


def parse(data: bytes) -> Element:
    """The root of a CDA document.

    Raises
    ------
    Refusal
        If it is no well-formed CDA document.
    """
    try:
        root = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        raise refusal("is no well-formed XML without DTD and entities") from None
    if local(root) != "ClinicalDocument":
        raise refusal("is no ClinicalDocument")
    return root


def local(element: Element) -> str:
    """The name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def walk(root: Element) -> Iterator[tuple[tuple[str, ...], Element]]:
    """All elements with the local names on the way to them.

    Raises
    ------
    Refusal
        If one holds bytes that are no PDF.
    """
    waiting: list[tuple[tuple[str, ...], Element]] = [((local(root),), root)]
    count = 0
    while waiting:
        path, element = waiting.pop()
        count += 1
        if count > _MOST_ELEMENTS:
            raise refusal(f"has more than {_MOST_ELEMENTS} elements")
        media = element.get("mediaType", "")
        holds_bytes = element.get("representation") == "B64"
        if holds_bytes or (media and not media.startswith("text/")):
            if embedded_pdf(element) is None:
                raise refusal("holds an embedded file that is no PDF")
        if local(element) == "observationMedia":
            raise refusal("holds a picture")
        yield path, element
        waiting.extend(((*path, local(child)), child) for child in reversed(element))
