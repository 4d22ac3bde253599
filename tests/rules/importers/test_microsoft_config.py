"""Import of configurations of Microsoft's DICOM anonymizer."""

import pytest

from safelight.rules import Operation
from tests.rules.importers.helpers import compile_import

MICROSOFT = """{
 "rules": [
  {"tag": "(0008,0050)", "method": "redact"},
  {"tag": "(0040,1001)", "method": "remove"},
  {"tag": "00080020", "method": "dateshift"},
  {"tag": "SOPInstanceUID", "method": "refreshUID"},
  {"tag": "PatientID", "method": "cryptoHash"},
  {"tag": "(0010,0010)", "method": "encrypt"},
  {"tag": "(60xx,3000)", "method": "remove"},
  {"tag": "DA", "method": "dateshift"},
  {"tag": "PatientWeight", "method": "perturb"},
  {"tag": "StationName", "method": "substitute", "params": {"replaceWith": "S1"}},
  {"tag": "InstitutionName", "method": "substitute"},
  {"tag": "ImageType", "method": "keep"},
  {"tag": "ExposureTime", "method": "spin"},
  {"tag": "0001,xxxx", "method": "keep"},
  {"tag": "xxx1,xxxx", "method": "remove"}
 ],
 "defaultSettings": {"substitute": {"replaceWith": "GONE"}}
}
"""


@pytest.fixture(scope="module")
def imported():
    return compile_import(MICROSOFT)


@pytest.mark.parametrize(
    ("tag", "operation"),
    [
        (0x00080050, Operation.EMPTY),
        (0x00401001, Operation.REMOVE),
        (0x00080020, Operation.SHIFT),
        (0x00080021, Operation.SHIFT),
        (0x00080018, Operation.UID),
        (0x00100020, Operation.PATIENT_ID),
        (0x00100010, Operation.NAME),
        (0x00101030, Operation.TRANSFORM),
        (0x00080008, Operation.KEEP),
        (0x00181150, Operation.REMOVE),
    ],
)
def test_a_method_becomes_an_operation(imported, tag, operation):
    assert imported[1].rules[tag].operation is operation


@pytest.mark.parametrize(
    ("params", "noise", "is_percent"),
    [
        ("", (-50, 50), True),
        (', "params": {"span": 0.2, "rangeType": "Proportional"}', (-10, 10), True),
        (', "params": {"span": 6, "rangeType": "fixed"}', (-3, 3), False),
    ],
)
def test_the_noise_is_that_of_the_configuration(params, noise, is_percent):
    text = f'{{"rules": [{{"tag": "PatientWeight", "method": "perturb"{params}}}]}}'
    parameters = compile_import(text)[1].rules[0x00101030].parameters
    assert (parameters.first, parameters.last) == noise and parameters.is_percent is is_percent


def test_a_substitute_becomes_a_literal(imported):
    assert imported[1].rules[0x00081010].argument == "S1"


def test_the_default_substitute_is_used(imported):
    assert imported[1].rules[0x00080080].argument == "GONE"


def test_comments_and_lists_of_settings_are_read():
    text = """{
     // rules of the site
     "rules": [{"tag": "StationName", "method": "substitute"}, /* x */
               {"tag": "OtherPatientIDsRETIRED", "method": "keep"},
               {"tag": "KVP", "method": "perturb", "setting": "narrow"},],
     "defaultSettings": [{"substitute": {"replaceWith": "http://x"}}],
     "customSettings": [{"narrow": {"span": 2, "rangeType": "Fixed"}}]
    }"""
    _, level, remarks = compile_import(text)
    assert level.rules[0x00081010].argument == "http://x" and set(remarks) == {4}
    assert level.rules[0x00101000].operation is Operation.KEEP
    parameters = level.rules[0x00180060].parameters
    assert (parameters.first, parameters.last) == (-1, 1)


def test_a_private_creator_follows_the_tag():
    text = '{"rules": [{"tag": "(0019,100c:ACME MR)", "method": "keep"}]}'
    level = compile_import(text)[1]
    found = [level.get_private_rule(name, 0x19, 0x110C, "LO") for name in ("ACME MR", "OTHER")]
    assert [one.operation for one in found] == [Operation.KEEP, Operation.REMOVE]


def test_an_unknown_method_gets_a_remark(imported):
    assert "spin" in imported[2][15]


def test_private_elements_are_selected_by_number(imported):
    operations = [
        imported[1].get_private_rule("ACME", group, 0x1001, "LO").operation
        for group in (0x0001, 0x0011)
    ]
    assert operations == [Operation.KEEP, Operation.REMOVE] and not {16, 17} & set(imported[2])


@pytest.mark.parametrize(
    ("params", "expected"),
    [("", (-50, 50)), (', "params": {"dateShiftRange": 20}', (-20, 20))],
)
def test_the_range_of_a_shift_is_that_of_the_configuration(params, expected):
    text = f'{{"rules": [{{"tag": "StudyDate", "method": "dateshift"{params}}}]}}'
    assert compile_import(text)[0].shift_range == expected
