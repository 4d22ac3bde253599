"""Read the texts and the pages of PDF documents inside objects, with PDFium."""

from __future__ import annotations

from collections.abc import Iterator

from PIL import Image

_PDF_START = b"%PDF-"
#: Bytes at the start of a file in which readers look for the header of a PDF.
_MAX_HEADER_OFFSET = 1024
#: Enlargement of a page before OCR; 1 is 72 dots per inch.
_RENDER_SCALE = 3


class UnreadablePdfError(Exception):
    """Raised if a PDF document cannot be opened. The message holds no text of it."""


def is_pdf(data: bytes) -> bool:
    """Return whether bytes are a PDF document."""
    return _PDF_START in data[:_MAX_HEADER_OFFSET]


def read_pdf_texts(data: bytes) -> Iterator[str]:
    """Yield the text layer of each page, then the metadata.

    Raises
    ------
    UnreadablePdfError
    """
    import pypdfium2  # type: ignore[import-untyped]

    try:
        document = pypdfium2.PdfDocument(data)
        texts = [page.get_textpage().get_text_range() for page in document]
        texts.extend(str(value) for value in document.get_metadata_dict().values())
    except pypdfium2.PdfiumError as error:
        raise UnreadablePdfError(type(error).__name__) from None
    yield from (text for text in texts if text.strip())


def render_pdf_pages(data: bytes) -> Iterator[Image.Image]:
    """Yield each page as a grey image for OCR; none if the document cannot be opened."""
    import pypdfium2

    try:
        for page in pypdfium2.PdfDocument(data):
            yield page.render(scale=_RENDER_SCALE, grayscale=True).to_pil()
    except pypdfium2.PdfiumError:
        return


def has_pages_without_text(data: bytes) -> bool:
    """Return whether a document has pages that only OCR can read.

    Raises
    ------
    UnreadablePdfError
    """
    import pypdfium2

    try:
        return any(
            not page.get_textpage().get_text_range().strip() for page in pypdfium2.PdfDocument(data)
        )
    except pypdfium2.PdfiumError as error:
        raise UnreadablePdfError(type(error).__name__) from None
