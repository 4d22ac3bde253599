"""Consistency of pseudonyms and date shifts."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.verify.consistency import (
    ConsistencyLink,
    check_date_shifts,
    collect_links,
    find_contradictions,
)
from safelight.verify.defects import Check, ValueHasher
from safelight.verify.dicom_object import DicomObject
from tests.verify.objects import original, output, to_bytes

HASHER = ValueHasher(b"k" * 32)
MODIFIED = frozenset({"113107"})
ORIGINAL = DicomObject.parse(to_bytes(original()))


def parse(ds: Dataset) -> DicomObject:
    return DicomObject.parse(to_bytes(ds))


def test_links_hold_shift_and_both_directions_of_uids() -> None:
    links = list(collect_links(ORIGINAL, parse(output()), MODIFIED, HASHER))
    assert {link.kind for link in links} == {"uid", "uid_back", "shift"}
    assert {link.right for link in links if link.kind == "shift"} == {"-100"}


def test_retained_uids_have_no_links() -> None:
    links = collect_links(ORIGINAL, parse(output()), frozenset({"113110"}), HASHER)
    assert list(links) == []


@pytest.mark.parametrize(
    ("kind", "check"),
    [
        ("uid", Check.UID_LINK),
        ("uid_back", Check.UID_LINK),
        ("shift", Check.DATE_INTERVAL),
    ],
)
def test_different_rights_contradict_each_other(kind: str, check: Check) -> None:
    links = [ConsistencyLink(kind, "a", right, "x") for right in ("1", "1", "2")]
    assert [defect.check for defect in find_contradictions(links)] == [check]


def test_links_of_different_kinds_do_not_contradict() -> None:
    links = [ConsistencyLink("uid", "a", "1", "x"), ConsistencyLink("shift", "a", "2", "x")]
    assert list(find_contradictions(links)) == []


def test_an_unchanged_date_is_a_defect_with_modified_dates() -> None:
    ds = output()
    ds.StudyDate = original().StudyDate
    found = check_date_shifts(ORIGINAL, parse(ds), MODIFIED)
    assert [defect.location for defect in found] == ["(0008,0020)"]


def test_a_shifted_date_is_a_defect_with_full_dates() -> None:
    found = check_date_shifts(ORIGINAL, parse(output()), frozenset({"113106"}))
    assert "(0008,0020)" in {defect.location for defect in found}


def test_dates_that_are_reduced_to_months_or_years_do_not_contradict_shifts() -> None:
    ds = output()
    ds.StudyDate, ds.SeriesDate, ds.PatientBirthDate = "20231201", "20231201", "19510101"
    links = list(collect_links(ORIGINAL, parse(ds), MODIFIED, HASHER))
    assert list(find_contradictions(links)) == []
    assert list(check_date_shifts(ORIGINAL, parse(ds), MODIFIED)) == []


def test_an_unchanged_time_in_bytes_is_a_defect_with_modified_dates() -> None:
    before, after = original(), output()
    for ds in (before, after):
        ds.add_new(0x04000310, "OB", b"\1\2\3\4")
    found = list(check_date_shifts(parse(before), parse(after), MODIFIED))
    assert [(d.check, d.location) for d in found] == [(Check.DATE_INTERVAL, "(0400,0310)")]


def test_the_version_of_a_template_is_the_same_in_all_objects() -> None:
    before, after = original(), output()
    for ds in (before, after):
        ds.TemplateVersion = "20040826"
    assert list(check_date_shifts(parse(before), parse(after), MODIFIED)) == []
