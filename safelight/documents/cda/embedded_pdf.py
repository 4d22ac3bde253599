"""Read and replace PDF documents inside a CDA document: a scan or a report as its body."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from xml.etree import ElementTree

from safelight.documents.pdf.cleaning import PdfScan, clean_pdf
from safelight.documents.text_cleaner import CleanedDocument, TextCleaner
from safelight.pixels.ocr.base import TextReader
from safelight.records import Span

#: Attributes that are valid for the original bytes only.
_CHECKSUM_ATTRIBUTES = ("integrityCheck", "integrityCheckAlgorithm")


def embedded_pdf(element: ElementTree.Element) -> bytes | None:
    """Return the PDF that an element of type ED contains in base64; ``None`` if there is none.

    Compressed data, and elements that also have a thumbnail or a reference, are not supported.
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
    """Replace the PDF of an element by the cleaned one, and return it with its findings.

    Parameters
    ----------
    element : Element
    scan : PdfScan
    spans : mapping
        PHI spans of each text in ``scan.texts``.
    cleaner : TextCleaner
    reader : TextReader

    Raises
    ------
    Refusal
        If the PDF cannot be cleaned.
    """
    cleaned = clean_pdf(embedded_pdf(element) or b"", scan, spans, cleaner, reader)
    element.text = base64.b64encode(cleaned.data).decode("ascii")
    for name in _CHECKSUM_ATTRIBUTES:
        element.attrib.pop(name, None)
    return cleaned
