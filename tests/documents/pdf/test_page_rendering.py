"""A document that exhausts PDFium costs itself and no more."""

from __future__ import annotations

import os
import zlib

import pytest

from safelight.documents.pdf import page_rendering
from safelight.documents.pdf.page_rendering import render_pages
from safelight.records import Reason, Refusal


def _write_pdf(objects: list[bytes]) -> bytes:
    data, offsets = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        offsets.append(len(data))
        data += b"%d 0 obj%sendobj\n" % (number, content)
    entries = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    trailer = b"trailer<</Root 1 0 R/Size %d>>\n" % (len(objects) + 1)
    return data + head + entries + trailer + b"startxref\n%d\n%%%%EOF" % len(data)


def _stream(content: bytes, entries: bytes = b"") -> bytes:
    return b"<<%s/Length %d>>stream\n%s\nendstream" % (entries, len(content), content)


def _document(contents: bytes, forms: list[bytes]) -> bytes:
    page = (
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 60 80]/Contents 4 0 R"
        b"/Resources<</XObject<</F 5 0 R>>>>>>"
    )
    catalog = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>"]
    return _write_pdf([*catalog, page, contents, *forms])


def _nested_forms(depth: int) -> bytes:
    forms = []
    for number in range(6, 6 + depth):
        inner = b"/XObject<</F %d 0 R>>" % number if number < 5 + depth else b""
        entries = b"/Type/XObject/Subtype/Form/BBox[0 0 60 80]/Resources<<%s>>" % inner
        forms.append(_stream(b"/F Do " * 10 if inner else b"0 0 1 1 re f", entries))
    return _document(_stream(b"/F Do " * 10), forms)


def _inflating_contents(size: int) -> bytes:
    deflated = zlib.compress(b" " * size, 9)
    return _document(_stream(deflated, b"/Filter/FlateDecode"), [_stream(b"")])


@pytest.mark.parametrize("data", [_nested_forms(7), _inflating_contents(1 << 28)])
def test_a_small_document_that_needs_much_memory_is_refused(
    data: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(page_rendering, "PAGE_MEMORY_BYTES", 64 << 20)
    assert len(data) < 1 << 20
    with pytest.raises(Refusal) as refused:
        list(render_pages(data))
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT
    assert "time or memory" in refused.value.sentence


def test_a_document_that_takes_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page_rendering, "PAGE_SECONDS", 0.2)
    with pytest.raises(Refusal) as refused:
        list(render_pages(_nested_forms(8)))
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT


def test_pages_are_rendered_in_another_process(monkeypatch: pytest.MonkeyPatch) -> None:
    parent = os.getpid()

    def count(_data: bytes) -> int:
        assert os.getpid() != parent
        return 0

    monkeypatch.setattr(page_rendering, "_count_pages", count)
    assert list(render_pages(b"")) == []


def test_a_small_document_has_its_page() -> None:
    (page,) = render_pages(_nested_forms(2))
    assert (page.number, page.width, page.height) == (0, 60.0, 80.0)
    assert page.picture.ndim == 3 and page.picture.shape[2] == 3
