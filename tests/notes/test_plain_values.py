"""Test which short values consist of plain words."""

from __future__ import annotations

import pytest

from safelight.notes.field_actions import parse_rule
from safelight.notes.plain_values import is_plain, is_read_as_text


@pytest.mark.parametrize(
    "value",
    [
        "", "final", "entered-in-error", "hadm_id", "ef_pct", "wbc", "hba1c", "HEAD/NECK", "mm[Hg]",
        "ORU^R01", "C50.911", "2106-3", "Ohio", "Black or African American", "day_30_mortality",
        "dischargeDisposition", "Fallnummer", "note", "M",
    ],
)  # fmt: skip
def test_words_codes_and_short_numbers_are_plain(value: str) -> None:
    assert is_plain(value)


@pytest.mark.parametrize(
    "value",
    [
        "Wobbletina Zyxquandary", "zyxquandary", "John Smith", "Rose Baker", "Ng", "Hilton_note",
        "seen by Dr. Harriet Blumenfeld", "617-555-0142 call", "MRN12345", "李明",
    ],
)  # fmt: skip
def test_names_and_identifiers_are_not_plain(value: str) -> None:
    assert not is_plain(value)


@pytest.mark.parametrize(
    ("rule", "value", "expected"),
    [
        ("text", "final", True),
        ("keep", "final", False),
        ("keep", "SNOMED:49049000", False),
        ("keep", "Zyxquandary", True),
        ("word", "Zyxquandary", True),
        ("word", "Zyxquandary 617-555-0142", False),  # it is removed
        ("token", "Zyxquandary", False),
    ],
)
def test_a_coded_field_that_is_not_plain_is_read_as_text(
    rule: str, value: str, expected: bool
) -> None:
    assert is_read_as_text(parse_rule(rule), value) is expected
