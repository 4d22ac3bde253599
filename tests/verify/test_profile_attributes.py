"""The verifier's own copy of PS3.15, Table E.1-1: every value that is put back is seen."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.standard.confidentiality import load_table
from safelight.verify import Check, Expectation, Verifier
from safelight.verify.profile_attributes import (
    is_protected,
    is_retained,
    load_profile_attributes,
)
from tests.headers.objects import make_deidentifier, make_object, read, to_bytes

VALUES = {
    "DA": "20190312", "DT": "20190312101112", "TM": "101112", "UI": "1.2.826.0.1.3680043.8.498.77",
    "CS": "QUILL7", "DS": "48.137154", "IS": "4711", "US": 4711, "AE": "QUILLAE", "AS": "047Y",
    "PN": "Quillby^Anna", "OB": b"\1\2\3\4", "UN": b"\1\2\3\4",
}  # fmt: skip
#: Documents are quarantined, context groups and templates have the same version in all objects, and
#: the other UIDs name a class of devices and an organisation.
NOT_REPORTED = {
    0x00080106, 0x00080107, 0x00420011, 0x0018100B, 0x0040DB06, 0x0040DB07, 0x0040DB0C,
}  # fmt: skip

ADDED = {
    tag: row.vr or "LO"
    for tag, row in load_profile_attributes().items()
    if row.vr != "SQ" and tag >> 16 >= 0x0008 and tag not in NOT_REPORTED
}


def test_both_copies_of_the_table_agree() -> None:
    engine = {
        int(tag, 16): {option.code for option in row.options if option.code != "113111"}
        for tag, row in load_table().items()
        if "X" not in tag.upper()
    }
    own = {tag: set(row.granted_by) for tag, row in load_profile_attributes().items()}
    assert own == engine


def add_all(ds: Dataset) -> bytes:
    for tag, vr in ADDED.items():
        ds.add_new(tag, vr, VALUES.get(vr, "Quillby 7"))
    return to_bytes(ds)


#: Titles of applications identify devices (113109); times of day are retained with modified dates.
GRANTED_IN_RESEARCH = frozenset({
    0x00080054, 0x00080055, 0x00081000, 0x0014407C, 0x00181201, 0x0018700E, 0x00321021, 0x00400001,
    0x00400241, 0x0072005E, 0x0072006B, 0x00741234, 0x00741236, 0x21000070, 0x21000140, 0x300A022E,
})  # fmt: skip


def test_values_that_are_put_back_are_seen_if_dates_and_descriptions_are_retained() -> None:
    verifier = Verifier()
    original = add_all(make_object())
    clean = make_deidentifier("research").deidentify(original).data
    assert clean is not None
    assert verifier.check(clean) == verifier.compare(clean, original) == ()
    leaking, source = read(clean), read(original)
    changed = {
        tag for tag in ADDED if tag not in leaking or leaking[tag].value != source[tag].value
    }
    for tag in changed:
        leaking[tag] = source[tag]
    data = to_bytes(leaking)
    found = {d.location for d in (*verifier.check(data), *verifier.compare(data, original))}
    missed = {tag for tag in changed if f"({tag >> 16:04X},{tag & 0xFFFF:04X})" not in found}
    assert missed <= GRANTED_IN_RESEARCH


def test_values_of_all_attributes_that_are_put_back_are_seen() -> None:
    verifier = Verifier()
    original = add_all(make_object())
    clean = make_deidentifier("basic").deidentify(original).data
    assert clean is not None
    assert verifier.check(clean) == verifier.compare(clean, original) == ()
    leaking = add_all(read(clean))
    found = {d.location for d in (*verifier.check(leaking), *verifier.compare(leaking, original))}
    assert len(ADDED) >= 560
    assert {f"({tag >> 16:04X},{tag & 0xFFFF:04X})" for tag in ADDED} <= found


@pytest.mark.parametrize(("codes", "kept"), [((), False), (("113109",), True)])
def test_a_code_grants_the_attributes_of_its_option(codes: tuple[str, ...], kept: bool) -> None:
    serial_number = 0x00181000
    assert is_retained(serial_number, frozenset(codes)) is kept
    assert is_protected(serial_number, frozenset(codes)) is not kept


def test_an_attribute_outside_of_the_table_is_neither_protected_nor_retained() -> None:
    modality = 0x00080060
    assert not is_protected(modality, frozenset())
    assert not is_retained(modality, frozenset({"113109"}))


def test_a_rule_of_the_organisation_may_keep_a_place_but_no_telephone_number() -> None:
    ds = make_object(RegionOfResidence="Aargau", PatientTelephoneNumbers="5550142", ROIName="Liver")
    tags = frozenset({0x00102152, 0x00102154, 0x30060026})
    found = {
        d.location: d.check for d in Verifier(Expectation(ruled_tags=tags)).check(to_bytes(ds))
    }
    assert "(0010,2152)" not in found
    assert "(3006,0026)" not in found
    assert found["(0010,2154)"] is Check.IDENTIFIER
    alone = {d.location: d.check for d in Verifier().check(to_bytes(ds))}
    assert (alone["(0010,2152)"], alone["(3006,0026)"]) == (Check.IDENTIFIER, Check.PROFILE)
