"""Test that a cleaned PDF shows everything except PHI, and has no object of the old file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pypdfium2
import pytest
from PIL import Image, ImageDraw, ImageFont

from safelight.documents.pdf.cleaning import PdfScan, clean_pdf, scan_pdf
from safelight.documents.text_cleaner import TextCleaner
from safelight.pixels.geometry import Box
from safelight.pixels.models import Picture
from safelight.pixels.ocr import make_reader
from safelight.pixels.ocr.base import Reading
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal, Span
from safelight.rules.policies import TextPolicy
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.recognizers.patterns import find_patterns
from tests.documents.make_pdf import make_pdf
from tests.documents.ocr_readers import NoReader

LINES = ["Patient: SMITHSON, JOHN", "Born 01/02/1980, MRN 4711081", "Liver normal, no mass"]
AGED = [*LINES, "A 61 year old man, seen on Monday"]


@pytest.fixture
def cleaner() -> TextCleaner:
    pseudonyms = Pseudonyms(bytes(range(32)), "tests", (-10, -10))
    known = KnownPHI([KnownValue("NAME", "SMITHSON^JOHN"), KnownValue("ID", "4711081")])
    return TextCleaner(known, TextPolicy(), pseudonyms, pseudonyms.patient("4711081"))


def spans_of(scan: PdfScan) -> dict[str, list[Span]]:
    return {text: find_patterns(text) for text in scan.texts}


def gray_pixels(data: bytes) -> np.ndarray[Any, np.dtype[np.uint8]]:
    page = pypdfium2.PdfDocument(data)[0]
    return np.asarray(page.render(scale=2).to_pil().convert("L"))


def test_no_object_of_the_old_file_is_copied(cleaner: TextCleaner) -> None:
    data = make_pdf(LINES)
    scan = scan_pdf(data, NoReader())
    new = clean_pdf(data, scan, spans_of(scan), cleaner, NoReader())
    for secret in (b"SMITHSON", b"Secret", b"JavaScript", b"4711081", b"Annot", b"/Helvetica"):
        assert secret in data or secret == b"4711081"
        assert secret not in new.data
    document = pypdfium2.PdfDocument(new.data)
    assert document.get_metadata_dict(skip_empty=True) == {}
    text = (
        document[0].get_textpage().get_text_range()
    )  # without OCR, the text layer is not confirmed
    assert set(text.split()) == {"[NAME]", "[ID]", "1979"}
    assert document[0].get_size() == pytest.approx((420, 595), abs=0.1)
    assert {finding.entity for finding in new.findings} == {"NAME", "DATE", "ID"}
    assert all(finding.box for finding in new.findings[:3])


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_phi_is_masked_and_other_lines_are_unchanged(cleaner: TextCleaner, rotate: int) -> None:
    data = make_pdf(LINES, rotate=rotate)
    scan = scan_pdf(data, NoReader())
    new = clean_pdf(data, scan, spans_of(scan), cleaner, NoReader()).data
    turns = rotate // 90
    before, after = np.rot90(gray_pixels(data), turns), np.rot90(gray_pixels(new), turns)
    # At 2 pixels per point; the baseline of line n is 550 - 24 n points above the lower edge.
    for line, begin, same in ((0, 96, False), (2, 80, True), (1, 76, False)):
        top = 2 * (595 - 550 + 24 * line) - 22
        old, now = before[top : top + 24, begin:400], after[top : top + 24, begin:400]
        dark = (old < 100) & (now < 100)
        share = dark.sum() / (old < 100).sum()
        assert share > 0.8 if same else share < 0.6, (line, share)


def test_a_text_without_annotation_is_refused(cleaner: TextCleaner) -> None:
    data = make_pdf(LINES)
    with pytest.raises(Refusal) as refused:
        clean_pdf(data, scan_pdf(data, NoReader()), {}, cleaner, NoReader())
    assert refused.value.reason is Reason.TEXT_NOT_CLEANED


def encrypted_pdf() -> bytes:
    """Return a document that needs a password."""
    lock = b"<< /Filter /Standard /V 1 /R 2 /O <%s> /U <%s> /P -4 >>" % (b"5a" * 32, b"a5" * 32)
    return make_pdf(LINES).replace(
        b"trailer\n<<", b"trailer\n<< /ID [<00><00>] /Encrypt " + lock, 1
    )


#: The page tree counts one page that does not exist.
MISSING_PAGE = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[9 0 R]/Count 1>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
)


@pytest.mark.parametrize(
    "data", [b"", b"%PDF-1.4 rubbish", make_pdf(LINES)[:300], encrypted_pdf(), MISSING_PAGE]
)
def test_a_damaged_document_is_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        scan_pdf(data, NoReader())
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT


def test_the_same_document_gives_the_same_bytes(cleaner: TextCleaner) -> None:
    data = make_pdf(AGED)
    scan = scan_pdf(data, NoReader())
    once = clean_pdf(data, scan, spans_of(scan), cleaner, NoReader())
    assert clean_pdf(data, scan, spans_of(scan), cleaner, NoReader()) == once


def test_phi_in_a_scanned_page_is_masked(cleaner: TextCleaner) -> None:
    image = Image.new("L", (1360, 400), 255)
    font = ImageFont.load_default(72)
    ImageDraw.Draw(image).text((30, 40), "Name: Smithson, John", fill=0, font=font)
    ImageDraw.Draw(image).text((30, 200), "Liver without lesion", fill=0, font=font)
    data = make_pdf(["Scanned letter"], np.asarray(image))
    reader = make_reader("rapidocr")
    scan = scan_pdf(data, reader)
    assert any("Smithson" in text for text in scan.texts)
    new = clean_pdf(data, scan, spans_of(scan), cleaner, reader).data
    again = " ".join(scan_pdf(new, reader).texts)
    assert "mithson" not in again and "John" not in again
    assert "Liver" in again and "Scanned letter" in again


def test_a_cleaned_document_can_be_searched_for_its_visible_text(cleaner: TextCleaner) -> None:
    data = make_pdf([*LINES, "Größe 5 cm"])
    reader = make_reader("rapidocr")
    scan = scan_pdf(data, reader)
    new = clean_pdf(data, scan, spans_of(scan), cleaner, reader).data
    text = pypdfium2.PdfDocument(new)[0].get_textpage().get_text_range()
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    assert lines[0].startswith("Patient:") and "[NAME]" in lines[0]
    assert "Liver normal, no mass" in lines
    for secret in ("SMITHSON", "JOHN", "4711081", "01/02/1980", "HIDDEN"):
        assert secret not in text


def test_a_known_value_that_remains_after_cleaning_is_refused(cleaner: TextCleaner) -> None:
    class NewPageReader(NoReader):
        """Find the name in the new page only."""

        def __init__(self) -> None:
            self.calls = 0

        def read(self, picture: Picture, known: Sequence[Box] = ()) -> list[Reading]:
            self.calls += 1
            return [Reading(Box(10, 10, 200, 30), "SMITHSON", 0.9)] if self.calls > 1 else []

    data, reader = make_pdf(LINES), NewPageReader()
    scan = scan_pdf(data, reader)
    with pytest.raises(Refusal) as refused:
        clean_pdf(data, scan, spans_of(scan), cleaner, reader)
    assert "SMITHSON" not in str(refused.value)
