"""Operations for attributes of Table E.1-1, by code, Type and options."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.rules.operations import Operation
from safelight.rules.profile import make_listed_rule, resolve_code, select_option
from safelight.standard.confidentiality import find_row, load_table
from safelight.standard.options import Option

TYPES = ("1", "1C", "2", "2C", "3", "")


@pytest.mark.parametrize(
    ("code", "letters"),  # for Types 1, 1C, 2, 2C, 3 and unknown
    [
        ("X", "DXZZXX"),
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


def test_references_are_kept_if_the_iod_requires_them():
    assert [resolve_code("X/Z/U*", kind) for kind in ("1", "1C", "2", "3", "")] == [
        "U*", "U*", "U*", "X", "X",
    ]  # fmt: skip


def test_references_are_kept_if_the_object_lists_its_references():
    assert {resolve_code("X/Z/U*", kind, lists_references=True) for kind in TYPES} == {"U*"}
    for code in ("X", "Z", "D", "X/Z", "X/D", "Z/D", "X/Z/D"):
        for kind in TYPES:
            assert resolve_code(code, kind, lists_references=True) == resolve_code(code, kind)


@given(st.sampled_from(sorted(load_table())), st.sampled_from(TYPES))
def test_basic_alone_never_keeps_a_listed_value(tag, kind):
    row = load_table()[tag]
    rule = make_listed_rule(row, int(tag.replace("x", "0"), 16), row.vr or "OW", kind, frozenset())
    assert rule.operation not in (Operation.KEEP, Operation.CLEAN, Operation.SHIFT, Operation.AGE)
    if rule.operation is Operation.RECURSE:
        assert row.basic == "X/Z/U*" and kind in ("1", "1C", "2", "2C")


@given(
    st.sampled_from(sorted(load_table())),
    st.sampled_from(TYPES),
    st.frozensets(st.sampled_from(Option)),
)
def test_modified_dates_are_never_kept_unchanged(tag, kind, options):
    options |= {Option.RETAIN_LONG_MODIFIED_DATES}
    row = load_table()[tag]
    if row.vr in ("DA", "DT"):
        rule = make_listed_rule(row, int(tag.replace("x", "0"), 16), row.vr, kind, options)
        assert rule.operation is not Operation.KEEP, row.name
        if Option.RETAIN_LONG_MODIFIED_DATES in row.options:
            assert rule.operation is Operation.SHIFT


@pytest.mark.parametrize(
    ("tag", "vr", "options", "operation"),
    [
        (0x00100010, "PN", (), Operation.NAME),
        (0x00100020, "LO", (), Operation.PATIENT_ID),
        (0x00080018, "UI", (), Operation.UID),
        (0x00080018, "UI", (Option.RETAIN_UIDS,), Operation.KEEP),
        (0x00101010, "AS", (Option.RETAIN_PATIENT_CHARACTERISTICS,), Operation.AGE),
        (0x00181000, "LO", (Option.RETAIN_DEVICE_IDENTITY,), Operation.KEEP),
        (0x00080055, "AE", (Option.RETAIN_DEVICE_IDENTITY,), Operation.TOKEN),
        (0x00080080, "LO", (Option.RETAIN_INSTITUTION_IDENTITY,), Operation.KEEP),
        (0x00080020, "DA", (Option.RETAIN_LONG_FULL_DATES,), Operation.KEEP),
        (0x00080020, "DA", (Option.RETAIN_LONG_MODIFIED_DATES,), Operation.SHIFT),
        # the option for dates precedes the option for devices
        (0x00181200, "DA", (Option.RETAIN_DEVICE_IDENTITY, Option.RETAIN_LONG_MODIFIED_DATES),
         Operation.SHIFT),
        (0x00080201, "SH", (Option.RETAIN_LONG_MODIFIED_DATES,), Operation.REMOVE),
        (0x00081030, "LO", (Option.CLEAN_DESCRIPTORS,), Operation.CLEAN),
        (0x00400275, "SQ", (Option.CLEAN_DESCRIPTORS,), Operation.RECURSE),
        (0x00102110, "LO", (Option.RETAIN_PATIENT_CHARACTERISTICS,), Operation.CLEAN),
        (0x0040A730, "SQ", (), Operation.STRUCTURED_CONTENT),
        (0x0040A730, "SQ", (Option.CLEAN_STRUCTURED_CONTENT,), Operation.STRUCTURED_CONTENT),
        (0x00400555, "SQ", (Option.CLEAN_STRUCTURED_CONTENT,), Operation.RECURSE),
        (0x00420011, "OB", (Option.CLEAN_DESCRIPTORS,), Operation.ENCAPSULATED_DOCUMENT),
        (0x60003000, "OW", (Option.CLEAN_GRAPHICS,), Operation.KEEP),
        (0x60003000, "OW", (), Operation.REMOVE),
        (0x00700001, "SQ", (), Operation.DUMMY),
        (0x00700001, "SQ", (Option.CLEAN_GRAPHICS,), Operation.RECURSE),
        (0x00880200, "SQ", tuple(Option), Operation.REMOVE),
        (0x0040A075, "PN", (), Operation.NAME),
    ],
)  # fmt: skip
def test_an_option_selects_the_operation(tag, vr, options, operation):
    assert make_listed_rule(find_row(tag), tag, vr, "3", frozenset(options)).operation is operation


def test_the_fallback_of_cleaning_is_the_basic_code():
    options = {Option.CLEAN_DESCRIPTORS}
    label = find_row(0x300A0002)  # RT Plan Label, D
    assert make_listed_rule(label, 0x300A0002, "SH", "1", options).fallback is Operation.DUMMY
    description = find_row(0x00081030)  # Study Description, X
    assert (
        make_listed_rule(description, 0x00081030, "LO", "3", options).fallback is Operation.REMOVE
    )


def test_cleaning_precedes_keeping_and_dates_precede_all_options():
    row = find_row(0x00102110)
    assert select_option(row, set(Option))[0] == "C"
    both = {Option.RETAIN_DEVICE_IDENTITY, Option.RETAIN_LONG_MODIFIED_DATES}
    assert select_option(find_row(0x00181203), both) == ("C", Option.RETAIN_LONG_MODIFIED_DATES)
    assert select_option(find_row(0x00081030), {Option.RETAIN_UIDS}) is None


def test_the_source_names_row_type_or_option():
    assert make_listed_rule(find_row(0x00080022), 0x00080022, "DA", "3", ()).source == (
        "E.1-1 X/Z type 3"
    )
    kept = make_listed_rule(
        find_row(0x00181000), 0x00181000, "LO", "3", {Option.RETAIN_DEVICE_IDENTITY}
    )
    assert kept.source == "E.1-1 retain_device_identity K"
