"""Attribute Types by IOD and nesting level."""

import pytest

from safelight.standard.iod import UNKNOWN_IOD, find_iod_level, get_edition, is_sop_class

CT = "1.2.840.10008.5.1.4.1.1.2"
ENHANCED_CT = "1.2.840.10008.5.1.4.1.1.2.1"
WHOLE_SLIDE = "1.2.840.10008.5.1.4.1.1.77.1.6"
COMPREHENSIVE_SR = "1.2.840.10008.5.1.4.1.1.88.33"


@pytest.mark.parametrize(
    ("sop_class", "tag", "kind"),
    [
        (CT, 0x00100010, "2"),  # Patient's Name
        (CT, 0x0020000D, "1"),  # Study Instance UID
        (CT, 0x00081030, "3"),  # Study Description
        (CT, 0x00080022, "3"),  # Acquisition Date
        (ENHANCED_CT, 0x0008002A, "1C"),  # Acquisition DateTime
        (ENHANCED_CT, 0x00181000, "1"),  # Device Serial Number
        (WHOLE_SLIDE, 0x00400512, "1"),  # Container Identifier
        (CT, 0x300A00B2, ""),  # Treatment Machine Name
    ],
)
def test_type_at_the_top_level(sop_class, tag, kind):
    assert find_iod_level(sop_class).get_type(tag) == kind


def test_types_inside_sequences_differ_from_the_top_level():
    top = find_iod_level(CT)
    code = top.get_item_level(0x00081032)  # Procedure Code Sequence
    assert code.get_type(0x00080104) == "1"  # Code Meaning
    assert top.get_type(0x00080104) == ""
    assert not top.defines(0x00080104)


def test_functional_groups_are_followed():
    shared = find_iod_level(ENHANCED_CT).get_item_level(0x52009229)
    measures = shared.get_item_level(0x00289110)
    assert measures.get_type(0x00280030) == "1C"  # Pixel Spacing
    assert not find_iod_level(CT).defines(0x52009229)


def test_content_items_nest_without_limit():
    level = find_iod_level(COMPREHENSIVE_SR)
    for _ in range(12):
        level = level.get_item_level(0x0040A730)
        assert level.get_type(0x0040A040) == "1"  # Value Type
        assert level.defines(0x0040A160)  # Text Value
        assert not level.defines(0x00100010)


def test_an_unknown_sop_class_defines_attributes_of_all_modules():
    private = find_iod_level("1.2.3.4")
    assert private == UNKNOWN_IOD
    assert private.defines(0x00280010) and private.defines(0x00400512)
    assert private.get_type(0x00100010) == ""
    assert not private.defines(0x00189999)
    assert private.get_item_level(0x00081032).defines(0x00080104)


def test_an_undefined_sequence_has_items_without_types():
    inside = find_iod_level(CT).get_item_level(0x300A00B0)
    assert inside.get_type(0x00100010) == ""
    assert inside.defines(0x00100010)


def test_edition_and_sop_classes():
    assert get_edition() == "2026b"
    assert is_sop_class(CT) and not is_sop_class("1.2.840.10008.1.2")
