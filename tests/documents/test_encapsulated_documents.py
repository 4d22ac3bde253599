"""Test the dispatch of encapsulated documents by MIME type."""

from __future__ import annotations

import datetime
import pickle

import pytest

from safelight.documents.encapsulated_documents import (
    EncapsulatedScan,
    clean_document,
    scan_document,
)
from safelight.documents.pdf.cleaning import PdfScan
from safelight.documents.pdf.page_text import PageText
from safelight.documents.text_cleaner import TextCleaner
from safelight.records import Reason, Refusal, Span
from safelight.text.dates.hints import NO_HINTS
from tests.documents.cda.test_cleaning import DOCUMENT
from tests.documents.make_pdf import make_pdf
from tests.documents.ocr_readers import NoReader


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [(make_pdf(["Liver"]), "application/pdf"), (DOCUMENT.encode(), "text/xml; charset=utf-8")],
)
@pytest.mark.parametrize(
    ("padding", "is_length_stated"), [(b"", True), (b"\0", True), (b"\0", False)]
)
def test_a_document_is_cleaned_by_its_type_without_padding(
    data: bytes, mime_type: str, padding: bytes, is_length_stated: bool, cleaner: TextCleaner
) -> None:
    length = len(data) if is_length_stated else None
    scan = scan_document(data + padding, mime_type, NoReader(), length)
    spans: dict[str, list[Span]] = {text: [] for text in scan.texts}
    new = clean_document(data + padding, scan, spans, cleaner, NoReader(), length=length)
    assert new.data[:5] == data[:5]


def test_a_scan_can_be_pickled() -> None:
    scan = scan_document(DOCUMENT.encode(), "text/xml", NoReader())
    assert pickle.loads(pickle.dumps(scan)) == scan


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [(b"solid x", "model/stl"), (b"MZ\x90", "application/pdf"), (b"", "application/pdf"),
     (make_pdf(["x"]), ""), (b"%PDF-1.4", "image/png")],
)  # fmt: skip
def test_other_documents_are_refused(data: bytes, mime_type: str) -> None:
    with pytest.raises(Refusal) as refused:
        scan_document(data, mime_type, NoReader())
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT


def test_the_header_of_a_cda_document_gives_the_year_of_its_dates() -> None:
    scan = scan_document(DOCUMENT.encode(), "text/xml", NoReader())
    spans = {"Seen on 14 March.": [Span(8, 16, "DATE", "ner")]}
    assert scan.date_hints({text: spans.get(text, ()) for text in scan.texts}) == NO_HINTS
    spans = {scan.texts[0]: [Span(0, 3, "DATE", "ner")]}
    other = datetime.date(2011, 5, 6)
    assert scan.date_hints(spans, other).reference == datetime.date(2020, 3, 14)


def test_a_page_of_a_pdf_gives_the_year_of_the_dates_of_other_pages() -> None:
    first, second = "Seen on 3/14/2020.", "Back on 4/2."
    pages = (PageText(i, text, (None,) * len(text), "x") for i, text in enumerate((first, second)))
    scan = EncapsulatedScan(PdfScan(2, tuple(pages)))
    spans = {first: [Span(8, 17, "DATE", "ner")], second: [Span(8, 11, "DATE", "ner")]}
    assert scan.date_hints(spans).reference == datetime.date(2020, 3, 14)
    spans[first] = []
    given = datetime.date(2011, 5, 6)
    assert scan.date_hints(spans).reference is None
    assert scan.date_hints(spans, given).reference == given
