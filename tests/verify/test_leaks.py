"""Search for the values of an original."""

from __future__ import annotations

import pytest

from safelight.verify.defects import ValueHasher
from safelight.verify.dicom_object import DicomObject
from safelight.verify.leaks import (
    check_leaks,
    check_unchanged_values,
    compile_pattern,
    normalize_text,
)
from safelight.verify.original_values import OriginalValue
from tests.verify.objects import RESEARCH_CODES, original, output, to_bytes

CODES = frozenset(RESEARCH_CODES)
ORIGINAL = DicomObject.parse(to_bytes(original()))


def test_separators_of_names_are_spaces() -> None:
    assert normalize_text("DOE^Jane=x_y\0") == "doe jane x y"


@pytest.mark.parametrize(
    ("kind", "text", "searched", "is_match"),
    [
        ("name", "doe", "jane doe.", True),
        ("name", "doe", "doe2", True),
        ("name", "doe", "does", False),
        ("id", "a123", "no a123,", True),
        ("id", "a123", "a1234", False),
        ("uid", "1.2.3.4", "uid 1.2.3.4", True),
        ("uid", "1.2.3.4", "1.2.3.4.5", False),
    ],
)
def test_a_match_is_not_part_of_a_word(kind: str, text: str, searched: str, is_match: bool) -> None:
    pattern = compile_pattern([OriginalValue(kind, text, "")])
    assert bool(pattern.search(searched)) is is_match


def test_a_pattern_without_values_matches_nothing() -> None:
    assert compile_pattern([]).search("anything") is None


def test_a_clean_output_has_no_leaks() -> None:
    cleaned = DicomObject.parse(to_bytes(output()))
    assert list(check_leaks(ORIGINAL, cleaned, CODES, ValueHasher())) == []


def test_a_leak_names_kind_and_source_without_the_value() -> None:
    ds = output()
    ds.StudyDescription = "for Quillfeather"
    leaking = DicomObject.parse(to_bytes(ds))
    (defect,) = check_leaks(ORIGINAL, leaking, CODES, ValueHasher())
    assert defect.location == "(0008,1030)" and defect.length == len("Quillfeather")
    assert defect.detail == "has the name of (0010,0010) of the original"


def test_a_short_unchanged_identifier_is_found() -> None:
    ds = output()
    ds.StudyID = "7"
    unchanged = DicomObject.parse(to_bytes(ds))
    (defect,) = check_unchanged_values(ORIGINAL, unchanged, CODES, ValueHasher())
    assert defect.location == "(0020,0010)"
