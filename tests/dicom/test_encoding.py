from __future__ import annotations

import pytest

from safelight.dicom.encoding import (
    EXPLICIT_BIG,
    EXPLICIT_LITTLE,
    IMPLICIT_LITTLE,
    Encoding,
    format_tag_path,
)


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        (EXPLICIT_LITTLE, b"\x28\x00\x10\x00US\x02\x00"),
        (EXPLICIT_BIG, b"\x00\x28\x00\x10US\x00\x02"),
        (IMPLICIT_LITTLE, b"\x28\x00\x10\x00\x02\x00\x00\x00"),
    ],
)
def test_header_has_tag_vr_and_length(encoding: Encoding, expected: bytes) -> None:
    assert encoding.header(0x00280010, "US", 2) == expected


def test_long_vr_has_four_bytes_of_length() -> None:
    expected = b"\x08\x00\x40\x11SQ\0\0\x04\0\0\0"
    assert EXPLICIT_LITTLE.header(0x00081140, "SQ", 4) == expected


def test_length_that_does_not_fit_is_an_error() -> None:
    with pytest.raises(ValueError, match="does not fit"):
        EXPLICIT_LITTLE.header(0x00100010, "PN", 0x10000)


@pytest.mark.parametrize(("vr", "padded"), [("LO", b"ABC "), ("UI", b"ABC\0"), ("OB", b"ABC\0")])
def test_value_is_padded_to_even_length(vr: str, padded: bytes) -> None:
    assert EXPLICIT_LITTLE.element(0x00100020, vr, b"ABC").endswith(padded)


@pytest.mark.parametrize(
    ("undefined", "tail"), [(True, b"\xfe\xff\x0d\xe0\0\0\0\0"), (False, b"ABCD")]
)
def test_only_item_of_undefined_length_has_a_delimiter(undefined: bool, tail: bytes) -> None:
    assert EXPLICIT_LITTLE.item(b"ABCD", undefined).endswith(tail)


def test_sequence_of_undefined_length_has_a_delimiter() -> None:
    encoded = EXPLICIT_LITTLE.sequence(0x00081140, "SQ", b"", undefined=True)
    assert encoded.endswith(b"\xfe\xff\xdd\xe0\0\0\0\0")


def test_tag_path_joins_item_and_tag() -> None:
    path = format_tag_path("(0008,1140)[0].", 0x00081155)
    assert path == "(0008,1140)[0].(0008,1155)"


@pytest.mark.parametrize("vr", ["DA", "PN", "FL"])
def test_value_that_does_not_fit_its_length_field_is_unknown(vr: str) -> None:
    element = EXPLICIT_LITTLE.element(0x00080020, vr, bytes(70_000))
    assert element[4:6] == b"UN" and len(element) == 12 + 70_000
