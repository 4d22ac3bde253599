"""PDF: a refusal, or a new document that can be read and has no known value in its text layer."""

from __future__ import annotations

from contextlib import suppress
from functools import cache

from safelight.documents.pdf.cleaning import clean_pdf, scan_pdf
from safelight.documents.pdf.page_rendering import open_pdf
from safelight.documents.text_cleaner import TextCleaner
from safelight.pseudonyms import Pseudonyms
from safelight.records import Refusal
from safelight.rules.policies import TextPolicy
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.documents.make_pdf import make_pdf
from tests.documents.ocr_readers import NoReader

_NAME = "HARGREAVE"


def seeds() -> list[bytes]:
    """Return a document whose text holds a known name, and the new document for it."""
    document = make_pdf([f"Patient {_NAME}", "seen on 3 May 2019", "Lungs are clear."])
    return [document, make_pdf(["(x) Tj [(Har) -50 (greave)] TJ"], rotate=90), _clean(document)]


def run(data: bytes) -> None:
    """Clean a document without a text model and without OCR."""
    new = b""
    with suppress(Refusal):
        new = _clean(data)
    if not new:
        return
    with open_pdf(new) as document:
        for page in document:
            assert _NAME not in page.get_textpage().get_text_range().upper()


def _clean(data: bytes) -> bytes:
    scan = scan_pdf(data, NoReader())
    return clean_pdf(data, scan, {text: [] for text in scan.texts}, _cleaner(), NoReader()).data


@cache
def _cleaner() -> TextCleaner:
    pseudonyms = Pseudonyms(bytes(range(32)))
    known = KnownPHI([KnownValue("NAME", f"{_NAME}^TOMAS", "patient")])
    return TextCleaner(known, TextPolicy(), pseudonyms, pseudonyms.patient("PX440172"))
