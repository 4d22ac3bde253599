"""Values of the elements that conditions and lookups refer to."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from safelight.dicom.parser import parse
from safelight.headers.element_references import ReferenceReader
from tests.headers.objects import add_raw, make_object, to_bytes


def make_source(transfer_syntax: str = ExplicitVRLittleEndian) -> Dataset:
    first, second = Dataset(), Dataset()
    first.ReferencedSOPInstanceUID, second.ReferencedSOPInstanceUID = "1.2", "1.3"
    code = Dataset()
    code.CodeValue = "T-1"
    second.PurposeOfReferenceCodeSequence = [code]
    ds = make_object(
        transfer_syntax, ReferencedImageSequence=[first, second], Rows=4,
        ImageType=["ORIGINAL", "PRIMARY"],
    )  # fmt: skip
    ds.private_block(0x19, "ACME 1", create=True).add_new(0x0C, "IS", "7")
    return ds


@pytest.mark.parametrize("transfer_syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize(
    ("reference", "expected"),
    [
        ("Modality", "CT"), ("(0008,0060)", "CT"), ("Rows", "4"),
        ("ImageType", "ORIGINAL\\PRIMARY"), ("StationName", ""),
        ("ReferencedImageSequence/ReferencedSOPInstanceUID", "1.2\\1.3"),
        ("(0008,1140)/(0040,a170)/CodeValue", "T-1"), ("ReferencedImageSequence/CodeValue", ""),
        ("ReferencedImageSequence", "2"), ("PixelData", ""), ("(0019,0010)", "ACME1"),
        ("(0019,100c)", "7"), ("(0019,100d)", ""), ("(0021,0010)", ""),
        ("StationName/CodeValue", ""), ("Modality/CodeValue", ""), ('(0019,"OTHER",0c)', ""),
    ],
)  # fmt: skip
def test_a_reference_is_read(transfer_syntax: str, reference: str, expected: str) -> None:
    parsed = parse(to_bytes(make_source(transfer_syntax)))
    assert ReferenceReader(parsed).read(reference).replace(" ", "").strip("\0") == expected


def test_a_private_element_is_read_by_its_creator() -> None:
    parsed = parse(to_bytes(make_source()))
    assert ReferenceReader(parsed).read('(0019,"acme  1",0c)').strip() == "7"


def test_bytes_of_unknown_vr_that_are_no_sequence_have_no_items() -> None:
    ds = add_raw(make_object(), 0x00189998, "UN", b"no sequence!")
    reader = ReferenceReader(parse(to_bytes(ds)))
    assert reader.read("(0018,9998)/CodeValue") == ""
