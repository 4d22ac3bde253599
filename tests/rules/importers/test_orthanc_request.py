"""Import of Orthanc's requests to anonymize."""

import pytest
from pydicom.dataset import Dataset

from safelight.rules.importers import RulesImportError, import_rules
from tests.rules.importers.test_import_behaviour import make_object, read

REQUEST = """{
 "Keep": ["StudyDescription", "0008-1010"],
 "Remove": ["KVP", "ReferencedStudySequence[*].StudyID", "SliceThickness"],
 "Replace": {"ClinicalTrialSiteID": "S1", "0008-0070": "VENDOR", "StudyDescription": "S"},
 "DicomVersion": "2023b"
}"""


@pytest.fixture(scope="module")
def new():
    nested = Dataset()
    nested.StudyID = "ID-7"
    return read(REQUEST, make_object(ReferencedStudySequence=[nested], StudyDescription="HEAD"))


def test_a_tag_that_cannot_be_read_is_refused():
    with pytest.raises(RulesImportError, match="line 1: the tag has no counterpart; correct"):
        import_rules('{"Remove": ["0010-00"]}', "request.json")
    assert not import_rules('{"Remove": ["0019-0010"]}', "request.json").remarks


def test_comments_are_ignored():
    assert read('// x\n{"Keep": ["StationName"] /* x */ } // y').StationName == "CT99"


def test_kept_elements_are_kept(new):
    assert new.StationName == "CT99"


def test_removed_elements_are_removed(new):
    assert not new.get("KVP") and not new.get("SliceThickness") and "ID-7" not in str(new)


def test_replaced_elements_are_replaced_or_created(new):
    assert new.Manufacturer == "VENDOR" and new.ClinicalTrialSiteID == "S1"


def test_a_replacement_precedes_a_kept_original(new):
    assert new.StudyDescription == "S"


def test_the_profile_decides_on_other_elements(new):
    assert new.PatientName != "Mustermann^Max" and new.PatientID != "MRN-4711"


@pytest.mark.parametrize("keep", ["NoKeyword", "ReferencedStudySequence[0].StudyID"])
def test_tags_without_counterpart_are_told(keep):
    imported = import_rules(f'{{"Keep": ["{keep}"]}}', "request.json")
    assert imported.has_downgrades


def test_a_request_to_modify_gets_a_remark():
    imported = import_rules('{"Replace": {"StationName": "X"}, "RemovePrivateTags": true}', "r")
    assert any("request to modify" in one.text for one in imported.remarks)


def test_private_elements_are_kept_by_number():
    dataset = make_object()
    block = dataset.private_block(0x19, "ACME", create=True)
    block.add_new(1, "LO", "soft")
    block.add_new(2, "LO", "hard")
    new = read('{"Keep": ["0019-1001"], "Replace": {"0019,1002": "NEW"}}', dataset)
    assert (new[0x0019, 0x1001].value, new[0x0019, 0x1002].value) == ("soft", "NEW")


def test_all_private_elements_can_be_kept():
    private = make_object()
    private.private_block(0x19, "ACME", create=True).add_new(1, "LO", "soft")
    assert '"soft"' in repr(str(read('{"KeepPrivateTags": true}', private))).replace("'", '"')


@pytest.mark.parametrize("text", ['{"a": 1}', "[]", "{"])
def test_other_texts_are_refused(text):
    with pytest.raises(RulesImportError):
        import_rules(text, "request.json", "orthanc")
