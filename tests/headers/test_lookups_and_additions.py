"""Lookup tables, composed values and created elements."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet
from pydicom.dataset import Dataset

from safelight.headers.possible_codes import list_possible_codes
from safelight.records import Status
from safelight.rules import RulesError, load_rules
from safelight.rules.lint import lint
from tests.headers.objects import deidentify, make_deidentifier, make_object, to_bytes

TABLE = "patient_id,study_id,site\nPX440172,S-001,A\n px 2 ,S-002,\n"


def make_rules(folder: Path, body: str, table: str = "", rows: str = TABLE) -> Any:
    """Write a table and a rules file, and load it."""
    (folder / "subjects.csv").write_text(rows, encoding="utf-8")
    (folder / "rules.yaml").write_text(
        "name: a\nversion: '1'\nprofile: basic\n"
        f"lookups: {{subjects: {{uri: subjects.csv, key: patient_id{table}}}}}\n{body}\n",
        encoding="utf-8",
    )
    return load_rules(folder / "rules.yaml")


LOOKUP = "elements: [{tag: PatientID, action: lookup, table: subjects, column: study_id}]"


def test_an_identifier_is_replaced_by_the_table(tmp_path: Path) -> None:
    new, result = deidentify(make_object(), make_rules(tmp_path, LOOKUP))
    assert new.PatientID == "S-001" and new.PatientIdentityRemoved == "YES"
    assert ("patient_id", "PX440172", "S-001") in [
        (one.kind, one.original, one.pseudonym) for one in result.mappings
    ]


def test_case_and_spaces_of_the_key_do_not_count(tmp_path: Path) -> None:
    new, _ = deidentify(make_object(PatientID="PX  2"), make_rules(tmp_path, LOOKUP))
    assert new.PatientID == "S-002"


@pytest.mark.parametrize("column", ["study_id", "site"])
def test_a_missing_row_or_value_quarantines(tmp_path: Path, column: str) -> None:
    rules = make_rules(tmp_path, LOOKUP.replace("study_id", column))
    patient = "OTHER" if column == "study_id" else "PX 2"
    result = make_deidentifier(rules).deidentify(to_bytes(make_object(PatientID=patient)))
    assert (result.status, result.reason_code) == (Status.QUARANTINED, "lookup_missing")
    assert "OTHER" not in result.reason and "PX" not in result.reason


def test_a_missing_row_removes_or_derives(tmp_path: Path) -> None:
    ds = make_object(PatientID="OTHER")
    new, _ = deidentify(ds, make_rules(tmp_path, LOOKUP, ", missing: remove"))
    assert not new.get("PatientID")
    new, result = deidentify(ds, make_rules(tmp_path, LOOKUP, ", missing: derive"))
    assert new.PatientID == result.patient_pseudonym


def test_a_missing_row_keeps_the_value_or_writes_a_default(tmp_path: Path) -> None:
    ds = make_object(PatientID="OTHER", StationName="of OTHER")
    new, _ = deidentify(ds, make_rules(tmp_path, LOOKUP, ", missing: keep"))
    assert (new.PatientID, new.PatientIdentityRemoved) == ("OTHER", "NO")
    assert "OTHER" not in new.get("StationName", "")
    rules = make_rules(tmp_path, LOOKUP, ", missing: default, default: NONE")
    new, result = deidentify(ds, rules)
    assert (new.PatientID, new.PatientIdentityRemoved) == ("NONE", "YES")
    new, _ = deidentify(make_object(), rules)
    assert new.PatientID == "S-001"


def test_a_kept_description_is_searched_for_known_values(tmp_path: Path) -> None:
    body = "elements: [{tag: SeriesDescription, action: lookup, table: subjects, column: study_id}]"
    rules = make_rules(tmp_path, body, ", match: this, missing: keep")
    new, _ = deidentify(make_object(SeriesDescription="Head PX440172"), rules)
    assert "Head" in new.SeriesDescription and "PX440172" not in new.SeriesDescription
    private = body.replace("SeriesDescription", "'(0019,\"ACME\",xx)'")
    ds = make_object()
    ds.private_block(0x0019, "ACME", create=True).add_new(1, "LO", "soft")
    new, _ = deidentify(ds, make_rules(tmp_path, private, ", match: this, missing: keep"))
    assert new[0x00191001].value == "soft"


def test_the_text_model_reads_a_text_that_a_lookup_may_keep(tmp_path: Path) -> None:
    body = "elements: [{tag: SeriesDescription, action: lookup, table: subjects, column: study_id}]"
    rules = make_rules(tmp_path, body, ", match: this, missing: keep")
    ds = make_object(SeriesDescription="Head of Quillfeather")
    texts = make_deidentifier(rules).scan(to_bytes(ds)).texts
    assert "Head of Quillfeather" in texts


def test_a_lookup_that_may_keep_may_give_the_code_of_an_option(tmp_path: Path) -> None:
    body = "elements: [{tag: StationName, action: lookup, table: subjects, column: study_id}]"
    for missing, is_possible in (("keep", True), ("derive", False)):
        rules = make_rules(tmp_path, body, f", match: this, missing: {missing}")
        assert ("113109" in list_possible_codes(rules)) is is_possible


def test_a_table_that_holds_the_original_does_not_remove_the_identity(tmp_path: Path) -> None:
    rules = make_rules(tmp_path, LOOKUP, rows="patient_id,study_id\nPX440172,PX440172\n")
    new, _ = deidentify(make_object(), rules)
    assert (new.PatientID, new.PatientIdentityRemoved) == ("PX440172", "NO")
    assert "DeidentificationMethodCodeSequence" not in new


@pytest.mark.parametrize(("missing", "is_found"), [("keep", True), ("derive", False)])
def test_lint_reports_a_table_that_keeps_identifiers(
    tmp_path: Path, missing: str, is_found: bool
) -> None:
    codes = {one.code for one in lint(make_rules(tmp_path, LOOKUP, f", missing: {missing}"))}
    assert ("identifier-kept" in codes) is is_found


@pytest.mark.parametrize(
    ("table", "expected"),
    [(", missing: default", "default: the value"), (", default: X", "missing: default")],
)
def test_a_default_and_its_action_belong_together(
    tmp_path: Path, table: str, expected: str
) -> None:
    with pytest.raises(RulesError, match=expected):
        make_rules(tmp_path, LOOKUP, table)


def test_another_element_is_the_key(tmp_path: Path) -> None:
    body = "elements: [{tag: StationName, action: lookup, table: subjects, column: study_id}]"
    rules = make_rules(tmp_path, body, ", match: this", "patient_id,study_id\nroom1,R1\n")
    new, _ = deidentify(make_object(StationName="ROOM1"), rules)
    assert new.StationName == "R1"


def test_edits_of_one_object_are_not_reused_for_another(tmp_path: Path) -> None:
    body = "elements: [{tag: StationName, action: lookup, table: subjects, column: study_id}]"
    rules = make_rules(
        tmp_path, body, ", match: SeriesDescription", "patient_id,study_id\na,R1\nb,R2\n"
    )
    deidentifier = make_deidentifier(rules)
    for description, wanted in (("a", b"R1"), ("b", b"R2"), ("a", b"R1")):
        ds = make_object(StationName="ROOM1", SeriesDescription=description)
        assert wanted in (deidentifier.deidentify(to_bytes(ds)).data or b"")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("patient_id,site\na,b\n", "the column study_id"),
        ("patient_id,study_id\na,b\nA,c\n", "one row for each value"),
        ("patient_id,study_id\na\n", "readable CSV"),
        ("", "readable CSV"),
    ],
)
def test_an_unusable_table_is_an_error_without_its_values(
    tmp_path: Path, rows: str, message: str
) -> None:
    with pytest.raises(RulesError, match=message):
        make_deidentifier(make_rules(tmp_path, LOOKUP, rows=rows))


def test_parquet_is_read(tmp_path: Path) -> None:
    table = pa.table({"patient_id": ["PX440172"], "study_id": [17]})
    parquet.write_table(table, tmp_path / "subjects.parquet")
    make_rules(tmp_path, LOOKUP)
    rules_file = tmp_path / "rules.yaml"
    rules_file.write_text(rules_file.read_text().replace("subjects.csv", "subjects.parquet"))
    new, _ = deidentify(make_object(), load_rules(rules_file))
    assert new.PatientID == "17"


def test_a_text_is_composed_of_values_of_the_new_object(tmp_path: Path) -> None:
    body = (
        "elements:\n"
        "- {tag: '*/SeriesDescription', action: text, value: 'Study of {Modality} {PatientID}'}\n"
        "- {tag: '*/ReferencedImageSequence', action: keep}\n"
    )
    item = Dataset()
    item.SeriesDescription = "Tomas Hargreave"
    ds = make_object(SeriesDescription="Tomas Hargreave", ReferencedImageSequence=[item])
    new, result = deidentify(ds, make_rules(tmp_path, body))
    wanted = f"Study of CT {result.patient_pseudonym}"
    assert new.SeriesDescription == wanted
    assert new.ReferencedImageSequence[0].SeriesDescription == wanted


def test_a_text_takes_the_first_value_at_a_path(tmp_path: Path) -> None:
    body = (
        "elements:\n"
        "- {tag: StudyDescription, action: text, value: '{ProcedureCodeSequence/CodeMeaning}'}\n"
        "add: [{tag: SeriesDescription, value: '{AnatomicRegionSequence/CodeMeaning}'}]\n"
    )
    items = [Dataset(), Dataset(), Dataset()]
    for item, meaning in zip(items, ("", "CT Thorax", "CT Head"), strict=True):
        item.CodeMeaning = meaning
    ds = make_object(StudyDescription="x", ProcedureCodeSequence=items)
    new, _ = deidentify(ds, make_rules(tmp_path, body))
    assert new.StudyDescription == "CT Thorax" and not new.get("SeriesDescription")


@pytest.mark.parametrize("sequences", [1, 2])
def test_texts_inside_sequences_do_not_refer_to_each_other_in_a_circle(
    tmp_path: Path, sequences: int
) -> None:
    body = (
        "elements:\n"
        "- {tag: ProcedureCodeSequence/CodeMeaning, action: text,"
        " value: 'a {AnatomicRegionSequence/CodeMeaning}'}\n"
        "- {tag: '*/CodeMeaning', action: text, value: 'b {ProcedureCodeSequence/CodeMeaning}'}\n"
    )
    item = Dataset()
    item.CodeMeaning = "CT Thorax"
    names = ("AnatomicRegionSequence", "ProcedureCodeSequence")[-sequences:]
    ds = make_object(**{name: [item] for name in names})
    new, _ = deidentify(ds, make_rules(tmp_path, body))
    assert "CT Thorax" not in str(new)


def test_texts_do_not_refer_to_each_other_in_a_circle(tmp_path: Path) -> None:
    body = (
        "elements:\n- {tag: SeriesDescription, action: text, value: 'a {StudyDescription}'}\n"
        "- {tag: StudyDescription, action: text, value: 'b {SeriesDescription}'}\n"
    )
    ds = make_object(SeriesDescription="x", StudyDescription="y")
    new, _ = deidentify(ds, make_rules(tmp_path, body))
    assert (new.SeriesDescription, new.StudyDescription) == ("a", "b")


def test_elements_are_created_for_objects_that_meet_the_condition(tmp_path: Path) -> None:
    body = (
        "add:\n"
        "- {tag: ClinicalTrialProtocolID, value: TRIAL-7, always: true}\n"
        "- {tag: ClinicalTrialSubjectID, lookup: {table: subjects, column: study_id}}\n"
        "- {tag: ClinicalTrialSiteID, value: CT, when: {Modality: {equals: CT}}}\n"
        "- {tag: ClinicalTrialSiteID, value: other}\n"
        "- {tag: ClinicalTrialSponsorName, value: never, when: {Modality: {equals: MR}}}\n"
        "- {tag: ClinicalTrialProtocolName, value: '{Modality} of {PatientID}'}\n"
    )
    new, result = deidentify(make_object(ClinicalTrialProtocolID="OLD"), make_rules(tmp_path, body))
    assert (new.ClinicalTrialProtocolID, new.ClinicalTrialSubjectID) == ("TRIAL-7", "S-001")
    assert new.ClinicalTrialSiteID == "CT" and "ClinicalTrialSponsorName" not in new
    assert new.ClinicalTrialProtocolName == f"CT of {result.patient_pseudonym}"
    inserted = [one.keyword for one in result.actions if one.action == "inserted"]
    assert inserted == [
        "ClinicalTrialProtocolID", "ClinicalTrialSubjectID", "ClinicalTrialSiteID",
        "ClinicalTrialProtocolName",
    ]  # fmt: skip


def test_an_element_is_created_only_if_the_new_object_lacks_it(tmp_path: Path) -> None:
    body = "add: [{tag: Manufacturer, value: NONE}, {tag: InstitutionName, value: NONE}]"
    ds = make_object(Manufacturer="ACME", InstitutionName="Northfield")
    new, _ = deidentify(ds, make_rules(tmp_path, body))
    assert (new.Manufacturer, new.InstitutionName) == ("ACME", "NONE")


def test_a_created_value_that_the_vr_cannot_hold_quarantines(tmp_path: Path) -> None:
    rules = make_rules(tmp_path, "add: [{tag: PatientAge, value: '{Modality}'}]")
    result = make_deidentifier(rules).deidentify(to_bytes(make_object()))
    assert result.reason_code == "invalid_value"


@pytest.mark.parametrize(
    "entry",
    [
        "{tag: PatientAge, value: old}", "{tag: Rows, value: '5'}", "{tag: Modality}",
        "{tag: '(0012,0062)', value: 'YES'}", "{tag: ContentSequence, value: a}",
        "{tag: '*/PatientAge', value: 005Y}", "{tag: StationName, value: a, lookup: {table: b}}",
        "{tag: StationName, lookup: {table: others, column: a}}",
        "{tag: StationName, value: '{(0019,\"A\",01)}'}",
        "{tag: StationName, value: '{(0019,1001)}'}", "{tag: SpecificCharacterSet, value: A}",
        "{tag: Item, value: A}",
    ],
)  # fmt: skip
def test_a_wrong_addition_is_an_error(tmp_path: Path, entry: str) -> None:
    with pytest.raises(RulesError):
        make_rules(tmp_path, f"add: [{entry}]")
