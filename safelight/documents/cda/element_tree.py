"""Parse a CDA document and iterate over its elements."""

from __future__ import annotations

from collections.abc import Iterator
from xml.etree import ElementTree

import defusedxml.ElementTree
from defusedxml import DefusedXmlException

from safelight.documents.cda.embedded_pdf import embedded_pdf
from safelight.documents.cda.schema import is_known_element, local_name, remove_unknown_names
from safelight.records import Reason, Refusal

_MAX_ELEMENTS = 200_000
#: Documents have fewer than 50 levels. The time and the memory of the paths grow with the square.
_MAX_DEPTH = 200

Element = ElementTree.Element


def _refusal(problem: str) -> Refusal:
    sentence = f"the encapsulated CDA {problem}; review it manually, or let the rules remove it"
    return Refusal(Reason.ENCAPSULATED_DOCUMENT, sentence)


def parse_cda(data: bytes) -> Element:
    """Return the root of a CDA document, without names that CDA does not define.

    Raises
    ------
    Refusal
        If the data are not a well-formed CDA document.
    """
    try:
        root = defusedxml.ElementTree.fromstring(data, forbid_dtd=True)
    except (ElementTree.ParseError, DefusedXmlException, ValueError, LookupError):
        raise _refusal("is not well-formed XML without DTD and entities") from None
    if local_name(root) != "ClinicalDocument" or not is_known_element(root.tag):
        raise _refusal("is not a ClinicalDocument")
    remove_unknown_names(root)
    return root


def iterate_elements(root: Element) -> Iterator[tuple[tuple[str, ...], Element]]:
    """Return all elements, each with its path of local names from the root.

    Raises
    ------
    Refusal
        If an element contains a picture or another file that is not PDF, or there are too many
        elements or levels.
    """
    pending: list[tuple[tuple[str, ...], Element]] = [((local_name(root),), root)]
    count = 0
    while pending:
        path, element = pending.pop()
        count += 1
        if count > _MAX_ELEMENTS:
            raise _refusal(f"has more than {_MAX_ELEMENTS} elements")
        if len(path) > _MAX_DEPTH:
            raise _refusal(f"has elements that are nested more than {_MAX_DEPTH} deep")
        media_type = element.get("mediaType", "")
        is_base64 = element.get("representation") == "B64"
        if is_base64 or (media_type and not media_type.startswith("text/")):
            if embedded_pdf(element) is None:
                raise _refusal("contains an embedded file that is not PDF")
        if local_name(element) == "observationMedia":
            raise _refusal("contains a picture")
        yield path, element
        pending.extend(((*path, local_name(child)), child) for child in reversed(element))
