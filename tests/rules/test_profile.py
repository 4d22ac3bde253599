"""Letters of Table E.1-1, the attribute's Type and the options: which operation comes of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.rules.operations import Op
from safelight.rules.profile import listed_rule, option_code, resolve_code
from safelight.standard.confidentiality import row_for, table
from safelight.standard.options import Option

TYPES = ("1", "1C", "2", "2C", "3", "")


@pytest.mark.parametrize(
    ("code", "letters"),  # for Types 1, 1C, 2, 2C, 3 and unknown
    [
        ("X", "DXZXXX"),
        ("Z", "DDZZZZ"),
        ("D", "DDDDDD"),
        ("X/Z", "DDZZXX"),
        ("X/D", "DDDDXX"),
        ("Z/D", "DDZZZZ"),
        ("X/Z/D", "DDZZXX"),
    ],
)
def test_type_resolves_compound_codes(code, letters):
    assert "".join(resolve_code(code, kind) for kind in TYPES) == letters


def test_references_are_kept_where_the_iod_needs_them():
    assert [resolve_code("X/Z/U*", kind) for kind in ("1", "1C", "2", "3", "")] == [
        "U*", "U*", "U*", "X", "X",
    ]  # fmt: skip


def test_references_are_kept_where_the_object_lists_what_it_refers_to():
    assert {resolve_code("X/Z/U*", kind, listed=True) for kind in TYPES} == {"U*"}
    for code in ("X", "Z", "D", "X/Z", "X/D", "Z/D", "X/Z/D"):
        for kind in TYPES:
            assert resolve_code(code, kind, listed=True) == resolve_code(code, kind)


@given(st.sampled_from(sorted(table())), st.sampled_from(TYPES))
def test_basic_alone_never_keeps_a_listed_value(tag, kind):
    row = table()[tag]
    rule = listed_rule(row, int(tag.replace("x", "0"), 16), row.vr or "OW", kind, frozenset())
    assert rule.op not in (Op.KEEP, Op.CLEAN, Op.SHIFT, Op.AGE)
    if rule.op is Op.RECURSE:
        assert row.basic == "X/Z/U*" and kind in ("1", "1C", "2", "2C")


@given(
    st.sampled_from(sorted(table())), st.sampled_from(TYPES), st.frozensets(st.sampled_from(Option))
)
def test_modified_dates_are_never_kept_as_they_are(tag, kind, options):
    options |= {Option.RETAIN_LONG_MODIFIED_DATES}
    row = table()[tag]
    if row.vr in ("DA", "DT"):
        rule = listed_rule(row, int(tag.replace("x", "0"), 16), row.vr, kind, options)
        assert rule.op is not Op.KEEP, row.name
        if Option.RETAIN_LONG_MODIFIED_DATES in row.options:
            assert rule.op is Op.SHIFT


@pytest.mark.parametrize(
    ("tag", "vr", "options", "op"),
    [
        (0x00100010, "PN", (), Op.NAME),
        (0x00100020, "LO", (), Op.PATIENT_ID),
        (0x00080018, "UI", (), Op.UID),
        (0x00080018, "UI", (Option.RETAIN_UIDS,), Op.KEEP),
        (0x00101010, "AS", (Option.RETAIN_PATIENT_CHARACTERISTICS,), Op.AGE),
        (0x00181000, "LO", (Option.RETAIN_DEVICE_IDENTITY,), Op.KEEP),
        (0x00080055, "AE", (Option.RETAIN_DEVICE_IDENTITY,), Op.TOKEN),
        (0x00080080, "LO", (Option.RETAIN_INSTITUTION_IDENTITY,), Op.KEEP),
        (0x00080020, "DA", (Option.RETAIN_LONG_FULL_DATES,), Op.KEEP),
        (0x00080020, "DA", (Option.RETAIN_LONG_MODIFIED_DATES,), Op.SHIFT),
        # device dates: the date option decides, not the device option
        (0x00181200, "DA", (Option.RETAIN_DEVICE_IDENTITY, Option.RETAIN_LONG_MODIFIED_DATES),
         Op.SHIFT),
        (0x00080201, "SH", (Option.RETAIN_LONG_MODIFIED_DATES,), Op.REMOVE),
        (0x00081030, "LO", (Option.CLEAN_DESCRIPTORS,), Op.CLEAN),
        (0x00400275, "SQ", (Option.CLEAN_DESCRIPTORS,), Op.RECURSE),
        (0x00102110, "LO", (Option.RETAIN_PATIENT_CHARACTERISTICS,), Op.CLEAN),
        (0x0040A730, "SQ", (), Op.STRUCTURED_CONTENT),
        (0x0040A730, "SQ", (Option.CLEAN_STRUCTURED_CONTENT,), Op.STRUCTURED_CONTENT),
        (0x00400555, "SQ", (Option.CLEAN_STRUCTURED_CONTENT,), Op.RECURSE),
        (0x00420011, "OB", (Option.CLEAN_DESCRIPTORS,), Op.ENCAPSULATED_DOCUMENT),
        (0x60003000, "OW", (Option.CLEAN_GRAPHICS,), Op.KEEP),
        (0x60003000, "OW", (), Op.REMOVE),
        (0x00700001, "SQ", (), Op.DUMMY),
        (0x00700001, "SQ", (Option.CLEAN_GRAPHICS,), Op.RECURSE),
        (0x00880200, "SQ", tuple(Option), Op.REMOVE),
        (0x0040A075, "PN", (), Op.NAME),
    ],
)  # fmt: skip
def test_options(tag, vr, options, op):
    assert listed_rule(row_for(tag), tag, vr, "3", frozenset(options)).op is op


def test_what_cannot_be_cleaned_falls_back_to_the_basic_code():
    options = {Option.CLEAN_DESCRIPTORS}
    label = row_for(0x300A0002)  # RT Plan Label, D
    assert listed_rule(label, 0x300A0002, "SH", "1", options).fallback is Op.DUMMY
    description = row_for(0x00081030)  # Study Description, X
    assert listed_rule(description, 0x00081030, "LO", "3", options).fallback is Op.REMOVE


def test_cleaning_beats_keeping_and_dates_beat_all():
    row = row_for(0x00102110)
    assert option_code(row, set(Option))[0] == "C"
    both = {Option.RETAIN_DEVICE_IDENTITY, Option.RETAIN_LONG_MODIFIED_DATES}
    assert option_code(row_for(0x00181203), both) == ("C", Option.RETAIN_LONG_MODIFIED_DATES)
    assert option_code(row_for(0x00081030), {Option.RETAIN_UIDS}) is None


def test_the_source_says_which_row_type_or_option_decided():
    assert listed_rule(row_for(0x00080022), 0x00080022, "DA", "3", ()).source == (
        "E.1-1 X/Z type 3"
    )
    kept = listed_rule(row_for(0x00181000), 0x00181000, "LO", "3", {Option.RETAIN_DEVICE_IDENTITY})
    assert kept.source == "E.1-1 retain_device_identity K"
