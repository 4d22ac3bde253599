"""Attributes that Table E.1-1 leaves out, and private elements."""

import pytest

from safelight.rules.operations import Op
from safelight.rules.unlisted_attributes import private_rule, unlisted_rule
from safelight.standard.options import Option
from safelight.standard.private_elements import SafeElement

RESEARCH = frozenset({
    Option.CLEAN_DESCRIPTORS, Option.RETAIN_LONG_MODIFIED_DATES, Option.RETAIN_SAFE_PRIVATE,
    Option.RETAIN_PATIENT_CHARACTERISTICS,
})  # fmt: skip


def op(tag, vr, kind="3", defined=True, keep=True, options=RESEARCH):
    return unlisted_rule(tag, vr, kind, defined, keep, options).op


@pytest.mark.parametrize(
    ("tag", "vr", "expected"),
    [
        (0x00280010, "US", Op.KEEP),  # Rows
        (0x00080060, "CS", Op.KEEP),  # Modality
        (0x7FE00010, "OW", Op.KEEP),  # Pixel Data
        (0x00081032, "SQ", Op.RECURSE),  # Procedure Code Sequence
        (0x00080070, "LO", Op.KEEP),  # Manufacturer
        (0x0040A160, "UT", Op.CLEAN),  # Text Value
        (0x00080016, "UI", Op.KEEP),  # SOP Class UID
        (0x00200242, "UI", Op.UID),  # SOP Instance UID of Concatenation Source
        (0x00189303, "TM", Op.SHIFT),
        (0x40100008, "PN", Op.REMOVE),
        (0x00080056, "AE", Op.REMOVE),
        (0x00081190, "UR", Op.REMOVE),  # Retrieve URL
        (0x00100033, "LO", Op.REMOVE),  # birth date in another calendar
        (0x00189999, "", Op.REMOVE),  # unknown
        (0x00180038, "CS", Op.KEEP),  # retired, but a coded string
        (0x00180040, "IS", Op.KEEP),
        (0x00540400, "SH", Op.CLEAN),  # Image ID
        (0x00280103, "US", Op.KEEP),
        (0x00101010, "AS", Op.AGE),
    ],
)
def test_research(tag, vr, expected):
    assert op(tag, vr) is expected


def test_what_no_module_defines_goes_unless_the_rules_keep_it():
    assert op(0x00280010, "US", "", defined=False, keep=False) is Op.REMOVE
    assert op(0x00280010, "US", "", defined=False, keep=True) is Op.KEEP


def test_what_the_iod_requires_does_not_vanish():
    assert op(0x0040A160, "UT", "1", options=frozenset()) is Op.DUMMY
    assert op(0x0040A160, "UT", "2", options=frozenset()) is Op.EMPTY
    assert op(0x0040A160, "UT", "3", options=frozenset()) is Op.REMOVE
    assert unlisted_rule(0x00620020, "UT", "1C", True, True, RESEARCH).fallback is Op.DUMMY


def test_dates_follow_the_options():
    date = (0x00189303, "TM")
    assert op(*date, options=frozenset()) is Op.REMOVE
    assert op(*date, kind="1", options=frozenset()) is Op.DUMMY
    assert op(*date, options={Option.RETAIN_LONG_FULL_DATES}) is Op.KEEP


def safe(vr, action="keep"):
    return SafeElement(vr, action, "", "TCIA")


@pytest.mark.parametrize(
    ("entry", "vr", "expected"),
    [
        (None, "LO", Op.REMOVE),
        (safe("DS"), "DS", Op.KEEP),
        (safe("LO"), "LO", Op.CLEAN),
        (safe("SQ"), "SQ", Op.RECURSE),
        (safe("DS"), "UN", Op.KEEP),
        (safe("DA", "shift"), "UN", Op.SHIFT),
        (safe("LO"), "DA", Op.SHIFT),  # the object's own VR is a date
        (safe("LO"), "PN", Op.REMOVE),
        (safe("UI", "uid"), "UI", Op.UID),
        (safe("LO", "uid"), "LO", Op.UID),
        (safe("DS"), "UI", Op.UID),
        (safe("AS"), "AS", Op.AGE),
    ],
)
def test_private(entry, vr, expected):
    assert private_rule(entry, vr, RESEARCH).op is expected


def test_private_elements_go_without_the_option():
    assert private_rule(safe("DS"), "DS", RESEARCH - {Option.RETAIN_SAFE_PRIVATE}).op is Op.REMOVE


def test_a_private_rule_names_the_vr_of_an_untyped_value():
    assert private_rule(safe("DA", "shift"), "UN", RESEARCH).argument == "DA"
    assert private_rule(safe("LO"), "SH", RESEARCH).argument == "SH"
