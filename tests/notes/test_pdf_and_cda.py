"""Test the PDF and CDA documents of records."""

from __future__ import annotations

from safelight.notes.pdf_and_cda import clean_document_file, document_texts
from safelight.pseudonyms import Pseudonyms
from safelight.rules import load_rules
from safelight.text.known.known_phi import KnownPHI, KnownValue

CDA = b"<ClinicalDocument><section><text>seen by Quimbleton</text></section></ClinicalDocument>"


def clean(data: bytes) -> bytes | None:
    pseudonyms = Pseudonyms(bytes(range(32)), "tests", (-10, -10))
    cleaned = clean_document_file(
        data, "text/xml", {"seen by Quimbleton": []},
        known=KnownPHI([KnownValue("NAME", "QUIMBLETON")]), rules=load_rules("research"),
        pseudonyms=pseudonyms, patient=pseudonyms.patient("x"),
    )  # fmt: skip
    return cleaned[0] if cleaned is not None else None


def test_the_texts_of_a_document_are_returned() -> None:
    assert document_texts(CDA, "text/xml", "rapidocr") == ("seen by Quimbleton",)


def test_a_document_that_cannot_be_cleaned_has_no_texts() -> None:
    assert document_texts(b"<a/>", "text/xml", "rapidocr") == ()


def test_known_values_are_removed_from_a_document() -> None:
    new = clean(CDA)
    assert new is not None and b"seen by [NAME]" in new


def test_a_document_that_cannot_be_cleaned_is_removed() -> None:
    assert clean(b"<a/>") is None
