"""What a sender may write anywhere in an object reaches neither the output nor a row."""

from __future__ import annotations

import struct

import pytest
from pydicom.dataset import Dataset

from safelight.dicom.dictionary import _MAX_CACHED_TAGS, VR_BY_TAG
from safelight.records import Reason, Result, Status
from tests.headers.objects import (
    add_raw,
    deidentify,
    find_nothing,
    make_code,
    make_deidentifier,
    make_object,
    to_bytes,
)

_WORD = b"QUIXWORTH"


def _run(data: bytes) -> Result:
    return make_deidentifier().deidentify(data)


def _rows(result: Result) -> str:
    columns = (result.sop_class_uid, result.transfer_syntax_in, result.modality, result.reason)
    return repr((columns, result.actions, result.catalog))


def _with_syntax(uid: bytes) -> bytes:
    data = to_bytes(make_object())
    old = b"\x02\x00\x10\x00UI\x14\x001.2.840.10008.1.2.1\0"
    new = b"\x02\x00\x10\x00UI" + struct.pack("<H", len(uid)) + uid
    at = data.index(b"\x02\x00\x00\x00UL\x04\x00") + 8
    length = struct.unpack_from("<L", data, at)[0] + len(new) - len(old)
    return data[:at] + struct.pack("<L", length) + data[at + 4 :].replace(old, new)


@pytest.mark.parametrize("number", [b"77310942", b"4.77310942", b"4.773.109.420"])
def test_a_transfer_syntax_with_an_identifier_is_refused(number: bytes) -> None:
    uid = b"1.2.840.10008.1.2." + number
    result = _run(_with_syntax(uid + b"\0" * (len(uid) % 2)))
    assert result.reason_code == Reason.UNKNOWN_TRANSFER_SYNTAX.value
    assert number.decode() not in result.reason


def test_a_transfer_syntax_of_a_later_edition_is_known() -> None:
    assert _run(_with_syntax(b"1.2.840.10008.1.2.4.999\0")).status is Status.DEIDENTIFIED


def test_a_private_sop_class_with_an_identifier_of_the_patient_is_refused() -> None:
    ds = make_object()
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.2.826.0.1.93.440172"
    result = _run(to_bytes(ds))
    assert result.reason_code == Reason.MISSING_IDENTIFIER.value
    assert "440172" not in _rows(result)


def test_another_private_sop_class_is_kept() -> None:
    ds = make_object()
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = "1.3.46.670589.2.3.1.1"
    assert deidentify(ds)[1].sop_class_uid == "1.3.46.670589.2.3.1.1"


@pytest.mark.parametrize("terms", [b"ISO_IR 100\\QUIXWORTH ", b"\\QUIXWORTH ISO 2022 IR 87"])
@pytest.mark.parametrize("nested", [False, True])
def test_a_character_set_with_other_words_is_refused(terms: bytes, nested: bool) -> None:
    ds, inner = make_object(), Dataset()
    add_raw(inner if nested else ds, 0x00080005, "CS", terms)
    if nested:
        ds.ReferencedImageSequence = [inner]
    result = _run(to_bytes(ds))
    assert result.reason_code == Reason.UNKNOWN_CHARACTER_SET.value
    assert "QUIX" not in _rows(result)


@pytest.mark.parametrize("terms", ["ISO_IR 100", "ISO-IR 100", "ISO 2022 IR 6\\ISO 2022 IR 87"])
def test_a_character_set_in_another_spelling_is_accepted(terms: str) -> None:
    ds = add_raw(make_object(), 0x00080005, "CS", terms.encode())
    assert _run(to_bytes(ds)).status is Status.DEIDENTIFIED


def test_text_after_the_number_of_an_attribute_is_cut_off() -> None:
    new, result = deidentify(add_raw(make_object(), 0x00280010, "US", b"\x40\0" + _WORD + b"X"))
    assert new.Rows == 64 and _WORD not in (result.data or b"")
    assert any(row.keyword == "Rows" and row.action == "cleaned" for row in result.actions)


def test_more_numbers_than_the_standard_allows_are_kept() -> None:
    values = struct.pack("<3H", 1, 2, 3)
    new, _ = deidentify(add_raw(make_object(), 0x00280106, "US", values))
    assert new.SmallestImagePixelValue == [1, 2, 3]


def test_the_preamble_and_the_file_meta_information_are_new() -> None:
    ds = make_object()
    ds.file_meta.ImplementationVersionName = ds.file_meta.SourceApplicationEntityTitle = "QUIXWORTH"
    ds.file_meta.PrivateInformationCreatorUID, ds.file_meta.PrivateInformation = "1.2.3", _WORD
    data = _WORD.ljust(128) + to_bytes(ds)[128:]
    result = _run(data)
    assert _WORD not in (result.data or b"") and "QUIX" not in _rows(result)


def test_a_private_creator_without_kept_elements_is_removed() -> None:
    ds = make_object()
    ds.private_block(0x19, "QUIXWORTH", create=True).add_new(1, "LO", "x")
    _, result = deidentify(ds)
    assert _WORD not in (result.data or b"") and "QUIX" not in _rows(result)


@pytest.mark.parametrize("end", [_WORD, b"QUIX" * 2 + b"LO\x09\0a"])
def test_bytes_of_a_value_that_are_read_as_a_tag_are_not_reported(end: bytes) -> None:
    result = _run(to_bytes(make_object()) + end)
    assert result.status is Status.QUARANTINED
    assert "(5551" not in result.reason and "not in the data dictionary" in result.reason


def test_arbitrary_tags_do_not_fill_the_cache_of_the_dictionary() -> None:
    for tag in range(0x60000, 0x60000 + 2 * _MAX_CACHED_TAGS):
        assert VR_BY_TAG[0x41110000 + tag] == "UN" or tag
    assert len(VR_BY_TAG) <= _MAX_CACHED_TAGS


@pytest.mark.parametrize(
    ("tag", "vr", "raw"),
    [
        (0x00181250, "SH", b"\0HARGREAVE"),
        (0x00181250, "SH", b"\0\0H\0A\0R\0G\0R\0E\0A\0V\0E"),
        (0x00181250, "SH", b"\0\\HARGREAVE"),
        (0x00181162, "DS", b"02.07.1961"),
    ],
)
def test_characters_behind_a_nul_and_dates_among_numbers_are_not_written(
    tag: int, vr: str, raw: bytes
) -> None:
    data = to_bytes(add_raw(make_object(), tag, vr, raw + b" " * (len(raw) % 2)))
    assert raw in data
    result = make_deidentifier(annotate=find_nothing).deidentify(data)
    assert result.data is not None and raw not in result.data


def test_constant_date_that_is_the_birth_date_is_not_written() -> None:
    code = make_code("1", "DCM", "Chest")
    code.ContextGroupVersion = "19610702"
    new, _ = deidentify(make_object(ProcedureCodeSequence=[code]))
    assert "19610702" not in str(new)
    code.ContextGroupVersion = "20020904"
    new, _ = deidentify(make_object(ProcedureCodeSequence=[code]))
    assert new.ProcedureCodeSequence[0].ContextGroupVersion == "20020904"
