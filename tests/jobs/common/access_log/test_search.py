from __future__ import annotations

from dataclasses import replace

from jobs.common.access_log.search import derive_pseudonyms, find_accesses
from safelight.headers.patient_identity import make_patient_identity
from safelight.pseudonyms import Pseudonyms
from tests.jobs.common.access_log.test_entries import KEYS, LOG, make_row


def test_entries_about_a_pseudonym_are_found_in_order() -> None:
    rows = [*reversed(LOG), replace(LOG[0], entry=9, pseudonym_hashes=["other"])]
    assert find_accesses(rows, KEYS, ["P1"]) == LOG
    assert find_accesses(rows, KEYS, ["P2"]) == []


def test_entries_of_each_namespace_and_key_are_found() -> None:
    other = bytes(range(1, 33))
    names = Pseudonyms(other, "study-b")
    rows = [*LOG, replace(make_row(names=names), entry=6)]
    assert [row.entry for row in find_accesses(rows, KEYS, ["P1"])] == [1, 2, 3, 4, 5]
    found = find_accesses(rows, KEYS | {names.key_id: other}, ["P1"])
    assert [row.entry for row in found] == [1, 2, 3, 4, 5, 6]


def test_the_pseudonyms_of_an_original_are_derived_in_each_namespace_with_any_prefix() -> None:
    identity = make_patient_identity("MRN 77", "")
    first, second = (
        Pseudonyms(bytes(range(32)), name).patient(identity).pseudonym for name in ("default", "b")
    )
    found = derive_pseudonyms("MRN 77", "", ["default", "b"], KEYS, [f"ST-{first}", "OTHER"])
    assert found == sorted([first, second, f"ST-{first}"])
