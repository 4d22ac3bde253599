"""Test that the document stage takes parsed objects and returns new elements."""

from __future__ import annotations

import pickle
from io import BytesIO

import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    EncapsulatedPDFStorage,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from safelight.dicom.parser import ParsedObject, parse
from safelight.documents import stage as module
from safelight.documents.stage import DOCUMENT_LENGTH, ENCAPSULATED_DOCUMENT, DocumentStage
from safelight.pseudonyms import Pseudonyms
from safelight.records import Reason, Refusal
from safelight.rules.policies import TextPolicy
from safelight.text.known.known_phi import KnownPHI, KnownValue
from safelight.text.recognizers.patterns import find_patterns
from tests.documents.make_pdf import make_pdf
from tests.documents.ocr_readers import NoReader
from tests.documents.pdf.test_cleaning import LINES
from tests.documents.test_structured_reports import code, content, report

PSEUDONYMS = Pseudonyms(bytes(range(32)), "tests", (-10, -10))
OBSERVER = (KnownValue("NAME", "Müller", "clinician"),)


def as_object(data_set: Dataset, syntax: str = ExplicitVRLittleEndian) -> bytes:
    data_set.SOPClassUID = EncapsulatedPDFStorage
    data_set.SOPInstanceUID = "1.2.3.4"
    data_set.file_meta = FileMetaDataset()
    data_set.file_meta.TransferSyntaxUID = syntax
    buffer = BytesIO()
    data_set.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def pdf_object(data: bytes) -> ParsedObject:
    data_set = Dataset()
    data_set.MIMETypeOfEncapsulatedDocument = "application/pdf"
    data_set.EncapsulatedDocumentLength = len(data)
    data_set.EncapsulatedDocument = data + b"\0" * (len(data) % 2)
    return parse(as_object(data_set))


def observer_report(syntax: str = ExplicitVRLittleEndian) -> bytes:
    tree = report(content("TEXT", code("121008"), TextValue="Müller"))
    tree.SpecificCharacterSet = "ISO_IR 100"
    return as_object(tree, syntax)


def without_file_meta(data: bytes) -> bytes:
    length = int.from_bytes(data[140:144], "little")
    return data[144 + length :]


def declared_as(data: bytes, syntax: str) -> bytes:
    """Return the object with another transfer syntax of the same length in its file meta."""
    return data.replace(ExplicitVRLittleEndian.encode() + b"\0", syntax.encode().ljust(20, b"\0"))


@pytest.fixture
def documents(monkeypatch: pytest.MonkeyPatch) -> DocumentStage:
    made = DocumentStage(TextPolicy(), PSEUDONYMS)
    monkeypatch.setattr(made, "_reader", NoReader)
    return made


def test_a_scan_can_be_pickled(documents: DocumentStage) -> None:
    scan = documents.scan(pdf_object(make_pdf(LINES)))
    assert scan.texts
    assert pickle.loads(pickle.dumps(scan)) == scan


def test_an_encapsulated_pdf_gets_a_new_value_and_length(documents: DocumentStage) -> None:
    parsed = pdf_object(make_pdf(LINES))
    scan = documents.scan(parsed)
    spans = {text: find_patterns(text) for text in scan.texts}
    known = KnownPHI([KnownValue("NAME", "SMITHSON^JOHN")])
    cleaned = documents.clean(parsed, scan, spans, known, PSEUDONYMS.patient("x"))
    vr, value = cleaned.elements[ENCAPSULATED_DOCUMENT]
    length = int.from_bytes(cleaned.elements[DOCUMENT_LENGTH][1], "little")
    assert vr == "OB" and len(value) % 2 == 0 and len(value) - length in (0, 1)
    assert value.startswith(b"%PDF-") and b"SMITHSON" not in value
    assert cleaned.findings


def test_a_report_gives_its_identifying_values(documents: DocumentStage) -> None:
    assert documents.scan(parse(observer_report())).known == OBSERVER


def test_a_report_has_no_document_to_clean(documents: DocumentStage) -> None:
    parsed = parse(observer_report())
    scan = documents.scan(parsed)
    cleaned = documents.clean(parsed, scan, {}, KnownPHI([]), PSEUDONYMS.patient("x"))
    assert cleaned == module.CleanedElements({})


@pytest.mark.parametrize(
    "syntax",
    [ImplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian],
)
def test_a_content_tree_is_read_in_every_encoding(documents: DocumentStage, syntax: str) -> None:
    assert documents.scan(parse(observer_report(syntax))).known == OBSERVER


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(without_file_meta(observer_report()), id="no file meta"),
        pytest.param(observer_report()[128:], id="no preamble"),
        pytest.param(
            without_file_meta(observer_report(ExplicitVRBigEndian)), id="no file meta, big endian"
        ),
        pytest.param(
            declared_as(observer_report(), ImplicitVRLittleEndian), id="explicit, said implicit"
        ),
    ],
)
def test_a_content_tree_is_read_as_the_parser_reads_the_object(
    documents: DocumentStage, data: bytes
) -> None:
    assert documents.scan(parse(data)).known == OBSERVER


def test_a_content_tree_of_implicit_items_in_un_is_read(documents: DocumentStage) -> None:
    implicit = parse(observer_report(ImplicitVRLittleEndian))
    start = parse(observer_report())
    element = implicit.find(module.CONTENT_SEQUENCE)
    assert element is not None
    value = implicit.data[element.value : element.stop]
    sequence_end = b"\xfe\xff\xdd\xe0\0\0\0\0"
    old = start.find(module.CONTENT_SEQUENCE)
    assert old is not None
    unknown = b"\x40\x00\x30\xa7UN\0\0\xff\xff\xff\xff" + value + sequence_end
    data = start.data[: old.start] + unknown + start.data[old.stop :]
    assert documents.scan(parse(data)).known == OBSERVER


def test_a_document_of_another_kind_is_refused(documents: DocumentStage) -> None:
    with pytest.raises(Refusal) as refused:
        documents.scan(pdf_object(b"no PDF at all"))
    assert refused.value.reason is Reason.ENCAPSULATED_DOCUMENT
