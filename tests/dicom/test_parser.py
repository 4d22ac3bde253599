from __future__ import annotations

import re
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
    JPEGBaseline8Bit,
)

from safelight.dicom.elements import MAX_DEPTH
from safelight.dicom.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, IMPLICIT_LITTLE, Encoding
from safelight.dicom.parser import ParsedObject, is_uid, parse
from safelight.dicom.tags import PATIENT_ID, SOP_CLASS_UID
from safelight.records import Reason, Refusal, Status
from tests.fuzz.dicom_seeds import make_jpeg_object
from tests.headers.objects import make_object, to_bytes

ENCODINGS = {
    ImplicitVRLittleEndian: IMPLICIT_LITTLE,
    ExplicitVRLittleEndian: EXPLICIT_LITTLE,
    ExplicitVRBigEndian: EXPLICIT_BIG,
    DeflatedExplicitVRLittleEndian: EXPLICIT_LITTLE,
}
JPEG = "1.2.840.10008.1.2.4.50"


def refuse(data: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        parse(data)
    return caught.value


def meta_end(data: bytes) -> int:
    """Return the offset of the data set of a file with group length."""
    return 132 + 12 + int(struct.unpack_from("<L", data, 140)[0])


def state_syntax(data: bytes, old: str, new: str) -> bytes:
    """Return a file that states another transfer syntax of the same or a shorter length."""
    old_value, new_value = (uid.encode() + b"\0" * (len(uid) % 2) for uid in (old, new))
    assert data.count(old_value) == 1
    return data.replace(old_value, new_value.ljust(len(old_value), b"\0"))


# ------------------------------------------------------------------ encodings


@pytest.mark.parametrize(("syntax", "encoding"), ENCODINGS.items())
def test_every_native_encoding_is_parsed(syntax: str, encoding: Encoding) -> None:
    inner = Dataset()
    inner.ReferencedSOPInstanceUID = "1.2.3"
    parsed = parse(to_bytes(make_object(syntax, ReferencedImageSequence=Sequence([inner]))))
    assert (parsed.transfer_syntax, parsed.encoding) == (syntax, encoding)
    assert parsed.text(PATIENT_ID) == "PX440172" and parsed.find(0x00081140) is not None


@pytest.mark.parametrize(
    ("written", "stated", "expected"),
    [
        (ExplicitVRLittleEndian, ImplicitVRLittleEndian, ExplicitVRLittleEndian),
        (ImplicitVRLittleEndian, ImplicitVRLittleEndian, ImplicitVRLittleEndian),
    ],
)
def test_bytes_decide_if_file_states_implicit_vr(written: str, stated: str, expected: str) -> None:
    data = to_bytes(make_object(written))
    parsed = parse(state_syntax(data, written, stated))
    assert (parsed.transfer_syntax, parsed.encoding) == (expected, ENCODINGS[expected])
    assert parsed.text(PATIENT_ID) == "PX440172"


@pytest.mark.parametrize("written", [ImplicitVRLittleEndian, ExplicitVRBigEndian])
def test_bytes_decide_if_file_states_explicit_little_endian(written: str) -> None:
    explicit, other = to_bytes(make_object()), to_bytes(make_object(written))
    parsed = parse(explicit[: meta_end(explicit)] + other[meta_end(other) :])
    assert (parsed.transfer_syntax, parsed.encoding) == (written, ENCODINGS[written])


def test_a_data_set_in_implicit_vr_of_a_compressed_syntax_becomes_explicit() -> None:
    head = to_bytes(make_object(JPEG))
    dataset = to_bytes(make_object(ImplicitVRLittleEndian))
    parsed = parse(head[: meta_end(head)] + dataset[meta_end(dataset) :])
    assert (parsed.transfer_syntax, parsed.encoding) == (JPEG, EXPLICIT_LITTLE)
    assert parsed.data == head[meta_end(head) :]


@pytest.mark.parametrize(
    "syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]
)
def test_data_set_without_meta_information_is_parsed(syntax: str) -> None:
    data = to_bytes(make_object(syntax))
    parsed = parse(data[meta_end(data) :])
    assert parsed.transfer_syntax == syntax and parsed.text(PATIENT_ID) == "PX440172"


def test_private_transfer_syntax_is_refused() -> None:
    data = state_syntax(to_bytes(make_object()), ExplicitVRLittleEndian, "1.2.3.4.5.6.7.8.9.1")
    assert refuse(data).reason is Reason.UNKNOWN_TRANSFER_SYNTAX


# ------------------------------------------------------------------ access to elements


def parse_object(**values: object) -> ParsedObject:
    return parse(to_bytes(make_object(**values)))  # type: ignore[arg-type]


def test_absent_element_is_empty() -> None:
    parsed = parse_object()
    assert (parsed.find(0x00189999), parsed.raw(0x00189999), parsed.text(0x00189999)) == (
        None, b"", "",
    )  # fmt: skip


def test_values_of_several_elements_are_read() -> None:
    values = parse_object(StudyID="12").raw_values([0x00200010, 0x00189999])
    assert values == [b"12", b""]


def test_last_of_two_elements_is_found() -> None:
    data = to_bytes(make_object()) + b"\x10\x00\x20\x00LO\x04\x00LAST"
    assert parse(data).text(PATIENT_ID) == "LAST"


def test_elements_may_end_after_the_bytes_of_a_partial_object() -> None:
    data = to_bytes(make_object(PixelData=bytes(4096)))
    parsed = parse(data[:-2000], len(data))
    assert parsed.elements[-1].stop == len(data)


def test_sop_class_is_read_from_meta_information_if_missing() -> None:
    ds = make_object()
    uid = ds.SOPClassUID
    del ds.SOPClassUID
    parsed = parse(to_bytes(ds))
    assert parsed.find(SOP_CLASS_UID) is None and parsed.sop_class_uid == uid


def test_missing_sop_class_is_refused() -> None:
    ds = make_object()
    del ds.SOPClassUID
    data = to_bytes(ds)
    with pytest.raises(Refusal) as caught:
        _ = parse(data[meta_end(data) :]).sop_class_uid
    assert caught.value.reason is Reason.MISSING_IDENTIFIER


@pytest.mark.parametrize(
    ("text", "valid"), [("1.2.840", True), ("1", False), ("1..2", False), ("1.2.", False)]
)
def test_uid_is_numbers_joined_by_dots(text: str, valid: bool) -> None:
    assert is_uid(text) is valid


# ------------------------------------------------------------------ broken objects


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7" + b"x" * 400, b"\x00" * 200])
def test_other_file_is_filtered(data: bytes) -> None:
    error = refuse(data)
    assert (error.reason, error.status) == (Reason.NOT_DICOM, Status.FILTERED)


def test_dicomdir_is_filtered() -> None:
    ds = make_object()
    ds.file_meta.MediaStorageSOPClassUID = ds.SOPClassUID = "1.2.840.10008.1.3.10"
    error = refuse(to_bytes(ds))
    assert (error.reason, error.status) == (Reason.DICOMDIR, Status.FILTERED)


@given(st.data())
def test_cut_object_is_refused_unless_cut_between_elements(data: st.DataObject) -> None:
    whole = to_bytes(make_object(PixelData=b"\1\2" * 64, SeriesDescription="A B"))
    cut = data.draw(st.integers(140, len(whole) - 1))
    try:
        elements = parse(whole[:cut]).elements
    except Refusal as error:
        assert error.reason in (Reason.TRUNCATED, Reason.NOT_DICOM)
    else:
        assert elements[-1].stop == cut


def test_deeply_nested_object_is_refused() -> None:
    head = struct.pack("<HH2sHL", 0x0008, 0x1140, b"SQ", 0, 0xFFFFFFFF)
    head += struct.pack("<HHL", 0xFFFE, 0xE000, 0xFFFFFFFF)
    data = to_bytes(make_object()) + head * (MAX_DEPTH + 4)
    assert refuse(data).reason is Reason.TOO_DEEP


def test_length_beyond_the_end_is_refused() -> None:
    element = struct.pack("<HH2sHL", 0x0042, 0x0011, b"OB", 0, 0xFFFFFFF0)
    assert refuse(to_bytes(make_object()) + element).reason is Reason.TRUNCATED


def test_decompression_bomb_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("safelight.dicom.deflate.MAX_INFLATED_BYTES", 1 << 16)
    head = to_bytes(make_object(DeflatedExplicitVRLittleEndian))
    deflater = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    body = deflater.compress(b"\0" * (1 << 20)) + deflater.flush()
    assert refuse(head[: meta_end(head)] + body).reason is Reason.TOO_LARGE


@given(st.binary(max_size=400))
def test_any_bytes_are_parsed_or_refused_with_a_reason(noise: bytes) -> None:
    for data in (noise, b"\0" * 128 + b"DICM" + noise, to_bytes(make_object()) + noise):
        try:
            parse(data)
        except Refusal as error:
            assert error.sentence


def _nested_object(syntax: str) -> bytes:
    inner, item = Dataset(), Dataset()
    inner.PatientName = "HARGREAVE^TOMAS"
    item.ReferencedImageSequence = [inner]
    ds = make_object(syntax, ReferencedImageSequence=[item, item], PatientComments="x")
    for part in (ds, item):
        part["ReferencedImageSequence"].is_undefined_length = True
    for part in (item, inner):
        part.is_undefined_length_sequence_item = True
    return to_bytes(ds)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
@pytest.mark.parametrize("delimiter", [b"\xfe\xff\x0d\xe0", b"\xfe\xff\xdd\xe0"])
def test_missing_delimiters_are_inserted(syntax: str, delimiter: bytes) -> None:
    data = _nested_object(syntax)
    places = [match.start() for match in re.finditer(re.escape(delimiter + bytes(4)), data)]
    inserted = 0
    for at in places:
        cut = data[:at] + data[at + 8 :]
        try:
            parsed = parse(cut)
        except Refusal as refusal:
            assert refusal.reason in (Reason.MALFORMED, Reason.TRUNCATED)
        else:
            assert parsed.data == data
            inserted += 1
    assert inserted >= 2


def test_a_sequence_delimiter_outside_of_a_sequence_is_malformed() -> None:
    with pytest.raises(Refusal) as refused:
        parse(to_bytes(make_object()) + b"\xfe\xff\xdd\xe0" + bytes(4) + b"\x10\x00\x10\x00")
    assert refused.value.reason is Reason.MALFORMED


def test_pixel_data_without_its_last_delimiter_ends_with_its_codestream() -> None:
    data = make_jpeg_object()
    assert parse(data[:-8]).data == data
    for cut in (9, 10, 40):
        with pytest.raises(Refusal) as refused:
            parse(data[:-cut])
        assert refused.value.reason is Reason.TRUNCATED


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_native_pixels_under_an_encapsulated_transfer_syntax_are_native(syntax: str) -> None:
    ds = make_object(syntax, Rows=2, Columns=2, PixelData=bytes(4))
    ds["PixelData"].VR = "OW"
    data = to_bytes(ds)
    stated = make_jpeg_object()
    end = 144 + int.from_bytes(stated[140:144], "little")
    own = 144 + int.from_bytes(data[140:144], "little")
    assert parse(stated[:end] + data[own:]).transfer_syntax == syntax
    assert parse(stated).transfer_syntax == JPEGBaseline8Bit
