"""Categories of attributes that Table E.1-1 does not list."""

from pydicom.datadict import dictionary_VR

from safelight.standard.attribute_categories import (
    is_class_uid_attribute,
    is_constant_date,
    is_direct_identifier,
    is_identifying_attribute,
    is_registered_uid,
    is_technical_attribute,
    load_categories,
)
from safelight.standard.confidentiality import find_row


def test_known_attributes_have_their_category():
    assert is_technical_attribute(0x00080070) and is_technical_attribute(
        0x00080104
    )  # Manufacturer, Code Meaning
    assert not is_technical_attribute(0x00204000) and not is_technical_attribute(
        0x0040A160
    )  # comments, Text Value
    assert is_class_uid_attribute(0x00080016) and not is_class_uid_attribute(0x00080018)
    assert is_identifying_attribute(0x00100033)  # birth date in another calendar


#: Categories that say more about attributes, whether Table E.1-1 lists them or not.
ADDITIONAL = ("direct_identifiers", "constant_dates", "shared_dates", "shared_texts")


def test_categories_have_only_unlisted_attributes():
    for name, tags in load_categories().items():
        assert tags
        if name in ADDITIONAL:
            continue
        for tag in tags - {0x00020002, 0x00020010, 0x00020012}:
            assert find_row(tag) is None, (name, hex(tag))
    assert not load_categories()["technical"] & load_categories()["identifying"]


def test_the_vr_fits_the_category():
    for tag in load_categories()["technical"]:
        assert dictionary_VR(tag) in ("LO", "SH", "ST", "LT", "UT", "UC"), hex(tag)
    for tag in load_categories()["class_uids"]:
        assert dictionary_VR(tag) == "UI", hex(tag)


def test_dates_of_context_groups_and_templates_are_constant():
    assert is_constant_date(0x00080106) and is_constant_date(0x0040DB06)
    assert not is_constant_date(0x00080020)


def test_identifiers_of_persons_are_direct():
    assert is_direct_identifier(0x00100010) and is_direct_identifier(0x00080050)
    assert not is_direct_identifier(0x00100040)


def test_registered_uids_are_those_of_the_standard():
    assert is_registered_uid("1.2.840.10008.1.2")
    assert is_registered_uid("1.2.840.10008.5.1.4.1.1.2")
    assert not is_registered_uid("1.2.840.10008.5.1.4.1.1.2.99999")
    assert not is_registered_uid("")
