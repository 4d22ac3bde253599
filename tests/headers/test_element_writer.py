from __future__ import annotations

import pytest
from pydicom.datadict import tag_for_keyword

from tests.headers.objects import (
    add_raw,
    deidentify,
    make_deidentifier,
    make_name_model,
    make_object,
    to_bytes,
)

SOFTWARE, KVP, BODY_PART, ROWS = 0x00181020, 0x00180060, 0x00180015, 0x00280010


def test_text_in_decimal_string_is_removed() -> None:
    data = to_bytes(make_object(SliceThickness="2.50"))
    result = make_deidentifier().deidentify(data.replace(b"2.50", b"JANE"))
    assert result.data is not None and b"JANE" not in result.data


@pytest.mark.parametrize("value", [b"694-91-3964 ", b"2012-05-17", b"1.5-2.5 ", b"694913964 "])
def test_invalid_or_known_decimal_string_is_emptied(value: bytes) -> None:
    ds = add_raw(make_object(PatientID="694-91-3964"), KVP, "DS", value)
    assert not deidentify(ds, annotate=make_name_model())[0].KVP  # Type 2, so it is emptied


@pytest.mark.parametrize("value", [b"-1.5E-05", b"+120", b"1.5\\-2 "])
def test_signed_number_is_kept(value: bytes) -> None:
    new, _ = deidentify(add_raw(make_object(), KVP, "DS", value), annotate=make_name_model())
    assert new.KVP is not None


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"Hakobyan", False),
        (b"written by somebody     ", False),
        (b"qWeRt\x40\x59?", True),  # the bytes of a number may look like text by chance
        (b"\0\0\0\0\0\0Y@", True),
    ],
)
def test_text_in_binary_number_is_removed(value: bytes, kept: bool) -> None:
    ds = add_raw(make_object(PatientName="HAKOBYAN^ARAM"), 0x00189073, "FD", value)
    assert ("AcquisitionDuration" in deidentify(ds, annotate=make_name_model())[0]) is kept


@pytest.mark.parametrize(
    ("tag", "vr", "value"),
    [
        (KVP, "LO", b"Wilhelmina Ockham "),
        (SOFTWARE, "OB", b"by Ockham "),
        (BODY_PART, "LO", b"HEAD of Ockham"),
        (ROWS, "CS", b"OCKHAM"),
        (ROWS, "LO", b"Ockham"),
    ],
)
def test_name_in_value_of_wrong_vr_is_removed(tag: int, vr: str, value: bytes) -> None:
    data = to_bytes(add_raw(make_object(), tag, vr, value))
    result = make_deidentifier(annotate=make_name_model()).deidentify(data)
    assert result.data is not None and b"OCKHAM" not in result.data.upper()


@pytest.mark.parametrize(
    ("keyword", "value"),
    [
        ("ICCProfile", b"\0\1HARGREAVE,tomas\0\xff"),
        ("SegmentedRedPaletteColorLookupTableData", "Hargreave!".encode("utf-16-le")),
        ("RedPaletteColorLookupTableData", bytes(512) + b"px440172"),
        ("WaveformData", bytes(70000) + b"Hargreave\0"),
    ],
)
def test_values_of_the_patient_in_kept_bytes_are_removed(keyword: str, value: bytes) -> None:
    tag = tag_for_keyword(keyword)
    assert tag is not None
    new, _ = deidentify(add_raw(make_object(), tag, "OW", value))
    assert bytes(new.get(keyword, b"")).strip(b"\0") == b""
    assert keyword in deidentify(add_raw(make_object(), tag, "OW", bytes(range(64))))[0]
