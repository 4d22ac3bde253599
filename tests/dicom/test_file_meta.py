from __future__ import annotations

import pytest

from safelight.dicom.file_meta import has_explicit_vr, read_file_meta, write_file_meta
from safelight.dicom.tags import TRANSFER_SYNTAX_UID
from safelight.records import Reason, Refusal

SYNTAX = "1.2.840.10008.1.2.1"
DATASET = b"\x08\x00\x60\x00CS\x02\x00CT"
IMPLICIT_DATASET = b"\x08\x00\x60\x00\x02\x00\x00\x00CT\x08\x00\x70\x00\x00\x00\x00\x00"


def refuse(data: bytes) -> Reason:
    with pytest.raises(Refusal) as caught:
        read_file_meta(data)
    return caught.value.reason


def test_written_meta_information_is_read_again() -> None:
    head = write_file_meta("1.2.3", "1.2.3.4", SYNTAX)
    meta, start = read_file_meta(head + DATASET)
    assert meta[TRANSFER_SYNTAX_UID].rstrip(b"\0") == SYNTAX.encode()
    assert (meta[0x00020003].rstrip(b"\0"), start) == (b"1.2.3.4", len(head))


def test_written_preamble_is_empty() -> None:
    assert write_file_meta("1.2.3", "1.2.3.4", SYNTAX)[:132] == bytes(128) + b"DICM"


def test_written_group_length_is_the_length_of_the_group() -> None:
    head = write_file_meta("1.2.3", "1.2.3.4", SYNTAX)
    assert int.from_bytes(head[140:144], "little") == len(head) - 144


def test_object_without_preamble_has_meta_information() -> None:
    head = write_file_meta("1.2.3", "1.2.3.4", SYNTAX)
    assert (
        read_file_meta(head[128:] + DATASET)[0].keys() == read_file_meta(head + DATASET)[0].keys()
    )


@pytest.mark.parametrize("dataset", [DATASET + DATASET, IMPLICIT_DATASET])
def test_data_set_without_meta_information_starts_at_zero(dataset: bytes) -> None:
    assert read_file_meta(dataset) == ({}, 0)


def test_meta_information_in_implicit_vr_is_read() -> None:
    value = SYNTAX.encode() + b"\0"
    element = b"\x02\x00\x10\x00" + len(value).to_bytes(4, "little") + value
    meta, _ = read_file_meta(bytes(128) + b"DICM" + element + DATASET)
    assert meta[TRANSFER_SYNTAX_UID] == value


@pytest.mark.parametrize("data", [b"", b"hello", b"%PDF-1.7" + b"x" * 400, bytes(200)])
def test_other_bytes_are_not_dicom(data: bytes) -> None:
    assert refuse(data) is Reason.NOT_DICOM


@pytest.mark.parametrize("size", [140, 150, 160])
def test_cut_meta_information_is_truncated(size: int) -> None:
    assert refuse(write_file_meta("1.2.3", "1.2.3.4", SYNTAX)[:size]) is Reason.TRUNCATED


@pytest.mark.parametrize(("data", "explicit"), [(DATASET, True), (IMPLICIT_DATASET, False)])
def test_explicit_vr_is_recognized(data: bytes, explicit: bool) -> None:
    assert has_explicit_vr(data, 0, "<") is explicit
