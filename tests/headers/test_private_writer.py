"""Test the rules for private elements and their creators."""

from __future__ import annotations

from typing import Any

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from safelight.headers.private_writer import PrivateElementWriter
from safelight.rules import parse_rules
from tests.headers.objects import (
    deidentify,
    find_nothing,
    make_deidentifier,
    make_object,
    read,
    to_bytes,
)


def object_with_private_blocks() -> Dataset:
    ds = make_object()
    unknown = ds.private_block(0x0009, "ACME SECRET", create=True)
    unknown.add_new(1, "LO", "HARGREAVE")
    safe = ds.private_block(0x0019, "GEMS_ACQU_01", create=True)
    safe.add_new(0x02, "SL", 912)
    return ds


def test_private_element_that_is_not_safe_is_removed_with_its_creator() -> None:
    new, _ = deidentify(object_with_private_blocks())
    assert 0x00090010 not in new and 0x00091001 not in new


def test_safe_private_element_is_kept_with_its_creator() -> None:
    new, result = deidentify(object_with_private_blocks())
    assert new[0x00191002].value == 912 and new[0x00190010].value == "GEMS_ACQU_01"
    creators = {a.location: a.action for a in result.actions if a.keyword == "PrivateCreator"}
    assert creators == {"(0009,0010)": "removed", "(0019,0010)": "kept"}


def test_basic_profile_removes_all_private_elements() -> None:
    new, _ = deidentify(object_with_private_blocks(), "basic")
    assert not [element for element in new if element.tag.is_private]


def test_safe_private_element_with_text_in_un_is_removed() -> None:
    ds = make_object()
    block = ds.private_block(0x0019, "GEMS_ACQU_01", create=True)
    for offset, value in ((0x02, b"Wilhelmina O"), (0x0F, b"123.5 "), (0x1A, b"\x90\x03\0\0")):
        block.add_new(offset, "UN", value)
    new, _ = deidentify(ds, annotate=find_nothing)
    assert block.get_tag(0x02) not in new
    assert block.get_tag(0x0F) in new


def object_with_value(value: int) -> Dataset:
    ds = make_object()
    ds.private_block(0x0019, "GEMS_ACQU_01", create=True).add_new(0x02, "SL", value)
    return ds


def test_edits_of_equal_private_elements_are_made_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls = []
    apply = PrivateElementWriter._apply

    def count(self: PrivateElementWriter, *arguments: Any) -> Any:
        calls.append(arguments)
        return apply(self, *arguments)

    monkeypatch.setattr(PrivateElementWriter, "_apply", count)
    deidentifier = make_deidentifier()
    results = [deidentifier.deidentify(to_bytes(object_with_value(n))) for n in (912, 912, 913)]
    assert len(calls) == 2
    assert [read(result.data)[0x00191002].value for result in results] == [912, 912, 913]
    assert results[0].actions == results[1].actions


def test_private_element_of_an_item_states_its_own_place() -> None:
    ds = make_object(ReferencedImageSequence=Sequence([Dataset(), Dataset()]))
    for item in ds.ReferencedImageSequence:
        item.private_block(0x0009, "ACME SECRET", create=True).add_new(1, "LO", "HARGREAVE")
    _, result = deidentify(ds)
    removed = {action.location for action in result.actions if action.action == "removed"}
    assert {f"(0008,1140)[{n}].(0009,1001)" for n in (0, 1)} <= removed


def test_condition_on_another_element_is_checked_in_each_object() -> None:
    rules = parse_rules(
        "name: r\nversion: '1'\nextends: research\nelements:\n"
        "  - {tag: '(0019,\"GEMS_ACQU_01\",02)', action: remove, "
        "when: {./SeriesNumber: {equals: 7}}}\n",
        "r",
    )
    deidentifier = make_deidentifier(rules)
    kept = []
    for number in (7, 8):
        ds = object_with_value(912)
        ds.SeriesNumber = number
        kept.append(0x00191002 in read(deidentifier.deidentify(to_bytes(ds)).data))
    assert kept == [False, True]


KEEP_PRIVATE = parse_rules(
    "name: own\nversion: '1'\nextends: research\nelements:\n"
    "  - {tag: '*/(xxxx,\"*\",xx)', action: keep}\n"
    "  - {tag: DeviceSerialNumber, action: keep}\n",
    "own",
)


def with_private(vr: str, value: Any, creator: str = "ACME") -> Dataset:
    ds = make_object()
    ds.private_block(0x0033, creator, create=True).add_new(1, vr, value)
    return ds


@pytest.mark.parametrize(
    ("vr", "value", "creator"),
    [
        ("SL", 912, "SITE HARGREAVE"),
        ("DA", "19610702", "ACME"),
        ("DT", "19610702101500", "ACME"),
        ("SL", [int.from_bytes(b"1961", "little"), int.from_bytes(b"0702", "little")], "ACME"),
        ("UN", "PX Hargreave Tomas".encode("utf-16-le"), "ACME"),
        ("OB", b"\x07\0\1\2" + b"440172\0\0" + b"Hargreave\0", "ACME"),
    ],
)
def test_known_values_in_kept_private_blocks_are_not_written(
    vr: str, value: Any, creator: str
) -> None:
    new, _ = deidentify(with_private(vr, value, creator), KEEP_PRIVATE, annotate=find_nothing)
    assert 0x00331001 not in new and 0x00330010 not in new


def test_other_dates_and_numbers_in_kept_private_blocks_stay() -> None:
    for vr, value in (("DA", "19990101"), ("SL", 912), ("UN", b"\0\1\2\3")):
        new, _ = deidentify(with_private(vr, value), KEEP_PRIVATE, annotate=find_nothing)
        assert new[0x00331001].value == value and new.PatientIdentityRemoved == "YES"


def test_kept_private_bytes_with_a_name_that_nothing_reads_are_labelled() -> None:
    for codec in ("ascii", "utf-16-le"):
        value = b"\1\0" + "Margaret Quillfeather".encode(codec) + b"\0\3"
        new, _ = deidentify(with_private("OB", value), KEEP_PRIVATE, annotate=find_nothing)
        assert new.PatientIdentityRemoved == "NO"


def test_attribute_kept_by_name_that_holds_another_identifier_is_labelled() -> None:
    for serial, removed in (("PX440172", "NO"), ("SN 7731", "YES")):
        ds = make_object(DeviceSerialNumber=serial)
        new, _ = deidentify(ds, KEEP_PRIVATE, annotate=find_nothing)
        assert (new.DeviceSerialNumber, new.PatientIdentityRemoved) == (serial, removed)


@pytest.mark.parametrize(
    ("creator", "kept"), [("Philips US Imaging DD 113", True), ("Philips Healthcare DD", False)]
)
def test_a_listed_creator_is_kept_beside_an_institution_named_like_its_maker(
    creator: str, kept: bool
) -> None:
    ds = with_private("LO", "soft", creator)
    ds.InstitutionName = "Philips Healthcare"
    new, _ = deidentify(ds, KEEP_PRIVATE, annotate=find_nothing)
    assert ((0x0033, 0x1001) in new) is kept


STUDY_UID = "1.2.826.0.1.3680043.2.53717.8316056938405"


def deidentify_kept_block(vr: str, value: object) -> Any:
    """Return the new value of an element in a private block that the rules keep as a whole."""
    ds = make_object(StudyDate="20190312")
    block = ds.private_block(0x0051, "ACME SECRET", create=True)
    block.add_new(1, vr, value)
    new, _ = deidentify(ds, KEEP_PRIVATE, annotate=find_nothing)
    return new[block.get_tag(1)].value if block.get_tag(1) in new else None


@pytest.mark.parametrize(("vr", "value"), [("DA", "20190312"), ("DT", "20190312101112.00")])
def test_date_in_a_kept_block_is_shifted_like_the_study_date(vr: str, value: str) -> None:
    new = deidentify_kept_block(vr, value)
    expected, _ = deidentify(make_object(StudyDate="20190312"), annotate=find_nothing)
    assert str(new)[:8] == expected.StudyDate != "20190312"


@pytest.mark.parametrize(("vr", "value"), [("UI", STUDY_UID), ("UN", STUDY_UID.encode() + b"\0")])
def test_uid_in_a_kept_block_is_mapped(vr: str, value: object) -> None:
    new = deidentify_kept_block(vr, value)
    assert new and STUDY_UID not in str(new)
    assert deidentify_kept_block("UI", STUDY_UID) in str(new)


def test_registered_uid_in_a_kept_block_stays() -> None:
    assert deidentify_kept_block("UI", "1.2.840.10008.5.1.4.1.1.2") == "1.2.840.10008.5.1.4.1.1.2"
    assert deidentify_kept_block("OB", b"\1\x001.2.840.10008.5.1.4.1.1.2\0") is not None


@pytest.mark.parametrize("codec", ["ascii", "utf-16-le"])
def test_bytes_with_a_uid_in_a_kept_block_are_removed(codec: str) -> None:
    assert deidentify_kept_block("OB", b"\5\0" + f"{STUDY_UID} ".encode(codec)) is None
    assert deidentify_kept_block("OB", b"\5\0" + "1.2.3.4.5.6 ".encode(codec)) is not None


def test_uid_in_a_private_element_of_numbers_is_removed() -> None:
    ds = make_object()
    block = ds.private_block(0x0033, "SIEMENS MED NM", create=True)
    block.add_new(0x20, "UN", STUDY_UID.encode() + b"\0")  # FL in the dictionary
    new, _ = deidentify(ds, KEEP_PRIVATE, annotate=find_nothing)
    assert block.get_tag(0x20) not in new
