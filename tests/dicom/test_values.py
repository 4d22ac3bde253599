from __future__ import annotations

import pytest

from safelight.dicom.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE
from safelight.dicom.values import choose_vr, format_numbers, split_text_values

LATIN1 = ("latin_1",)


@pytest.mark.parametrize(
    ("raw", "vr", "expected"),
    [
        (b"\1\0\2\0", "US", "1\\2"),
        (b"\xff\xff", "SS", "-1"),
        (b"\1\0\2", "US", "1"),
        (b"", "US", ""),
        (b"1\\2", "DS", ""),
    ],
)
def test_binary_numbers_become_text(raw: bytes, vr: str, expected: str) -> None:
    assert format_numbers(raw, vr, EXPLICIT_LITTLE) == expected


def test_binary_numbers_have_the_byte_order_of_the_object() -> None:
    assert format_numbers(b"\0\1", "US", EXPLICIT_BIG) == "1"


@pytest.mark.parametrize(
    ("raw", "vr", "expected"),
    [
        (b"one\\two ", "LO", ["one", "two"]),
        (b"one\\two ", "LT", ["one\\two"]),
        (b"one\0two\\three", "LO", ["one", "three"]),
        (b"", "LO", [""]),
    ],
)
def test_text_is_split_into_values(raw: bytes, vr: str, expected: list[str]) -> None:
    assert split_text_values(raw, vr, LATIN1) == expected


@pytest.mark.parametrize(
    ("declared", "expected", "chosen"),
    [
        ("LO", "LO", "LO"),
        ("SH", "LO", "SH"),
        ("OB", "LO", "LO"),
        ("LO", "CS", "CS"),
        ("LO", "US", "LO"),
    ],
)
def test_vr_of_the_standard_replaces_vr_of_another_kind(
    declared: str, expected: str, chosen: str
) -> None:
    assert choose_vr(declared, expected) == chosen
