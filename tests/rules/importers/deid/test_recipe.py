"""Import of pydicom/deid recipes."""

import pytest

from safelight.rules import Operation
from safelight.rules.importers import RulesImportError, import_rules
from tests.rules.importers.helpers import compile_import

DEID = """FORMAT dicom

%filter graylist
LABEL Dose Report
  contains Modality CT
  coordinates 0,0,512,121

%header
BLANK PatientBirthDate
REMOVE startswith:IssueDate|Interpretation
REMOVE endswith:ID
REMOVE PatientsName # unknown keyword
KEEP PixelSpacing
REMOVE PixelSpacing
JITTER StudyDate 31
REPLACE PatientID var:id
REPLACE PatientName func:scramble
REPLACE StationName CLEANED
REMOVE (0010,2154)
REMOVE select:VR:PN
REMOVE values:all
ADD PatientIdentityRemoved YES
"""


@pytest.fixture(scope="module")
def imported():
    return compile_import(DEID)


@pytest.mark.parametrize(
    ("tag", "operation"),
    [
        (0x00100030, Operation.EMPTY),
        (0x00402004, Operation.REMOVE),  # Issue Date of Imaging Service Request
        (0x00280030, Operation.KEEP),  # KEEP precedes REMOVE
        (0x00080020, Operation.SHIFT),
        (0x00100020, Operation.PATIENT_ID),
        (0x00100010, Operation.NAME),
        (0x00102154, Operation.REMOVE),
        (0x00080090, Operation.REMOVE),
    ],
)
def test_an_action_becomes_an_operation(imported, tag, operation):
    assert imported[1].rules[tag].operation is operation


def test_text_becomes_a_literal(imported):
    assert imported[1].rules[0x00081010].argument == "CLEANED"


def test_removed_uids_are_mapped(imported):
    assert imported[1].rules[0x00200010].operation is Operation.REMOVE
    assert imported[1].rules[0x0020000D].operation is Operation.UID


@pytest.mark.parametrize(
    "part",
    [
        "PatientsName is not a keyword", "no section %values all",
    ],
)  # fmt: skip
def test_lines_without_counterpart_get_a_remark(imported, part):
    assert any(part in remark for remark in imported[2].values())


@pytest.mark.parametrize("line", ["REMOVE ALL values:pi", "REMOVE values:pi", "KEEP values:pi"])
def test_values_of_the_patient_are_searched_for_by_the_run(line):
    section = "%values pi\nSPLIT PatientName splitval='^';minlength=4\nFIELD PatientID\n"
    imported = import_rules(f"FORMAT dicom\n{section}%header\n{line}\n", "their.file")
    assert "elements:" not in imported.text.replace("elements: []", "")
    assert [one.is_downgrade for one in imported.remarks] == [False]


def test_fields_that_hold_other_values_are_all_changed():
    recipe = "FORMAT dicom\n%values pi\nFIELD StationName\n%header\n"
    _, level, remarks = compile_import(f"{recipe}REMOVE contains:Desc values:pi\n")
    assert level.rules[0x00081030].operation is Operation.REMOVE and "all fields" in remarks[5]
    assert level.rules[0x00180060].operation is Operation.KEEP
    _, level, _ = compile_import(f"{recipe}BLANK values:pi\n")
    assert level.rules[0x00180060].operation is Operation.EMPTY


@pytest.mark.parametrize("field", ["near:Date", "contains:(?=Date)"])
def test_fields_that_cannot_be_found_are_refused_unless_they_are_kept(field):
    with pytest.raises(RulesImportError, match="line 3: the fields of REMOVE .* name the fields"):
        compile_import(f"FORMAT dicom\n%header\nREMOVE {field}\n")
    assert "left out" in compile_import(f"FORMAT dicom\n%header\nKEEP {field}\n")[2][3]


def test_fields_of_files_and_messages_get_no_remark():
    recipe = "FORMAT dicom\n%header\nKEEP allexcept:Patient\n"
    remarks = import_rules(recipe, "their.file").remarks
    assert not any("FileMeta" in one.text or "Command" in one.text for one in remarks)


def test_an_expander_names_only_keywords_that_rules_know():
    imported = import_rules("FORMAT dicom\n%header\nREMOVE except:Modality\n", "their.file")
    assert not any("not a keyword" in remark.text for remark in imported.remarks)
