"""The compiled plan: every place, remembered, and bounded."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary

from safelight.rules import Op, Plan, load_rules, parse_rules
from safelight.rules import plan as plan_module
from safelight.rules.plan import NEVER
from safelight.standard.confidentiality import table
from safelight.standard.iod import _data
from safelight.standard.technical_vocabulary import is_class_uid

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
RESEARCH, BASIC = Plan(load_rules("research")), Plan(load_rules("basic"))
SOP_CLASSES = sorted(_data()["sop_classes"])


def mine(*elements, extends="research", **settings):
    lines = [f"name: mine\nversion: 1\nextends: {extends}\n"]
    lines += [f"{key}: {value}\n" for key, value in settings.items()]
    lines += ["elements:\n", *(f"  - {one}\n" for one in elements)] if elements else []
    return Plan(parse_rules("".join(lines), "mine"))


def test_a_rule_is_worked_out_once(monkeypatch):
    level = Plan(load_rules("research")).for_sop_class(CT)
    first = level.rules[0x00100010]
    assert 0x00100010 in level.rules
    monkeypatch.setattr(plan_module, "row_for", lambda tag: pytest.fail("worked out again"))
    assert level.rules[0x00100010] is first


def test_levels_are_the_same_objects_each_time():
    top = RESEARCH.for_sop_class(CT)
    assert RESEARCH.for_sop_class(CT) is top
    assert top.item(0x00081140) is top.item(0x00081140)
    assert top.item(0x00081140).path == (0x00081140,)
    assert top.private_item() is top.private_item()


@pytest.mark.parametrize("plan", [BASIC, RESEARCH])
@pytest.mark.parametrize("tag", [*NEVER, 0x00080000, 0x00020010, 0x00041200, 0x50000010, 0x0000001])
def test_never_in_an_output_whatever_the_rules_say(plan, tag):
    assert plan.for_sop_class(CT).rules[tag].op is Op.REMOVE
    own = mine(f'{{tag: "*/({tag >> 16:04X},{tag & 0xFFFF:04X})", action: keep}}')
    assert own.for_sop_class(CT).rules[tag].op is Op.REMOVE
    assert own.for_sop_class(CT).item(0x00081140).rules[tag].op is Op.REMOVE


@given(
    st.sampled_from(SOP_CLASSES + ["1.2.3.4"]),
    st.one_of(
        st.sampled_from(sorted(DicomDictionary)),
        st.integers(0, 0xFFFFFFFF).filter(lambda tag: not tag >> 16 & 1),
    ),
    st.lists(st.sampled_from([0x00081140, 0x00400275, 0x0040A730, 0x00700001, 0x00081032]),
             max_size=3),
)  # fmt: skip
def test_basic_keeps_no_listed_value_at_any_place(sop_class, tag, path):
    level = BASIC.for_sop_class(sop_class)
    for sequence in path:
        level = level.item(sequence)
    rule = level.rules[tag]
    assert rule.op not in (Op.SHIFT, Op.CLEAN, Op.AGE, Op.LITERAL, Op.TOKEN)
    if f"{tag:08X}" in table():
        assert rule.op is not Op.KEEP
    if tag not in DicomDictionary and tag >> 24 != 0x60:
        assert rule.op is Op.REMOVE or f"{tag:08X}" in table()


@given(st.sampled_from(SOP_CLASSES + ["1.2.3.4"]), st.sampled_from(sorted(DicomDictionary)))
def test_research_keeps_no_name_date_or_instance_uid(sop_class, tag):
    rule = RESEARCH.for_sop_class(sop_class).rules[tag]
    vr = DicomDictionary[tag][0]
    if rule.op is Op.KEEP:
        assert vr not in ("PN", "DA", "DT", "TM", "AE", "UR", "AS")
        if vr in ("LO", "SH", "ST", "LT", "UT", "UC"):
            assert "technical" in rule.source or "retain" in rule.source
        if vr == "UI":
            assert is_class_uid(tag) or tag == 0x0018100B  # class of a device, not a device
    if vr in ("DA", "DT") and tag >> 16 >= 8 and tag >> 16 != 0x5000:
        assert rule.op in (Op.SHIFT, Op.REMOVE, Op.EMPTY, Op.DUMMY)


def test_types_of_the_iod_at_its_own_nesting_decide():
    top = BASIC.for_sop_class(ENHANCED_CT)
    assert top.rules[0x00181000].op is Op.DUMMY  # Device Serial Number, Type 1
    assert BASIC.for_sop_class(CT).rules[0x00181000].op is Op.REMOVE  # Type 3
    frame = top.item(0x52009230).item(0x00209111)
    assert frame.rules[0x00189074].op is Op.DUMMY  # Frame Acquisition DateTime, Type 1C
    assert top.rules[0x00189074].op is Op.DUMMY  # listed as D
    assert frame.rules[0x00280010].op is Op.KEEP  # pixel structure
    assert frame.rules[0x00180050].op is Op.REMOVE  # no Slice Thickness in this place
    assert top.item(0x52009229).item(0x00289110).rules[0x00180050].op is Op.KEEP


def test_an_unknown_sop_class_stays_readable_and_private():
    level = BASIC.for_sop_class("1.2.3.4.5")
    assert level.rules[0x00280010].op is Op.KEEP
    assert level.rules[0x7FE00010].op is Op.KEEP
    assert level.rules[0x00080016].op is Op.KEEP
    assert level.rules[0x0020000D].op is Op.UID
    assert level.rules[0x00080022].op is Op.REMOVE  # X/Z: the choice that leaves least
    assert level.rules[0x00080023].op is Op.EMPTY  # Z/D


def test_no_pointer_stays_to_what_is_gone():
    top = BASIC.for_sop_class(CT)
    assert top.rules[0x00280008].op is Op.KEEP  # Number of Frames: pixels need it
    assert top.rules[0x00280009].op is Op.REMOVE  # Frame Increment Pointer
    multi_frame = BASIC.for_sop_class("1.2.840.10008.5.1.4.1.1.20")  # nuclear medicine
    assert multi_frame.rules[0x00280009].op is Op.KEEP
    assert multi_frame.rules[0x00540010].op is Op.KEEP  # Energy Window Vector


def test_the_organisation_wins_and_the_first_match_wins():
    plan = mine(
        "{tag: StudyDate, action: X}",
        "{tag: '*/StudyDate', action: keep}",
        "{tag: '*/{PN}', action: empty}",
        "{tag: ReferencedStudySequence, action: K}",
        "{tag: StudyDescription, action: C}",
        "{tag: SeriesDescription, action: D}",
        "{tag: '*/(0020,0052)', action: U}",
    )
    top = plan.for_sop_class(CT)
    assert top.rules[0x00080020].op is Op.REMOVE
    assert top.item(0x00081140).rules[0x00080020].op is Op.KEEP
    assert top.rules[0x00100010].op is Op.EMPTY
    assert top.rules[0x00081110].op is Op.RECURSE
    assert top.rules[0x00081030].op is Op.CLEAN
    assert top.rules[0x0008103E].op is Op.DUMMY
    assert top.rules[0x00200052].op is Op.UID
    assert top.rules[0x00080020].source == "mine elements[0]"


def test_own_private_elements():
    plan = mine(
        "{tag: '*/(0029,\"ACME\",1x)', action: keep}", "{tag: '(0029,\"ACME\",20)', action: C}"
    )
    top = plan.for_sop_class(CT)
    assert top.private("ACME", 0x29, 0x10, "DS").op is Op.KEEP
    assert top.private("ACME", 0x29, 0x11, "SQ").op is Op.RECURSE
    assert top.item(0x00081140).private("ACME", 0x29, 0x1F, "DS").op is Op.KEEP
    assert top.private("ACME", 0x29, 0x20, "LO").op is Op.CLEAN
    assert top.private("ACME", 0x29, 0x21, "LO").op is Op.REMOVE
    assert top.private("SIEMENS MR HEADER", 0x19, 0x0C, "IS").op is Op.KEEP
    assert BASIC.for_sop_class(CT).private("SIEMENS MR HEADER", 0x19, 0x0C, "IS").op is Op.REMOVE


def test_inside_a_dummied_sequence_nothing_is_kept_that_can_tell():
    inside = BASIC.for_sop_class(CT).item(0x00401101)  # Person Identification Code Sequence, D
    assert BASIC.for_sop_class(CT).rules[0x00401101].op is Op.DUMMY
    for tag in (0x00080100, 0x00080104, 0x00080102):
        assert inside.rules[tag].op is Op.DUMMY
    assert inside.rules[0x00080121].op is Op.DUMMY  # a sequence inside
    assert inside.private("SIEMENS MR HEADER", 0x19, 0x0C, "IS").op is Op.REMOVE


def test_overlays_and_curves():
    top = RESEARCH.for_sop_class(CT)
    for tag in (0x60000010, 0x60003000, 0x60023000, 0x60024000, 0x60000022, 0x50003000):
        assert top.rules[tag].op is Op.REMOVE
    cleaned = mine(options="[clean_graphics, clean_descriptors]").for_sop_class(CT)
    assert cleaned.rules[0x60003000].op is Op.KEEP
    assert cleaned.rules[0x60000010].op is Op.KEEP
    assert cleaned.rules[0x60000022].op is Op.CLEAN
    assert cleaned.rules[0x50003000].op is Op.REMOVE


def test_what_a_worker_remembers_is_bounded(monkeypatch):
    monkeypatch.setattr(plan_module, "_MAXIMUM_RULES", 50)
    monkeypatch.setattr(plan_module, "_MAXIMUM_LEVELS", 20)
    monkeypatch.setattr(plan_module, "_MAXIMUM_CLASSES", 5)
    plan = Plan(load_rules("research"))
    for number in range(200):
        top = plan.for_sop_class(f"1.2.3.{number}")
        assert top.rules[0x00100010].op is Op.NAME
    assert len(plan._roots) == 5
    top = plan.for_sop_class(CT)
    for number in range(200):
        assert top.rules[0x00189000 + number].op in Op
        assert top.private("X", 0x19, number, "LO").op is Op.REMOVE
        top = top.item(0x00081140)
    assert len(top.rules) <= 50 and plan.levels <= 20


def test_thousands_of_own_rules_are_found_by_tag():
    elements = [f'{{tag: "(0018,{n:04X})", action: Z}}' for n in range(0x100, 0x1100)]
    plan = mine(*elements, '{tag: "*/SeriesDescription", action: X}')
    top = plan.for_sop_class(CT)
    assert top.rules[0x00180110].op is Op.EMPTY
    assert len(plan.index.candidates(0x00180110)) == 1
    assert top.rules[0x0008103E].op is Op.REMOVE


def test_rules_travel_to_workers():
    rule = RESEARCH.for_sop_class(CT).rules[0x00081030]
    assert pickle.loads(pickle.dumps(rule)) == rule
