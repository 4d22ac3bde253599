"""Import of strategy files of John Snow Labs."""

import pytest

from safelight.rules.importers import RulesImportError, import_rules
from tests.rules.importers.test_import_behaviour import deidentify, make_object, read

STRATEGY = """Tags,VR,Name,Status,Action,Option
"(0008, 1010)",SH,StationName,,replaceWithLiteral,CLEANED
"(0010, 0010)",PN,PatientName,,replaceWithRandomName,coherent
"(0010, 0020)",LO,PatientID,,patientHashId,
"(0008, 0020)",DA,StudyDate,,shiftDateByFixedNbOfDays,-30
"(0010, 1010)",AS,PatientAge,,capAgeAt99IfOver90,
"(0018, 0060)",DS,KVP,,delete,
"(0018, 0050)",DS,SliceThickness,,remove,
"(0008, 1030)",LO,StudyDescription,,inventName,
"(0012, 0030)",LO,ClinicalTrialSiteID,,ensureTagExists,
"(0008, 0030)",TM,StudyTime,,shiftTimeByRandom,
"(0010, 2180)",SH,Occupation,,ensureTagExists,
"(60,)",GROUP,Overlays,,delete,
"""


@pytest.fixture(scope="module")
def new():
    return read(STRATEGY, make_object(StudyDescription="HEAD"))


def test_values_are_replaced(new):
    assert new.StationName == "CLEANED"
    assert new.PatientName != "Mustermann^Max" and new.PatientID not in ("", "MRN-4711")


def test_dates_are_shifted(new):
    assert new.StudyDate not in ("", "20190219")


def test_ages_are_kept_up_to_89(new):
    assert new.PatientAge == "047Y"


def test_elements_are_removed_or_emptied(new):
    assert not new.get("KVP") and not new.get("SliceThickness")


def test_an_unknown_action_removes_and_is_told(new):
    assert not new.get("StudyDescription")
    remarks = import_rules(STRATEGY, "strategy.csv").remarks
    assert [remark.line for remark in remarks] == [9, 10, 12]
    assert [remark.is_downgrade for remark in remarks] == [True, False, False]


def test_times_and_numbers_get_noise():
    assert read(STRATEGY).StudyTime not in ("", "101112")
    text = (
        'Tags,VR,Name,Status,Action,Option\n"(0018,9219)",SL,x,,shiftUnixTimeStampRandom,\n'
        '"(0010,1010)",AS,x,,shiftAgeByRandom,\n'
    )
    new = read(text)
    assert new.PatientAge not in ("", "047Y")


def test_an_element_that_must_exist_is_kept_or_created():
    assert read(STRATEGY, make_object(Occupation="BAKER")).Occupation == "BAKER"
    text = 'Tags,VR,Name,Status,Action,Option\n"(0018,0060)",DS,x,,ensureTagExists,\n'
    source = make_object()
    del source.KVP
    assert read(text, source).KVP == 0 and read(text).KVP == 120
    assert "Occupation" not in read(STRATEGY)


def test_other_columns_are_refused():
    with pytest.raises(RulesImportError, match="columns"):
        import_rules("a,b\n1,2\n", "strategy.csv", "jsl")


def test_a_tag_that_cannot_be_read_is_refused():
    head = "Tags,VR,Name,Status,Action,Option\n"
    with pytest.raises(RulesImportError, match="line 2: the tag has no counterpart; correct"):
        import_rules(f'{head}"(0010)",LO,PatientID,,delete,\n', "strategy.csv")
    assert not import_rules(f'{head}"(0019,0010)",LO,x,,delete,\n', "strategy.csv").remarks


def test_a_mapping_that_is_not_part_of_the_file_quarantines():
    text = 'Tags,VR,Name,Status,Action,Option\n"(0010, 0020)",LO,PatientID,,replaceWithMapping,\n'
    assert deidentify(text).data is None


def test_a_byte_order_mark_is_ignored():
    assert read("\ufeff" + STRATEGY).StationName == "CLEANED"
