"""Compiled rule sets: rules at every nesting level, and limits of the caches."""

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom._dicom_dict import DicomDictionary

from safelight.rules import CompiledRules, Operation, load_rules, parse_rules
from safelight.rules import compiled_rules as compiled_rules_module
from safelight.rules.attributes import FREE_TEXT_VRS, get_vr
from safelight.rules.compiled_rules import ALWAYS_REMOVED
from safelight.rules.required_attributes import REQUIRED_TAGS
from safelight.rules.selectors import list_dictionary_tags
from safelight.standard.attribute_categories import is_class_uid_attribute
from safelight.standard.confidentiality import find_row, load_table
from safelight.standard.iod import _load

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
RESEARCH, BASIC = CompiledRules(load_rules("research")), CompiledRules(load_rules("basic"))
SOP_CLASSES = sorted(_load()["sop_classes"])


def compile_own(*elements, extends="research", **settings):
    lines = [f"name: mine\nversion: 1\nextends: {extends}\n"]
    lines += [f"{key}: {value}\n" for key, value in settings.items()]
    lines += ["elements:\n", *(f"  - {one}\n" for one in elements)] if elements else []
    return CompiledRules(parse_rules("".join(lines), "mine"))


def test_a_rule_is_resolved_once(monkeypatch):
    level = CompiledRules(load_rules("research")).get_root_level(CT)
    first = level.rules[0x00100010]
    assert 0x00100010 in level.rules
    monkeypatch.setattr(
        compiled_rules_module, "find_row", lambda tag: pytest.fail("resolved again")
    )
    assert level.rules[0x00100010] is first


def test_levels_are_cached():
    top = RESEARCH.get_root_level(CT)
    assert RESEARCH.get_root_level(CT) is top
    assert top.get_item_level(0x00081140) is top.get_item_level(0x00081140)
    assert top.get_item_level(0x00081140).path == (0x00081140,)
    assert top.get_private_item_level() is top.get_private_item_level()


@pytest.mark.parametrize("plan", [BASIC, RESEARCH])
@pytest.mark.parametrize(
    "tag", [*ALWAYS_REMOVED, 0x00080000, 0x00020010, 0x00041200, 0x50000010, 0x0000001]
)
def test_some_elements_are_always_removed(plan, tag):
    assert plan.get_root_level(CT).rules[tag].operation is Operation.REMOVE
    own = compile_own(f'{{tag: "*/({tag >> 16:04X},{tag & 0xFFFF:04X})", action: keep}}')
    assert own.get_root_level(CT).rules[tag].operation is Operation.REMOVE
    assert (
        own.get_root_level(CT).get_item_level(0x00081140).rules[tag].operation is Operation.REMOVE
    )


@given(
    st.sampled_from(SOP_CLASSES + ["1.2.3.4"]),
    st.one_of(
        st.sampled_from(sorted(DicomDictionary)),
        st.integers(0, 0xFFFFFFFF).filter(lambda tag: not tag >> 16 & 1),
    ),
    st.lists(st.sampled_from([0x00081140, 0x00400275, 0x0040A730, 0x00700001, 0x00081032]),
             max_size=3),
)  # fmt: skip
def test_basic_keeps_no_listed_value_at_any_level(sop_class, tag, path):
    level = BASIC.get_root_level(sop_class)
    for sequence in path:
        level = level.get_item_level(sequence)
    rule = level.rules[tag]
    assert rule.operation not in (
        Operation.SHIFT,
        Operation.CLEAN,
        Operation.AGE,
        Operation.LITERAL,
        Operation.TOKEN,
    )
    if f"{tag:08X}" in load_table():
        assert rule.operation is not Operation.KEEP
    if tag not in DicomDictionary and tag >> 24 != 0x60:
        assert rule.operation is Operation.REMOVE or f"{tag:08X}" in load_table()


@given(st.sampled_from(SOP_CLASSES + ["1.2.3.4"]), st.sampled_from(sorted(DicomDictionary)))
def test_research_keeps_no_name_date_or_instance_uid(sop_class, tag):
    rule = RESEARCH.get_root_level(sop_class).rules[tag]
    vr = DicomDictionary[tag][0]
    if rule.operation is Operation.KEEP:
        assert vr not in ("PN", "DA", "DT", "TM", "AE", "UR", "AS")
        if vr in ("LO", "SH", "ST", "LT", "UT", "UC"):
            assert "technical" in rule.source or "retain" in rule.source
        if vr == "UI":
            assert (
                is_class_uid_attribute(tag) or tag == 0x0018100B
            )  # class of a device, not a device
    if vr in ("DA", "DT") and tag >> 16 >= 8 and tag >> 16 != 0x5000:
        assert rule.operation in (
            Operation.SHIFT,
            Operation.REMOVE,
            Operation.EMPTY,
            Operation.DUMMY,
        )


def test_types_at_the_nesting_level_decide():
    top = BASIC.get_root_level(ENHANCED_CT)
    assert top.rules[0x00181000].operation is Operation.DUMMY  # Device Serial Number, Type 1
    assert BASIC.get_root_level(CT).rules[0x00181000].operation is Operation.REMOVE  # Type 3
    frame = top.get_item_level(0x52009230).get_item_level(0x00209111)
    assert (
        frame.rules[0x00189074].operation is Operation.DUMMY
    )  # Frame Acquisition DateTime, Type 1C
    assert top.rules[0x00189074].operation is Operation.DUMMY  # listed as D
    assert frame.rules[0x00280010].operation is Operation.KEEP  # pixel structure
    assert frame.rules[0x00180050].operation is Operation.REMOVE  # no Slice Thickness
    assert (
        top.get_item_level(0x52009229).get_item_level(0x00289110).rules[0x00180050].operation
        is Operation.KEEP
    )


def test_an_object_of_an_unknown_sop_class_remains_readable():
    level = BASIC.get_root_level("1.2.3.4.5")
    assert level.rules[0x00280010].operation is Operation.KEEP
    assert level.rules[0x7FE00010].operation is Operation.KEEP
    assert level.rules[0x00080016].operation is Operation.KEEP
    assert level.rules[0x0020000D].operation is Operation.UID
    assert level.rules[0x00080022].operation is Operation.REMOVE  # X/Z: the letter that keeps least
    assert level.rules[0x00080023].operation is Operation.EMPTY  # Z/D


def test_a_pointer_to_a_removed_attribute_is_removed():
    top = BASIC.get_root_level(CT)
    assert top.rules[0x00280008].operation is Operation.KEEP  # Number of Frames: pixels need it
    assert top.rules[0x00280009].operation is Operation.REMOVE  # Frame Increment Pointer
    multi_frame = BASIC.get_root_level("1.2.840.10008.5.1.4.1.1.20")  # nuclear medicine
    assert multi_frame.rules[0x00280009].operation is Operation.KEEP
    assert multi_frame.rules[0x00540010].operation is Operation.KEEP  # Energy Window Vector


def test_the_first_own_rule_that_matches_decides():
    plan = compile_own(
        "{tag: StudyDate, action: X}",
        "{tag: '*/StudyDate', action: keep}",
        "{tag: '*/{PN}', action: empty}",
        "{tag: ReferencedStudySequence, action: K}",
        "{tag: StudyDescription, action: C}",
        "{tag: SeriesDescription, action: D}",
        "{tag: '*/(0020,0052)', action: U}",
    )
    top = plan.get_root_level(CT)
    assert top.rules[0x00080020].operation is Operation.REMOVE
    assert top.get_item_level(0x00081140).rules[0x00080020].operation is Operation.KEEP
    assert top.rules[0x00100010].operation is Operation.EMPTY
    assert top.rules[0x00081110].operation is Operation.RECURSE
    assert top.rules[0x00081030].operation is Operation.CLEAN
    assert top.rules[0x0008103E].operation is Operation.DUMMY
    assert top.rules[0x00200052].operation is Operation.UID
    assert top.rules[0x00080020].source == "mine elements[0]"


def test_own_rules_select_private_elements():
    plan = compile_own(
        "{tag: '*/(0029,\"ACME\",1x)', action: keep}", "{tag: '(0029,\"ACME\",20)', action: C}"
    )
    top = plan.get_root_level(CT)
    assert top.get_private_rule("ACME", 0x29, 0x10, "DS").operation is Operation.KEEP
    assert top.get_private_rule("ACME", 0x29, 0x11, "SQ").operation is Operation.RECURSE
    assert (
        top.get_item_level(0x00081140).get_private_rule("ACME", 0x29, 0x1F, "DS").operation
        is Operation.KEEP
    )
    assert top.get_private_rule("ACME", 0x29, 0x20, "LO").operation is Operation.CLEAN
    assert top.get_private_rule("ACME", 0x29, 0x21, "LO").operation is Operation.REMOVE
    assert top.get_private_rule("SIEMENS MR HEADER", 0x19, 0x0C, "IS").operation is Operation.KEEP
    assert (
        BASIC.get_root_level(CT).get_private_rule("SIEMENS MR HEADER", 0x19, 0x0C, "IS").operation
        is Operation.REMOVE
    )


def test_no_identifying_value_is_kept_inside_a_dummied_sequence():
    inside = BASIC.get_root_level(CT).get_item_level(
        0x00401101
    )  # Person Identification Code Sequence, D
    assert BASIC.get_root_level(CT).rules[0x00401101].operation is Operation.DUMMY
    for tag in (0x00080100, 0x00080104, 0x00080102):
        assert inside.rules[tag].operation is Operation.DUMMY
    assert inside.rules[0x00080121].operation is Operation.DUMMY  # a sequence inside
    assert (
        inside.get_private_rule("SIEMENS MR HEADER", 0x19, 0x0C, "IS").operation is Operation.REMOVE
    )


def test_overlays_are_kept_only_with_clean_graphics():
    top = RESEARCH.get_root_level(CT)
    for tag in (0x60000010, 0x60003000, 0x60023000, 0x60024000, 0x60000022, 0x50003000):
        assert top.rules[tag].operation is Operation.REMOVE
    cleaned = compile_own(options="[clean_graphics, clean_descriptors]").get_root_level(CT)
    assert cleaned.rules[0x60003000].operation is Operation.KEEP
    assert cleaned.rules[0x60000010].operation is Operation.KEEP
    assert cleaned.rules[0x60000022].operation is Operation.CLEAN
    assert cleaned.rules[0x50003000].operation is Operation.REMOVE


def test_caches_are_limited(monkeypatch):
    monkeypatch.setattr(compiled_rules_module, "_MAX_CACHED_RULES", 50)
    monkeypatch.setattr(compiled_rules_module, "_MAX_CACHED_LEVELS", 20)
    monkeypatch.setattr(compiled_rules_module, "_MAX_CACHED_SOP_CLASSES", 5)
    plan = CompiledRules(load_rules("research"))
    for number in range(200):
        top = plan.get_root_level(f"1.2.3.{number}")
        assert top.rules[0x00100010].operation is Operation.NAME
    assert len(plan._roots) == 5
    top = plan.get_root_level(CT)
    for number in range(200):
        assert top.rules[0x00189000 + number].operation in Operation
        assert top.get_private_rule("X", 0x19, number, "LO").operation is Operation.REMOVE
        top = top.get_item_level(0x00081140)
    assert len(top.rules) <= 50 and plan.cached_levels <= 20


def test_own_rules_are_indexed_by_tag():
    elements = [f'{{tag: "(0018,{n:04X})", action: Z}}' for n in range(0x100, 0x1100)]
    plan = compile_own(*elements, '{tag: "*/SeriesDescription", action: X}')
    top = plan.get_root_level(CT)
    assert top.rules[0x00180110].operation is Operation.EMPTY
    assert len(plan.index.find_candidates(0x00180110)) == 1
    assert top.rules[0x0008103E].operation is Operation.REMOVE


def test_a_rule_can_be_pickled():
    rule = RESEARCH.get_root_level(CT).rules[0x00081030]
    assert pickle.loads(pickle.dumps(rule)) == rule


def test_a_keep_list_removes_what_nothing_names_and_pixels_do_not_need():
    """No original value of another attribute than those of the documented exceptions is kept."""
    text = "name: a\nversion: 1\nprofile: basic\ndefault: remove\n"
    level = CompiledRules(parse_rules(text, "a")).get_root_level(CT)
    kept = {
        tag for tag in list_dictionary_tags()
        if level.rules[tag].operation in (Operation.KEEP, Operation.RECURSE, Operation.SHIFT)
        and find_row(tag) is None and tag != 0x00080005
    }  # fmt: skip
    for tag in kept:
        is_structure = tag >> 16 in (0x0028, 0x5400, 0x7FE0) and get_vr(tag) not in FREE_TEXT_VRS
        assert is_structure or level.get_type(tag) == "1" or tag in REQUIRED_TAGS, hex(tag)
    assert {0x00280010, 0x7FE00010, 0x00080060, 0x00080016} <= kept
    assert level.rules[0x00180060].operation is Operation.EMPTY  # KVP has Type 2
    assert level.rules[0x00180022].operation is Operation.REMOVE  # Scan Options has Type 3
