"""Elements and attributes that CDA defines (``schema.yaml``); all others are removed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from importlib import resources
from xml.etree import ElementTree

import yaml

Element = ElementTree.Element

NAMESPACES = {
    "": "urn:hl7-org:v3",
    "sdtc": "urn:hl7-org:sdtc",
    "ps3-20": "urn:dicom-org:ps3-20",
    "voc": "urn:hl7-org:v3/voc",
    "xsi": "http://www.w3.org/2001/XMLSchema-instance",
}
_XML_NAMESPACE = "http://www.w3.org/XML/1998/namespace"
_NARRATIVE_ELEMENT = "content"


@dataclass(frozen=True)
class CdaSchema:
    """Content of ``schema.yaml``.

    Attributes
    ----------
    elements : frozenset of str
        Local names of elements.
    attributes : dict
        Kind of each attribute by its local name.
    layout_words, type_words, code_words : frozenset of str
        Values of the attributes of these kinds.
    public_code_systems : tuple of str
        Beginnings of the OIDs of public code systems.
    """

    elements: frozenset[str]
    attributes: dict[str, str]
    layout_words: frozenset[str]
    type_words: frozenset[str]
    code_words: frozenset[str]
    public_code_systems: tuple[str, ...]


@cache
def load_schema() -> CdaSchema:
    """Return the schema that ships with Safelight."""
    text = (resources.files("safelight.documents.cda") / "schema.yaml").read_text("utf-8")
    table = yaml.load(text, Loader=yaml.BaseLoader)
    kinds = table["attributes"].items()
    return CdaSchema(
        frozenset(table["elements"].split()),
        {name: kind for kind, names in kinds for name in names.split()},
        frozenset(table["layout_words"].split()),
        frozenset(table["type_words"].split()),
        frozenset(table["code_words"].split()),
        tuple(table["public_code_systems"].split()),
    )


def local_name(element: Element) -> str:
    """Return the name of an element without its namespace."""
    return element.tag.rpartition("}")[2]


def _is_known(name: str, names: frozenset[str] | dict[str, str]) -> bool:
    """Return whether a name, with or without namespace, is one of CDA."""
    namespace, _, local = name.rpartition("}")
    is_cda = not namespace or namespace[1:] in (*NAMESPACES.values(), _XML_NAMESPACE)
    return is_cda and local in names


def is_known_element(tag: str) -> bool:
    """Return whether CDA defines an element of this namespace and name."""
    return _is_known(tag, load_schema().elements)


def remove_unknown_names(root: Element) -> None:
    """Remove the elements and attributes that CDA does not define.

    An unknown element in the text of a section becomes ``content``, so that its text stays.

    Parameters
    ----------
    root : Element
        Root of the document, which is changed.
    """
    schema = load_schema()
    pending = [(root, False)]
    while pending:
        element, in_text = pending.pop()
        for name in [n for n in element.attrib if not _is_known(n, schema.attributes)]:
            del element.attrib[name]
        in_text = in_text or local_name(element) == "text"
        for child in element:
            if in_text and not _is_known(child.tag, schema.elements):
                namespace = element.tag.rpartition("}")[0]
                child.tag = (
                    f"{namespace}}}{_NARRATIVE_ELEMENT}" if namespace else _NARRATIVE_ELEMENT
                )
        if not all(_is_known(child.tag, schema.elements) for child in element):
            _keep_known_children(element, schema.elements)
        pending.extend((child, in_text) for child in element)


def _keep_known_children(element: Element, names: frozenset[str]) -> None:
    """Remove the other children; the text after each of them stays."""
    kept: list[Element] = []
    texts: list[list[str]] = [[element.text or ""]]
    for child in element:
        if _is_known(child.tag, names):
            kept.append(child)
            texts.append([child.tail or ""])
        else:
            texts[-1].append(child.tail or "")
    element[:] = kept
    element.text = "".join(texts[0])
    for child, pieces in zip(kept, texts[1:]):
        child.tail = "".join(pieces)
