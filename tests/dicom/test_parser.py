"""The walk over the bytes: every encoding, and every way a file can be broken."""

from __future__ import annotations

import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from safelight.dicom.elements import MAX_DEPTH
from safelight.dicom.parser import parse
from safelight.records import Reason, Refusal, Status
from tests.headers.objects import make_object, to_bytes


def refused(data: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(data)
    return caught.value


@pytest.mark.parametrize(
    "syntax",
    [
        ImplicitVRLittleEndian,
        ExplicitVRLittleEndian,
        ExplicitVRBigEndian,
        DeflatedExplicitVRLittleEndian,
    ],
)
def test_every_encoding_is_read(syntax: str) -> None:
    inner = Dataset()
    inner.ReferencedSOPInstanceUID = "1.2.3"
    parsed = parse(to_bytes(make_object(syntax, ReferencedImageSequence=Sequence([inner]))))
    assert parsed.transfer_syntax == syntax
    assert parsed.text(0x00100020) == "PX440172"
    assert parsed.find(0x00081140) is not None


def test_without_preamble_and_meta() -> None:
    data = to_bytes(make_object())
    start = data.index(b"\x08\x00\x16\x00")
    assert parse(data[start:]).text(0x00100020) == "PX440172"


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7" + b"x" * 400, b"\x00" * 200])
def test_what_is_not_dicom_is_filtered(data: bytes) -> None:
    error = refused(data)
    assert (error.reason, error.status) == (Reason.NOT_DICOM, Status.FILTERED)


def test_dicomdir_is_filtered() -> None:
    ds = make_object()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = "1.2.840.10008.1.3.10"
    error = refused(to_bytes(ds))
    assert (error.reason, error.status) == (Reason.DICOMDIR, Status.FILTERED)


def test_private_transfer_syntax_is_refused() -> None:
    ds = make_object()
    data = to_bytes(ds).replace(b"1.2.840.10008.1.2.1\0", b"1.2.3.4.5.6.7.8.9.1\0")
    assert refused(data).reason is Reason.UNKNOWN_TRANSFER_SYNTAX


@given(st.data())
def test_a_cut_object_never_passes_for_whole(data: st.DataObject) -> None:
    whole = to_bytes(make_object(PixelData=b"\1\2" * 64, SeriesDescription="A B"))
    cut = data.draw(st.integers(140, len(whole) - 1))
    try:
        elements = parse(whole[:cut]).elements
    except Refusal as error:
        assert error.reason in (Reason.TRUNCATED, Reason.NOT_DICOM)
    else:  # cut exactly between two elements
        assert elements[-1].stop == cut


def test_nesting_bomb_is_refused() -> None:
    head = struct.pack("<HH2sHL", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    head += struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    data = to_bytes(make_object()) + head * (MAX_DEPTH + 4)
    assert refused(data).reason is Reason.TOO_DEEP


def test_length_bomb_is_refused() -> None:
    bomb = struct.pack("<HH2sHL", 0x0042, 0x0011, b"OB", 0, 0xFFFFFFF0)
    assert refused(to_bytes(make_object()) + bomb).reason is Reason.TRUNCATED


def test_deflated_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.dicom.deflate.MAX_INFLATED_BYTES", 1 << 16)
    head = to_bytes(make_object(DeflatedExplicitVRLittleEndian))
    meta_end = 132 + 12 + struct.unpack_from("<L", head, 140)[0]
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflater.compress(b"\0" * (1 << 20)) + deflater.flush()
    assert refused(head[:meta_end] + body).reason is Reason.TOO_LARGE


@given(st.binary(max_size=400))
def test_any_bytes_end_in_a_reason(noise: bytes) -> None:
    for data in (noise, b"\0" * 128 + b"DICM" + noise, to_bytes(make_object()) + noise):
        try:
            parse(data)
        except Refusal as error:
            assert error.sentence
