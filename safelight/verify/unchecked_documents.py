"""Name the documents inside an object that the verifier could not read."""

from __future__ import annotations

from collections.abc import Iterator

from safelight.verify.defects import Check, Defect
from safelight.verify.dicom_object import DicomObject
from safelight.verify.elements import BYTE_VRS
from safelight.verify.pdf_pages import UnreadablePdfError, has_pages_without_text, is_pdf


def find_unchecked_documents(output: DicomObject, reads_images: bool) -> Iterator[Defect]:
    """Yield the PDF documents that cannot be opened, or whose pages only OCR can read.

    Parameters
    ----------
    output : DicomObject
    reads_images : bool
        Whether pages are read with Tesseract.
    """
    for element in output.elements:
        if element.vr not in BYTE_VRS or not is_pdf(element.value_bytes):
            continue
        length = len(element.value_bytes)
        try:
            needs_ocr = has_pages_without_text(element.value_bytes)
        except UnreadablePdfError:
            detail = "is a PDF that could not be read"
            yield Defect(Check.UNCHECKED, element.location, detail, length)
            continue
        if needs_ocr and not reads_images:
            detail = "is a PDF with pages that only --ocr on reads"
            yield Defect(Check.UNCHECKED, element.location, detail, length)
