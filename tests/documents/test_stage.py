"""The document stage takes whole objects and gives new elements."""

from __future__ import annotations

import pickle
from io import BytesIO

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import EncapsulatedPDFStorage, ExplicitVRLittleEndian

from safelight.documents import stage as module
from safelight.documents.stage import DOCUMENT_LENGTH, ENCAPSULATED_DOCUMENT, DocumentStage
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal
from safelight.rules.policies import TextPolicy
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.recognizers.patterns import find_patterns
from tests.documents.make_pdf import make_pdf
from tests.documents.pdf.test_cleaning import LINES, NoReader
from tests.documents.test_structured_reports import code, content, report

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests", (-10, -10))


def as_object(data_set: Dataset) -> bytes:
    data_set.SOPClassUID = EncapsulatedPDFStorage
    data_set.SOPInstanceUID = "1.2.3.4"
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    buffer = BytesIO()
    data_set.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def pdf_object(data: bytes) -> bytes:
    data_set = Dataset()
    data_set.MIMETypeOfEncapsulatedDocument = "application/pdf"
    data_set.EncapsulatedDocumentLength = len(data)
    data_set.EncapsulatedDocument = data + b"\0" * (len(data) % 2)
    return as_object(data_set)


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> DocumentStage:
    made = DocumentStage(TextPolicy(), PSEUDONYMS)
    monkeypatch.setattr(made, "_reader", NoReader)
    return made


def test_an_encapsulated_pdf_gets_a_new_value_and_length(documents: DocumentStage) -> None:
    data = pdf_object(make_pdf(LINES))
    scan = documents.scan(data)
    assert pickle.loads(pickle.dumps(scan)) == scan
    assert scan.texts
    spans = {text: find_patterns(text) for text in scan.texts}
    known = KnownPHI([KnownValue("NAME", "SMITHSON^JOHN")])
    cleaned = documents.clean(data, scan, spans, known, PSEUDONYMS.patient("x"))
    vr, value = cleaned.elements[ENCAPSULATED_DOCUMENT]
    length = int.from_bytes(cleaned.elements[DOCUMENT_LENGTH][1], "little")
    assert vr == "OB" and len(value) % 2 == 0 and len(value) - length in (0, 1)
    assert value.startswith(b"%PDF-") and b"SMITHSON" not in value
    assert cleaned.findings


def test_a_report_gives_its_identifying_values(documents: DocumentStage) -> None:
    tree = report(content("TEXT", code("121008"), TextValue="Foo"))
    data = as_object(tree)
    scan = documents.scan(data)
    assert scan.known == (KnownValue("NAME", "Foo", "clinician"),)
    cleaned = documents.clean(data, scan, {}, KnownPHI([]), PSEUDONYMS.patient("x"))
    assert cleaned == module.CleanedElements({})


def test_a_document_of_another_kind_is_refused(documents: DocumentStage) -> None:
    with pytest.raises(Refusal) as refused:
        documents.scan(pdf_object(b"no PDF at all"))
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT
