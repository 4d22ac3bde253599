from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.common.access_log.entries import (
    AccessRow,
    Defect,
    find_defects,
    hash_pseudonym,
    seal_entry,
)
from safelight.pseudonyms import Pseudonyms

KEY = bytes(range(32))
NAMES = Pseudonyms(KEY)
KEYS = {NAMES.key_id: KEY}


def make_row(reason: str = "a reason", names: Pseudonyms = NAMES) -> AccessRow:
    return AccessRow(
        entry=0,
        accessed_at=datetime(2026, 11, 30, 8, tzinfo=timezone.utc),
        os_user="jane (uid 1000)",
        aws_caller="",
        reason=reason,
        asked="patient",
        asked_count=1,
        answered_count=1,
        namespace=names.namespace,
        key_id=names.key_id,
        pseudonym_hashes=[hash_pseudonym(names, "P1")],
        software_version="1",
        chain_key_id="",
        previous_hash="",
        entry_hash="",
    )


def make_log(count: int) -> list[AccessRow]:
    rows: list[AccessRow] = []
    for n in range(count):
        rows.append(seal_entry(NAMES, make_row(f"reason {n}"), rows[-1] if rows else None))
    return rows


LOG = make_log(5)
WITNESSED = {row.entry: row.entry_hash for row in LOG}


@given(st.permutations(LOG))
def test_a_whole_log_has_no_defects_in_any_order_of_rows(rows: list[AccessRow]) -> None:
    assert find_defects(rows, KEYS, WITNESSED) == []


CHANGES: dict[str, Any] = {
    "accessed_at": datetime(2026, 11, 30, 9, tzinfo=timezone.utc),
    "os_user": "other",
    "aws_caller": "other",
    "reason": "other",
    "asked": "pseudonym",
    "asked_count": 2,
    "answered_count": 0,
    "namespace": "other",
    "key_id": "other",
    "pseudonym_hashes": [],
    "software_version": "2",
    "chain_key_id": "other",
    "previous_hash": "other",
    "entry_hash": "other",
}


@pytest.mark.parametrize("column", sorted(CHANGES))
@pytest.mark.parametrize("position", [0, 2, 4])
def test_a_changed_column_is_found_without_witnesses(column: str, position: int) -> None:
    rows = [*LOG]
    rows[position] = replace(rows[position], **{column: CHANGES[column]})
    assert any(defect.entry == position + 1 for defect in find_defects(rows, KEYS, {}))


@pytest.mark.parametrize("position", range(4))
def test_a_removed_entry_is_found_without_witnesses(position: int) -> None:
    rows = LOG[:position] + LOG[position + 1 :]
    assert find_defects(rows, KEYS, {}) == [Defect(position + 1, "missing")]


def test_removed_last_entries_are_found_by_their_witnesses() -> None:
    assert find_defects(LOG[:3], KEYS, {}) == []
    found = find_defects(LOG[:3], KEYS, WITNESSED)
    assert found == [Defect(4, "missing"), Defect(5, "missing")]


@given(st.permutations(range(5)).filter(lambda order: order != [0, 1, 2, 3, 4]))
def test_reordered_entries_are_found(order: list[int]) -> None:
    rows = [replace(LOG[source], entry=place + 1) for place, source in enumerate(order)]
    assert find_defects(rows, KEYS, {})


def test_a_repeated_entry_is_found() -> None:
    assert find_defects([*LOG, LOG[1]], KEYS, {}) == [Defect(2, "repeated")]


def test_entries_chained_again_without_the_key_are_found() -> None:
    forger = Pseudonyms(bytes(range(32, 64)))
    forged = replace(seal_entry(forger, make_row(), LOG[3]), chain_key_id=NAMES.key_id)
    assert find_defects([*LOG[:4], forged], KEYS, {}) == [Defect(5, "changed")]
    foreign = seal_entry(forger, make_row(), LOG[3])
    assert find_defects([*LOG[:4], foreign], KEYS, {}) == [Defect(5, "unknown_key")]


def _other_key(names: Pseudonyms) -> Pseudonyms:
    return Pseudonyms(bytes(range(32, 64)), names.namespace)


def _other_namespace(names: Pseudonyms) -> Pseudonyms:
    return Pseudonyms(KEY, "other")


@pytest.mark.parametrize("change", [_other_key, _other_namespace])
def test_hashes_of_a_pseudonym_depend_on_key_and_namespace(
    change: Callable[[Pseudonyms], Pseudonyms],
) -> None:
    assert hash_pseudonym(NAMES, "P1") != hash_pseudonym(change(NAMES), "P1")
