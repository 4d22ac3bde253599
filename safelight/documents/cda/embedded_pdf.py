"""PDF documents inside a CDA document: a scan or a report as its body, in base64."""

from __future__ import annotations

import base64
import binascii
import xml.etree.ElementTree as ElementTree
from collections.abc import Mapping, Sequence

from safelight.documents.pdf.cleaning import PdfScan, clean_pdf
from safelight.documents.text_cleaner import CleanedDocument, TextCleaner
from safelight.pixels.ocr.base import TextReader
from safelight.records import Span

#: Sums over the bytes that were, and what says that they are packed.
_OF_THE_BYTES = ("integrityCheck", "integrityCheckAlgorithm")


def embedded_pdf(element: ElementTree.Element) -> bytes | None:
    """The PDF that an element of type ED holds in base64; ``None`` if it holds none.

    What is packed, or has a thumbnail or a reference beside it, is not taken for one.
    """
    if element.get("representation") != "B64" or element.get("mediaType") != "application/pdf":
        return None
    if len(element) or element.get("compression"):
        return None
    try:
        data = base64.b64decode("".join((element.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if data.lstrip()[:5] == b"%PDF-" else None


def replace_embedded_pdf(
    element: ElementTree.Element,
    scan: PdfScan,
    spans: Mapping[str, Sequence[Span]],
    cleaner: TextCleaner,
    reader: TextReader,
) -> CleanedDocument:
    """Put the cleaned PDF in the place of the one that an element holds.

    Raises
    ------
    Refusal
        If the PDF cannot be cleaned.
    """
    cleaned = clean_pdf(embedded_pdf(element) or b"", scan, spans, cleaner, reader)
    element.text = base64.b64encode(cleaned.data).decode("ascii")
    for name in _OF_THE_BYTES:
        element.attrib.pop(name, None)
    return cleaned
