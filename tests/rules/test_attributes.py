"""VR and keyword of standard attributes."""

import pytest

from safelight.rules.attributes import format_attribute, get_vr, is_retired


@pytest.mark.parametrize(
    ("tag", "vr"),
    [
        (0x00100010, "PN"),
        (0x7FE00010, "OB"),  # OB or OW
        (0x0040E012, "UR"),  # in Table E.1-1, newer than the data dictionary
        (0x00189999, ""),
    ],
)
def test_vr(tag, vr):
    assert get_vr(tag) == vr


def test_retired_attributes_are_marked_in_the_dictionary():
    assert is_retired(0x00204000) is False and is_retired(0x00200070) is True


def test_an_attribute_without_keyword_is_formatted_as_tag():
    assert format_attribute(0x00100010) == "(0010,0010) PatientName"
    assert format_attribute(0x00189999) == "(0018,9999)"
