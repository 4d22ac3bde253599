"""Test the search for a PDF in an element of a CDA document."""

from __future__ import annotations

import base64
from xml.etree import ElementTree

import pytest

from safelight.documents.cda.embedded_pdf import embedded_pdf

PDF = b"%PDF-1.4 content"


def element(text: bytes, **attributes: str) -> ElementTree.Element:
    stated = {"representation": "B64", "mediaType": "application/pdf"} | attributes
    made = ElementTree.Element("text", stated)
    made.text = base64.b64encode(text).decode()
    return made


def test_a_pdf_is_decoded() -> None:
    assert embedded_pdf(element(PDF)) == PDF


@pytest.mark.parametrize(
    "other",
    [
        element(b"GIF89a"),
        element(PDF, compression="DF"),
        element(PDF, mediaType="image/png"),
        element(PDF, representation="TXT"),
    ],
)
def test_other_content_is_not_a_pdf(other: ElementTree.Element) -> None:
    assert embedded_pdf(other) is None


def test_invalid_base64_is_not_a_pdf() -> None:
    broken = element(PDF)
    broken.text = "%%%"
    assert embedded_pdf(broken) is None
