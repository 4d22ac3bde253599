"""Rules for attributes that Table E.1-1 does not list, and for private elements."""

import pytest

from safelight.rules.operations import Operation
from safelight.rules.unlisted_attributes import make_private_rule, make_unlisted_rule
from safelight.standard.options import Option
from safelight.standard.private_elements import SafePrivateElement

RESEARCH = frozenset({
    Option.CLEAN_DESCRIPTORS, Option.RETAIN_LONG_MODIFIED_DATES, Option.RETAIN_SAFE_PRIVATE,
    Option.RETAIN_PATIENT_CHARACTERISTICS,
})  # fmt: skip


def choose(tag, vr, attribute_type="3", **changes):
    """Return the operation on an attribute that the IOD defines, in a rule set like research."""
    settings = {"is_defined": True, "keeps_undefined": True, "options": RESEARCH} | changes
    return make_unlisted_rule(tag, vr, attribute_type, **settings).operation


@pytest.mark.parametrize(
    ("tag", "vr", "expected"),
    [
        (0x00280010, "US", Operation.KEEP),  # Rows
        (0x00080060, "CS", Operation.KEEP),  # Modality
        (0x7FE00010, "OW", Operation.KEEP),  # Pixel Data
        (0x00081032, "SQ", Operation.RECURSE),  # Procedure Code Sequence
        (0x00080070, "LO", Operation.KEEP),  # Manufacturer
        (0x0040A160, "UT", Operation.CLEAN),  # Text Value
        (0x00080016, "UI", Operation.KEEP),  # SOP Class UID
        (0x00200242, "UI", Operation.UID),  # SOP Instance UID of Concatenation Source
        (0x00189303, "TM", Operation.SHIFT),
        (0x40100008, "PN", Operation.REMOVE),
        (0x00080056, "AE", Operation.REMOVE),
        (0x00081190, "UR", Operation.REMOVE),  # Retrieve URL
        (0x00100033, "LO", Operation.REMOVE),  # birth date in another calendar
        (0x00189999, "", Operation.REMOVE),  # unknown
        (0x00180038, "CS", Operation.KEEP),  # retired coded string
        (0x00180040, "IS", Operation.KEEP),
        (0x00540400, "SH", Operation.CLEAN),  # Image ID
        (0x00280103, "US", Operation.KEEP),
        (0x00101010, "AS", Operation.AGE),
    ],
)
def test_the_vr_selects_the_operation(tag, vr, expected):
    assert choose(tag, vr) is expected


def test_an_undefined_attribute_is_removed_unless_the_rules_keep_it():
    assert choose(0x00280010, "US", "", is_defined=False, keeps_undefined=False) is Operation.REMOVE
    assert choose(0x00280010, "US", "", is_defined=False) is Operation.KEEP


def test_an_attribute_that_the_iod_requires_is_not_removed():
    assert choose(0x0040A160, "UT", "1", options=frozenset()) is Operation.DUMMY
    assert choose(0x0040A160, "UT", "2", options=frozenset()) is Operation.EMPTY
    assert choose(0x0040A160, "UT", "3", options=frozenset()) is Operation.REMOVE
    assert (
        make_unlisted_rule(
            0x00620020, "UT", "1C", is_defined=True, keeps_undefined=True, options=RESEARCH
        ).fallback
        is Operation.DUMMY
    )


def test_dates_follow_the_options():
    date = (0x00189303, "TM")
    assert choose(*date, options=frozenset()) is Operation.REMOVE
    assert choose(*date, "1", options=frozenset()) is Operation.DUMMY
    assert choose(*date, options={Option.RETAIN_LONG_FULL_DATES}) is Operation.KEEP


def safe(vr, action="keep"):
    return SafePrivateElement(vr, action, "", "TCIA")


@pytest.mark.parametrize(
    ("entry", "vr", "expected"),
    [
        (None, "LO", Operation.REMOVE),
        (safe("DS"), "DS", Operation.KEEP),
        (safe("LO"), "LO", Operation.CLEAN),
        (safe("SQ"), "SQ", Operation.RECURSE),
        (safe("DS"), "UN", Operation.KEEP),
        (safe("DA", "shift"), "UN", Operation.SHIFT),
        (safe("LO"), "DA", Operation.SHIFT),  # a date according to the object
        (safe("LO"), "PN", Operation.REMOVE),
        (safe("UI", "uid"), "UI", Operation.UID),
        (safe("LO", "uid"), "LO", Operation.UID),
        (safe("DS"), "UI", Operation.UID),
        (safe("AS"), "AS", Operation.AGE),
    ],
)
def test_a_safe_private_element_is_treated_by_action_and_vr(entry, vr, expected):
    assert make_private_rule(entry, vr, RESEARCH).operation is expected


def test_private_elements_are_removed_without_the_option():
    assert (
        make_private_rule(safe("DS"), "DS", RESEARCH - {Option.RETAIN_SAFE_PRIVATE}).operation
        is Operation.REMOVE
    )


def test_a_private_rule_has_the_vr_of_an_untyped_value():
    assert make_private_rule(safe("DA", "shift"), "UN", RESEARCH).argument == "DA"
    assert make_private_rule(safe("LO"), "SH", RESEARCH).argument == "SH"
