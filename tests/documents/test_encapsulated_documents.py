"""Each kind of document finds its way; what is neither PDF nor CDA is refused."""

from __future__ import annotations

import pickle

import pytest

from safelight.documents.encapsulated_documents import clean_document, scan_document
from safelight.records import Reason, Refusal
from tests.documents.cda.test_cleaning import DOCUMENT
from tests.documents.cda.test_cleaning import cleaner as cleaner  # a fixture
from tests.documents.make_pdf import make_pdf
from tests.documents.pdf.test_cleaning import NoReader


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [(make_pdf(["Liver"]), "application/pdf"), (DOCUMENT.encode(), "text/xml; charset=utf-8")],
)
def test_a_document_comes_back_of_its_kind(data: bytes, mime_type: str, cleaner) -> None:  # type: ignore[no-untyped-def]
    for padded, length in ((data, len(data)), (data + b"\0", len(data)), (data + b"\0", None)):
        scan = scan_document(padded, mime_type, NoReader(), length)
        assert pickle.loads(pickle.dumps(scan)) == scan
        spans = {text: [] for text in scan.texts}
        new = clean_document(padded, scan, spans, cleaner, NoReader(), length)
        assert new.data[:5] == data[:5]


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [(b"solid x", "model/stl"), (b"MZ\x90", "application/pdf"), (b"", "application/pdf"),
     (make_pdf(["x"]), ""), (b"%PDF-1.4", "image/png")],
)  # fmt: skip
def test_other_documents_are_refused(data: bytes, mime_type: str) -> None:
    with pytest.raises(Refusal) as refused:
        scan_document(data, mime_type, NoReader())
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT
