"""Test the dispatch of embedded documents by media type."""

from __future__ import annotations

import pytest

from safelight.notes.embedded_documents import clean_embedded_document, media_type_of
from safelight.records import Reason, Refusal
from tests.notes.test_xhtml import RecordingVisitor


@pytest.mark.parametrize(
    ("data", "stated", "media_type"),
    [
        (b"x", "text/plain; charset=utf-8", "text/plain"),
        (b"%PDF-1.4", "", "application/pdf"),
        (b"<?xml version='1.0'?>", "application/octet-stream", "text/xml"),
        (b"<!DOCTYPE html>", "", "text/html"),
        (b"%PDF-1.4", "image/png", "image/png"),
        (b"x", "", ""),
    ],
)
def test_first_bytes_decide_if_the_stated_type_is_generic(
    data: bytes, stated: str, media_type: str
) -> None:
    assert media_type_of(data, stated) == media_type


def test_plain_text_is_written_as_utf_8() -> None:
    data = "é".encode("latin-1")
    new = clean_embedded_document(data, "text/plain; charset=latin-1", RecordingVisitor(), "x")
    assert new == "é".encode()


@pytest.mark.parametrize("data", [b"a\0b", b"\xff"])
def test_data_that_are_not_text_are_refused(data: bytes) -> None:
    with pytest.raises(Refusal) as refused:
        clean_embedded_document(data, "text/plain; charset=utf-8", RecordingVisitor(), "x")
    assert refused.value.reason is Reason.MALFORMED_ROW


def test_documents_of_other_types_are_passed_to_the_visitor() -> None:
    assert clean_embedded_document(b"GIF89a", "image/gif", RecordingVisitor(), "x") is None


@pytest.mark.parametrize("charset", ["unicode_escape", "idna", "punycode", "utf-7", "rot13", "zyx"])
def test_a_charset_that_is_none_is_refused(charset: str) -> None:
    with pytest.raises(Refusal):
        clean_embedded_document(
            b"\\ud83d", f"text/plain; charset={charset}", RecordingVisitor(), "x"
        )
