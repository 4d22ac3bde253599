"""Import of CTP filter scripts."""

import pytest

from safelight.rules.importers import RulesImportError, import_rules
from tests.rules.importers.test_import_behaviour import deidentify, make_object

FILTER = '![0008,0008].contains("SAVE") *\n[0018,1012].equals("") *\n![0028,0301].contains("YES")'


@pytest.mark.parametrize(
    ("values", "is_released"),
    [({}, True), ({"ImageType": ["DERIVED", "SCREEN SAVE"]}, False),
     ({"DateOfSecondaryCapture": "20200101"}, False), ({"BurnedInAnnotation": "YES"}, False)],
)  # fmt: skip
def test_objects_that_do_not_pass_are_quarantined(values, is_released):
    assert (deidentify(FILTER, make_object(**values)).data is not None) is is_released


def test_a_filter_that_cannot_be_expressed_quarantines_all():
    script = 'Modality.equals("CT") * [0029,1010].resembles("x")'
    assert deidentify(script).data is None
    assert import_rules(script, "f").has_downgrades


def test_a_text_without_expression_is_refused():
    with pytest.raises(RulesImportError, match="no expression"):
        import_rules("hello", "f", "ctp-filter")
