"""Objects that imported rules de-identify have the fate that the other tool gives them."""

from __future__ import annotations

import io

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from safelight import Deidentifier
from safelight.rules import parse_rules
from safelight.rules.importers import import_rules

KEY = bytes(range(32))


def make_object(**values):
    """Return a CT object without pixels, with values by keyword."""
    dataset = Dataset()
    dataset.SOPClassUID = CTImageStorage
    dataset.SOPInstanceUID = "1.2.3.4.1"
    dataset.StudyInstanceUID, dataset.SeriesInstanceUID = "1.2.3.4.2", "1.2.3.4.3"
    dataset.Modality = "CT"
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
    dataset.PatientName, dataset.PatientID = "Mustermann^Max", "MRN-4711"
    dataset.PatientBirthDate, dataset.PatientAge = "19470608", "047Y"
    dataset.StudyDate, dataset.StudyTime = "20190219", "101112"
    dataset.KVP, dataset.Manufacturer, dataset.SliceThickness = "120", "ACME", "5"
    dataset.StationName = "CT99"
    for keyword, value in values.items():
        setattr(dataset, keyword, value)
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.MediaStorageSOPClassUID = CTImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    return dataset


def deidentify(text, dataset=None, kind=None):
    """Return the result for an object under imported rules."""
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset or make_object(), enforce_file_format=True)
    rules = import_rules(text, "their.file", kind).text
    deidentifier = Deidentifier(rules, key=KEY, pixels=False, text=False)
    return deidentifier.deidentify(stream.getvalue())


def read(text, dataset=None, kind=None):
    """Return the new object under imported rules."""
    result = deidentify(text, dataset, kind)
    assert result.data is not None, result.reason_code
    return pydicom.dcmread(io.BytesIO(result.data), force=True)


def ctp(*lines, more=""):
    """Return a CTP script with lines of (tag, script)."""
    elements = "".join(f'<e en="T" t="{tag}" n="x">{script}</e>\n' for tag, script in lines)
    return f'<script><p t="SHORTNAME">Project</p><p t="SITEID">7</p>{elements}{more}</script>'


def deid(header, filters=""):
    return f"FORMAT dicom\n{filters}\n%header\n{header}\n"


# ------------------------------------------------------------------------------------ CTP


def test_comments_of_xml_are_no_rules():
    script = (
        '<script><!-- <e en="T" t="00100010" n="PatientName">@keep()</e> -->'
        '<e en="T" t="00100010" n="PatientName">@remove()</e></script>'
    )
    assert str(read(script).get("PatientName", "")) != "Mustermann^Max"


def test_the_last_line_for_a_tag_decides():
    script = ctp(("00100020", "@keep()"), ("00100020", "@hash(this,10)"))
    assert read(script).PatientID != "MRN-4711"


@pytest.mark.parametrize(
    ("image_type", "status"),
    [(["DERIVED", "SECONDARY", "SCREEN SAVE"], "quarantined"), (["ORIGINAL"], "deidentified")],
)
def test_a_conditional_quarantine_stays_one(image_type, status):
    script = ctp(("00080008", '@if(this,contains,"SCREEN SAVE"){@quarantine()}{@keep()}'))
    result = deidentify(script, make_object(ImageType=image_type))
    assert result.status.value == status


def test_the_other_clause_of_a_condition_is_applied():
    script = ctp(("00080008", '@if(this,contains,"SCREEN SAVE"){@quarantine()}{@keep()}'))
    assert list(read(script).ImageType) == ["ORIGINAL", "PRIMARY", "AXIAL"]


@pytest.mark.parametrize(
    ("script", "found", "expected"),
    [
        ("@lookup(this,ptid)", True, "S-001"),
        ("@lookup(this,ptid)", False, "quarantined"),
        ("@lookup(this,ptid,remove)", False, ""),
        ("@lookup(PatientID,ptid,keep)", True, "S-001"),
        ("@lookup(PatientID,ptid,keep)", False, "MRN-9"),
        ("@lookup(this,ptid,default,other)", True, "S-001"),
        ('@lookup(this,ptid,default,"other")', False, "other"),
        ("@lookup(this,ptid,ignore,9)", False, "quarantined"),
        ("@lookup(this,site)", True, "quarantined"),
    ],
)
def test_a_value_is_looked_up_in_the_table_of_the_script(tmp_path, script, found, expected):
    table = "# PHI\nptid/MRN-4711 = S-001\nptid/MRN\\ 2: S-002\n"
    text = ctp(("00100020", script), ("00120040", "@always()@lookup(PatientID,ptid,remove)"))
    imported = import_rules(text, "their.script", lookup_table=table)
    for name, rows in imported.tables.items():
        (tmp_path / name).write_text(rows)
    rules = tmp_path / "rules.yaml"
    rules.write_text(imported.text)
    stream = io.BytesIO()
    dataset = make_object(PatientID="mrn-4711" if found else "MRN-9")
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    result = Deidentifier(rules, key=KEY, pixels=False, text=False).deidentify(stream.getvalue())
    if expected == "quarantined":
        assert result.status.value == expected
        return
    new = pydicom.dcmread(io.BytesIO(result.data), force=True)
    assert (new.get("PatientID", "") == expected) or not expected
    assert new.get("ClinicalTrialSubjectID", "") == ("S-001" if found else "")
    assert new.PatientIdentityRemoved == ("NO" if expected == "MRN-9" else "YES")
    assert expected == "MRN-9" or new.get("PatientID") not in ("MRN-4711", "MRN-9")


def test_a_lookup_without_table_quarantines():
    assert deidentify(ctp(("00100020", "@lookup(this,ptid)"))).data is None


@pytest.mark.parametrize(("station", "kept"), [("", True), (None, False)])
def test_an_empty_element_exists(station, kept):
    script = ctp(("00080070", "@if(StationName,exists){@keep()}{@remove()}"))
    dataset = make_object(StationName=station or "")
    if station is None:
        del dataset.StationName
    assert (read(script, dataset).get("Manufacturer") == "ACME") is kept


@pytest.mark.parametrize(
    ("script", "value"), [("@keep()", "soft"), ("@remove()", None), ("NEW", "NEW")]
)
def test_a_private_element_is_selected_by_number(script, value):
    dataset = make_object()
    dataset.private_block(0x19, "ACME", create=True).add_new(1, "LO", "soft")
    new = read(ctp(("00191001", script)), dataset)
    assert (new[0x0019, 0x1001].value if (0x0019, 0x1001) in new else None) == value


def test_unspecified_elements_are_removed():
    script = ctp(("00080060", "@keep()"), more='<r en="T" t="unspecifiedelements">x</r>')
    new = read(script)
    assert new.Modality == "CT"
    assert not new.get("KVP") and not new.get("Manufacturer") and not new.get("SliceThickness")


def test_the_rsna_anonymizer_removes_what_it_does_not_list():
    script = ctp(("00080060", ""), ("00100020", "@ptid"))
    new = read(script)
    assert new.Modality == "CT" and new.PatientID != "MRN-4711"
    assert not new.get("Manufacturer") and not new.get("SliceThickness")


def test_an_age_is_rounded():
    assert read(ctp(("00101010", "@round(this,10)"))).PatientAge == "050Y"


def test_a_prefix_of_the_patient_pseudonym_is_composed():
    script = ctp(("00100020", "@param(@SHORTNAME)-@hashptid(@SITEID,this,10)"))
    first, second = read(script), read(script, make_object(PatientID="OTHER-1"))
    assert first.PatientID.startswith("Project-") and first.PatientID != second.PatientID


def test_values_of_other_elements_are_composed():
    script = ctp(("00081030", "Study of @contents(Modality)"), ("00080060", "@keep()"))
    assert read(script, make_object(StudyDescription="Max")).StudyDescription == "Study of CT"


def test_cdata_is_a_script():
    script = ctp(("00081010", "<![CDATA[@remove()]]>"))
    assert "StationName" not in read(script)


def test_a_text_around_a_hash_is_no_constant():
    script = ctp(("00081010", "SITE-@hash(this,6)"))
    first = read(script).get("StationName")
    assert first.startswith("SITE-") and len(first) == len("SITE-123456")
    assert first != read(script, make_object(StationName="MR77")).StationName


def test_a_coded_string_is_written_in_upper_case():
    new = read(ctp(("00180015", "Chest")), make_object(BodyPartExamined="HEAD"))
    assert new.BodyPartExamined == "CHEST"


def test_a_composed_coded_string_is_written_in_upper_case():
    script = ctp(("00180015", "Part-of @contents(Modality)"), ("00080060", "@keep()"))
    assert read(script, make_object(BodyPartExamined="HEAD")).BodyPartExamined == "PARTOF CT"


def test_a_prefix_that_a_coded_string_cannot_hold_is_left_out():
    new = read(ctp(("00180015", "P-@hash(this,6)")), make_object(BodyPartExamined="HEAD"))
    assert new.BodyPartExamined not in ("", "HEAD")


@pytest.mark.parametrize(
    "text",
    [
        '<script><e en="T" t="00280106" n="x">33</e></script>',
        "FORMAT dicom\n%header\nREPLACE SmallestImagePixelValue 33\n",
        '{"Replace": {"0028-0106": "33"}}',
    ],
)
def test_a_literal_is_written_into_a_number(text):
    dataset = make_object(SmallestImagePixelValue=3)
    dataset["SmallestImagePixelValue"].VR = "US"
    assert read(text, dataset).SmallestImagePixelValue == 33


def test_select_applies_at_the_top_and_in_items():
    nested = Dataset()
    nested.StudyInstanceUID = "1.2.3.4.5"
    dataset = make_object(ReferencedStudySequence=[nested])
    script = ctp(("0020000D", "@select(){@hashuid(@UIDROOT,this)}{@remove()}"))
    new = read(script, dataset)
    assert new.StudyInstanceUID not in ("", "1.2.3.4.2")
    assert "1.2.3.4.5" not in str(new)


def test_dates_under_a_condition_are_shifted():
    script = ctp(
        ("00080020", '@if(this,isblank){@remove()}{@incrementdate(this,"-3")}'),
        ("00081030", "@if(Modality,equals,CT){@keep()}{@remove()}"),
    )
    new = read(script, make_object(StudyDescription="HEAD"))
    assert new.StudyDate not in ("", "20190219") and new.StudyDescription == "HEAD"


def test_year_of_a_modified_date_is_kept():
    assert read(ctp(("00080020", "@modifydate(this,*,1,1)"))).StudyDate == "20190101"


def test_always_creates_an_element():
    script = ctp(("00120030", "@always()CENTRE"), ("00120040", "@always()@param(@SHORTNAME)"))
    new = read(script)
    assert new.ClinicalTrialSiteID == "CENTRE" and new.ClinicalTrialSubjectID == "Project"


def test_require_creates_an_element_with_always_only():
    script = '@require(x,"P-7")'
    assert read(ctp(("00120020", f"@always(){script}"))).ClinicalTrialProtocolID == "P-7"
    assert not read(ctp(("00120020", script))).get("ClinicalTrialProtocolID")


@pytest.mark.parametrize("condition", ['matches,".*"', 'matches,""', 'contains,""'])
def test_an_absent_element_has_an_empty_value(condition):
    script = ctp(("00081010", f"@if(InstitutionName,{condition}){{@empty()}}{{@keep()}}"))
    assert read(script).StationName == ""


@pytest.mark.parametrize(
    ("value", "limit", "is_greater"),
    [
        ("ACC-99", "47", True), ("ACC-47", "47", False), ("A0-0B4C8", "47", True),
        ("046Y", "47", False), ("100", "99", True), ("99", "100", False), ("none", "0", False),
        ("1.2.3.4", "1233", True), ("1.2.3.4", "1234", False), ("2147483648", "5", False),
        ("2147483647", "5", True), ("7", "x5 mg", True), ("0007", "6", True), ("1", "", True),
    ],
)  # fmt: skip
def test_a_comparison_reads_the_digits_of_a_value(value, limit, is_greater):
    script = ctp(("00081010", f'@if(AccessionNumber,greaterthan,"{limit}"){{@empty()}}{{@keep()}}'))
    assert (read(script, make_object(AccessionNumber=value)).StationName == "") is is_greater


@pytest.mark.parametrize(("length", "date"), [(4, "20190101"), (6, "20190201"), (3, "")])
def test_a_truncated_date_is_a_date(length, date):
    assert read(ctp(("00080020", f"@truncate(this,{length})"))).get("StudyDate", "") == date


def test_a_value_that_a_function_leaves_as_it_is_is_told():
    script = ctp(("00102180", '@contents(this,"[0-9]")'))
    assert not read(script, make_object(Occupation="baker")).get("Occupation")
    assert "leaves as it is" in import_rules(script, "a").remarks[0].text


@pytest.mark.parametrize("script", ["@incrementdate(StudyDate,-30)", "D@hash(StudyDate,4)"])
def test_a_pseudonym_of_an_element_that_is_kept_is_not_its_original(script):
    text = ctp(("00080021", script), ("00081030", script), ("00080020", "@keep()"))
    dataset = make_object(SeriesDate="20190219", StudyDescription="x")
    new = read(text, dataset)
    assert not new.get("SeriesDate") and "20190219" not in new.get("StudyDescription", "")
    assert "that the script keeps" in str(import_rules(text, "a").remarks) or "D@" in script


def test_the_case_of_another_element_is_that_of_its_new_value():
    script = ctp(("00081030", "@uppercase(StationName)"), ("00081010", "@keep()"))
    assert read(script, make_object(StudyDescription="x")).StudyDescription == "CT99"


def test_both_clauses_of_select_are_applied():
    script = ctp(PROCESSED, ("00081010", "@select(){@empty()}{@keep()}"))
    new = read(script, make_pet())
    assert new.StationName == ""
    assert new.RadiopharmaceuticalInformationSequence[0].StationName == "ROOM1"


def test_a_call_of_a_plug_in_quarantines():
    assert deidentify(ctp(("00081010", "@call(ext,this)"))).data is None


def test_a_kept_group_is_kept():
    script = ctp(
        ("00080060", "@keep()"),
        more='<k en="T" t="0018">x</k><r en="T" t="unspecifiedelements">x</r>',
    )
    assert read(script).SliceThickness == 5


def make_pet():
    """Return an object with an item of radiopharmaceutical information."""
    item = Dataset()
    item.RadiopharmaceuticalStartTime, item.Radiopharmaceutical = "081500", "FDG of Mustermann"
    item.Modality, item.StationName = "PT", "ROOM1"
    return make_object(RadiopharmaceuticalInformationSequence=[item])


PROCESSED = ("00540016", "@process()")


def test_elements_of_a_processed_sequence_are_kept():
    script = ctp(PROCESSED, ("00181072", "@keep()"), ("00180031", "@remove()"))
    (item,) = read(script, make_pet()).RadiopharmaceuticalInformationSequence
    assert item.RadiopharmaceuticalStartTime == "081500" and not item.get("Radiopharmaceutical")


@pytest.mark.parametrize(("modality", "found"), [("PT", "ROOM1"), ("CT", "")])
def test_a_condition_reads_the_item_that_holds_the_element(modality, found):
    condition = f'@if(Modality,equals,"{modality}"){{@keep()}}{{@empty()}}'
    new = read(ctp(PROCESSED, ("00081010", condition)), make_pet())
    (item,) = new.RadiopharmaceuticalInformationSequence
    assert item.StationName == found
    assert new.StationName == ("CT99" if modality == "CT" else "")


def test_a_sequence_that_is_kept_as_it_is_gets_a_remark():
    imported = import_rules(ctp(("00540016", "@keep()")), "a")
    assert imported.has_downgrades and "items" in imported.remarks[0].text
    assert not import_rules(ctp(PROCESSED), "a").has_downgrades


def test_a_script_in_the_older_format_is_imported():
    script = (
        "param.SITEID=7\n"
        'set.[0008,1010]StationName=@contents(this,"\\\\d","0")\n'
        "set.[0010,0010]PatientName=@param(@SITEID)\n#set.[0018,0060]KVP=@remove()\n"
        "set.[0008,0070]Manufacturer=\\\n   @remove()\n"
        "remove.privategroups=\nkeep.group18=\n"
    )
    new = read(script)
    assert (new.StationName, str(new.PatientName), new.KVP) == ("CT00", "7", 120)
    assert not new.get("Manufacturer")


def test_a_line_that_is_not_enabled_is_no_rule():
    script = "<script><e t='00180060'>@remove()</e><e en='t' t='00180050'>@remove()</e></script>"
    new = read(script)
    assert new.KVP == 120 and new.SliceThickness == 5


@pytest.mark.parametrize("name", ["OperatorName", "PerformingPhysicianName", "RefPatientSeq"])
def test_elements_have_the_names_of_the_script_and_of_dcm4che(name):
    lines = '<e en="T" t="00081070" n="OperatorName">@remove()</e>'
    script = ctp(("00081010", f"@if({name},exists){{@empty()}}{{@remove()}}"), more=lines)
    item = Dataset()
    item.PatientID = "1"
    values = {
        "OperatorsName": "A", "PerformingPhysicianName": "B", "ReferencedPatientSequence": [item],
    }  # fmt: skip
    assert read(script, make_object(**values)).StationName == ""
    assert not read(script).get("StationName")


def test_private_elements_have_the_creator_that_the_script_writes():
    script = ctp(("00130010", "CTP"), ("00131010", "@param(@SHORTNAME)"), ("00131011", "@remove()"))
    dataset = make_object()
    block = dataset.private_block(0x13, "CTP", create=True)
    block.add_new(0x10, "LO", "Old"), block.add_new(0x11, "LO", "Other")
    new = read(script, dataset)
    assert new[0x00131010].value == "Project" and (0x0013, 0x1011) not in new


@pytest.mark.parametrize(
    "script",
    ["@initials(this,3)", "@uppercase(this)", "@ lowercase (this)", "@encrypt(this,@SITEID)"],
)
def test_what_leaves_or_hides_an_identifier_becomes_a_pseudonym(script):
    new = read(ctp(("00081070", script)), make_object(OperatorsName="Doe^Jane"))
    assert new.OperatorsName and "doe" not in str(new.OperatorsName).lower()
    (remark,) = import_rules(ctp(("00081070", script)), "their.script").remarks
    assert remark.line == 1 and remark.is_downgrade and "pseudonym" in remark.text


@pytest.mark.parametrize(
    ("station", "expected"), [("CT99", "S-CT-x"), ("MR1", "S-other-x"), ("", "")]
)
def test_the_text_around_a_branch_belongs_to_both_clauses(station, expected):
    script = ctp(("00081010", 'S-@if(this,contains,"ct"){CT}{other}-x'))
    assert str(read(script, make_object(StationName=station)).get("StationName", "")) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [("@truncate(this,-3)", "T99"), ("@truncate(this,2)", "CT"), ("@truncate(this,x)", "CT99")],
)
def test_a_value_is_truncated_at_either_end(script, expected):
    assert read(ctp(("00081010", script)), make_object(StationName="CT99")).StationName == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("@modifydate(this,*,6,15)", "20190101"),
        ("@modifydate(this,*,*,15)", "20190201"),
        ("@modifydate(this,1999,*,*)", None),
    ],
)
def test_a_modified_date_keeps_no_more_than_the_script_keeps(script, expected):
    assert read(ctp(("00080020", script))).get("StudyDate") in (expected, "")


def test_brackets_hold_an_element_together():
    script = ctp(("00081010", "@if([0008,1010],isblank){@remove()}{@keep()}"))
    assert read(script).StationName == "CT99"


@pytest.mark.parametrize(
    ("group", "line"), [(0x6000, "overlays"), (0x5000, "curves")], ids=["overlays", "curves"]
)
def test_overlays_and_curves_are_removed_as_a_whole(group, line):
    dataset = make_object()
    dataset.add_new((group, 0x0010), "US", 4)
    script = ctp(more=f'<r en="T" t="{line}">x</r>')
    assert (group, 0x0010) in dataset and (group, 0x0010) not in read(script, dataset)


def test_a_required_element_is_created_with_a_default():
    script = ctp(("00120010", '@always()@require(StationName,"none")'), ("00081010", "@keep()"))
    assert read(script).ClinicalTrialSponsorName == "CT99"


def test_an_element_that_a_lookup_creates_quarantines():
    script = ctp(("00120040", "@always()@lookup(PatientID,ptid)"))
    assert deidentify(script).status.value == "quarantined"


def test_the_rsna_anonymizer_keeps_nested_elements_and_disabled_lines():
    script = (
        '<script><e en="T" t="00100020" n="x">@ptid</e><e en="F" t="00540016" n="x"></e>'
        '<e en="F" t="00181072" n="x"></e></script>'
    )
    (item,) = read(script, make_pet()).RadiopharmaceuticalInformationSequence
    assert item.RadiopharmaceuticalStartTime == "081500" and "StationName" not in item


# ----------------------------------------------------------------------------------- deid


@pytest.mark.parametrize(
    "line",
    ["REMOVE contains:slicethick", "REMOVE startswith:sliceT", "REMOVE select:group:0018",
     "REMOVE except:Modality|UID|ImageType"],
)  # fmt: skip
def test_expanders_of_deid_ignore_case(line):
    assert not read(deid(line)).get("SliceThickness")


def test_named_fields_of_deid_are_expanded():
    recipe = "FORMAT dicom\n%fields thick\nFIELD contains:Thickness\n%header\nREMOVE fields:thick\n"
    assert not read(recipe).get("SliceThickness")


@pytest.mark.parametrize(
    "lines",
    [
        "BLANK PatientBirthDate\nJITTER endswith:Date 5",
        "JITTER endswith:Date 5\nBLANK PatientBirthDate",
    ],
)  # fmt: skip
def test_a_blank_date_is_not_shifted(lines):
    new = read(deid(lines))
    assert not new.PatientBirthDate and new.StudyDate not in ("", "20190219")


def test_the_last_of_blank_and_replace_decides():
    assert not read(deid("REPLACE StationName X\nBLANK StationName")).get("StationName")
    assert read(deid("BLANK StationName\nREPLACE StationName X")).StationName == "X"


def test_a_replaced_field_is_not_removed():
    assert read(deid("REMOVE startswith:Station\nREPLACE StationName X")).StationName == "X"


def test_add_overrides_keep():
    new = read(deid("KEEP StationName\nADD StationName NEW\nADD ClinicalTrialSiteID S1"))
    assert new.StationName == "NEW" and new.ClinicalTrialSiteID == "S1"


def test_a_later_removal_overrides_add():
    assert "StationName" not in read(deid("ADD StationName NEW\nREMOVE StationName"))


@pytest.mark.parametrize("section", ["blacklist", "graylist"])
@pytest.mark.parametrize(("modality", "is_released"), [("CT", False), ("MR", True)])
def test_objects_that_deid_reports_are_quarantined(section, modality, is_released):
    filters = f"%filter {section}\nLABEL no {section}\n  contains Modality CT\n  + present KVP\n"
    result = deidentify(deid("", filters), make_object(Modality=modality))
    assert (result.data is not None) is is_released


def test_an_unknown_filter_quarantines_all():
    filters = "%filter blacklist\nLABEL x\n  resembles Modality CT\n"
    assert deidentify(deid("", filters)).data is None


def test_a_function_of_remove_is_told():
    imported = import_rules(deid("REMOVE ALL func:is_long"), "their.file")
    assert any("its condition is unknown" in remark.text for remark in imported.remarks)


# ------------------------------------------------------------------------------ Microsoft


def test_the_hash_of_an_age_does_not_fail():
    rules = '{"rules": [{"tag": "AS", "method": "cryptoHash"}]}'
    assert read(rules).PatientAge == "000Y"


def test_custom_settings_are_used():
    rules = """{"rules": [{"tag": "StationName", "method": "substitute", "setting": "own"}],
      "defaultSettings": {"substitute": {"replaceWith": "ANONYMOUS"}},
      "customSettings": {"own": {"replaceWith": "customized"}}}"""
    assert read(rules).StationName == "customized"


@pytest.mark.parametrize(("flag", "date"), [("true", "20190101"), ("false", "")])
def test_a_partial_redaction_keeps_the_year(flag, date):
    rules = f"""{{"rules": [{{"tag": "DA", "method": "redact"}}],
      "defaultSettings": {{"redact": {{"enablePartialDatesForRedact": {flag}}}}}}}"""
    assert read(rules).StudyDate == date


# -------------------------------------------------------------------------------- remarks


def test_remarks_are_beside_the_rules():
    text = import_rules(ctp(("00080090", "@append(){x}")), "their.file").text
    assert any("action: remove}" in line and "# line 1:" in line for line in text.splitlines())


def test_a_remark_cannot_inject_yaml():
    text = import_rules(deid("REMOVE values:a\n"), "their.file\n- x").text
    assert "\n- x" not in text


def test_an_element_that_deid_adds_and_removes_is_not_kept():
    new = read(deid("ADD StationName X\nREMOVE StationName\nKEEP Station*\nKEEP select:VR:SH"))
    assert not new.get("StationName")


def test_deid_keeps_no_fields_of_a_section():
    recipe = deid("KEEP fields:MINE\nREMOVE fields:MINE", "%fields MINE\nFIELD StationName")
    assert not read(recipe).get("StationName")


@pytest.mark.parametrize(
    ("criterion", "is_released"),
    [
        ("contains 0x00190010 ACME_1", False), ("contains 0x00191001 Fluoro|Low", False),
        ("contains 0x00191001 Fluoro", True), ("equals (0008,0060) CT", False),
        ("present NoKeyword", True), ("notcontains NoKeyword X", False),
        ("missing NoKeyword", False), ("equals modality CT", True),
        ("present ReferencedImageSequence", False), ("contains OverlayDescription X", True),
    ],
)  # fmt: skip
def test_criteria_of_deid_name_elements_by_keyword_or_number(criterion, is_released):
    item = Dataset()
    item.ReferencedSOPInstanceUID = "1.2.3"
    dataset = make_object(ReferencedImageSequence=[item])
    dataset.private_block(0x19, "ACME_1", create=True).add_new(1, "LO", "LowDose")
    recipe = deid("KEEP Modality", f"%filter graylist\nLABEL L\n{criterion}\n")
    assert (deidentify(recipe, dataset).data is not None) is is_released


def test_the_rsna_anonymizer_always_replaces_the_patient():
    new = read(ctp(("00080060", ""), ("00080050", "@acc"), ("00100020", ""), ("00100010", "")))
    assert new.PatientID not in ("", "MRN-4711") and new.PatientName not in ("", "Mustermann^Max")


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ("coordinates 1,2,3,5", [("mask", ((1, 2, 2, 3),))]),
        ("ctpcoordinates 1,2,3,5", [("mask", ((1, 2, 3, 5),))]),
        ("coordinates all\nkeepcoordinates 1,1,3,3\nkeepcoordinates 5,5,7,7\ncoordinates 2,2,3,3",
         [("keep", ((1, 1, 2, 2), (5, 5, 2, 2))), ("mask", ((2, 2, 1, 1),))]),
        ("coordinates all\nkeepcoordinates from:SequenceOfUltrasoundRegions", [("keep", ())]),
        ("coordinates 1,1,3,3\nkeepcoordinates 2,2,3,3", [("mask", ((1, 1, 2, 2),))]),
    ],
)  # fmt: skip
def test_coordinates_of_deid_are_painted_in_their_order(lines, expected):
    recipe = deid("KEEP Modality", f"%filter graylist\nLABEL L\npresent Modality\n{lines}\n")
    regions = parse_rules(import_rules(recipe, "a").text, "a").pixels.regions
    assert [(one.action, one.boxes) for one in regions] == expected


@pytest.mark.parametrize(
    ("lines", "top", "nested"),
    [
        ("REPLACE Manufacturer NEW", "NEW", "NEW"), ("ADD Manufacturer NEW", "NEW", "ACME"),
        ("KEEP Manufacturer\nREMOVE Manufacturer", "ACME", None),
        ("REMOVE Manufacturer\nADD Manufacturer NEW", "NEW", None),
        ("JITTER Manufacturer 31", "ACME", "ACME"), ("JITTER contains:Manuf 31", "ACME", "ACME"),
    ],
)  # fmt: skip
def test_deid_keeps_and_adds_at_the_top_level_only(lines, top, nested):
    dataset = make_pet()
    dataset.RadiopharmaceuticalInformationSequence[0].Manufacturer = "ACME"
    new = read(deid(lines), dataset)
    (item,) = new.RadiopharmaceuticalInformationSequence
    assert (new.get("Manufacturer"), item.get("Manufacturer")) == (top, nested)


# --------------------------------------------------------- classes that third-party scripts showed


@pytest.mark.parametrize("increment", ["@DATEINC", "@UNKNOWN", "x"])
def test_dates_are_empty_if_the_increment_is_not_a_number(increment):
    line = ("00080020", f"@incrementdate(this,{increment})")
    script = ctp(line, more='<p t="DATEINC">Enter your date offset</p>')
    assert read(script).StudyDate == ""
    moved = ctp(line, more='<p t="DATEINC">-21</p>')
    if increment == "@DATEINC":
        assert read(moved).StudyDate not in ("", "20190219")


def test_days_that_ctp_looks_up_in_a_table_are_told():
    script = ctp(("00080020", "@incrementdate(this,PatientID,shift)"))
    remarks = [remark.text for remark in import_rules(script, "a").remarks]
    assert any("CTP looks the days up in a table" in text for text in remarks)
    assert read(script).StudyDate not in ("", "20190219")


def test_a_parameter_that_the_script_lacks_becomes_a_pseudonym():
    new = read(ctp(("00100020", "@param(@PATIENTID)"), ("00080050", "@param(@ACCESSION)")),
               make_object(AccessionNumber="ACC-1"))  # fmt: skip
    assert new.PatientID not in ("", "MRN-4711") and new.AccessionNumber not in ("", "ACC-1")


def test_private_elements_are_created():
    value = "x" * 70
    script = ctp(
        ("00130010", "@always()CTP"), ("00131010", "@always()@param(@SHORTNAME)"),
        ("00131011", f"@always(){value}"), ("00131012", "no element"),
        ("00131013", "@always()@require(Modality)"), ("00131014", '@always()@require(x,"7")'),
    )  # fmt: skip
    new = read(script)
    group = {element.tag.elem: element.value for element in new if element.tag.group == 0x13}
    assert group == {0x10: "CTP", 0x1010: "Project", 0x1011: value, 0x1013: "CT", 0x1014: "7"}


def test_elements_of_other_creators_at_a_private_tag_are_not_kept():
    dataset = make_object()
    dataset.private_block(0x0013, "CTP", create=True).add_new(0x10, "LO", "Old")
    other = make_object()
    other.private_block(0x0013, "ACME", create=True).add_new(0x10, "LO", "Secret")
    script = ctp(("00130010", "CTP"), ("00131010", "Project"))
    assert read(script, dataset)[0x00131010].value == "Project"
    assert "Secret" not in str(read(script, other))


@pytest.mark.parametrize("recipe", ["REPLACE StudyTime var:x", "REPLACE endswith:Time func:x"])
def test_a_replaced_time_of_day_is_not_kept(recipe):
    assert read(deid(recipe)).get("StudyTime") != "101112"


def test_an_expander_with_a_function_gives_uids_and_tokens():
    dataset = make_object(FrameOfReferenceUID="1.2.3.4.9", StudyID="S7")
    new = read(deid("REPLACE endswith:ID func:hash"), dataset)
    assert new.FrameOfReferenceUID not in ("", "1.2.3.4.9")
    assert new.StudyID not in ("", "S7") and new.SOPClassUID == CTImageStorage


def test_removed_uids_that_no_object_needs_are_removed():
    new = read(deid("REMOVE endswith:UID"), make_object(FrameOfReferenceUID="1.2.3.4.9"))
    assert "FrameOfReferenceUID" not in new
    assert new.StudyInstanceUID not in ("", "1.2.3.4.2")


_KARNAK = "profileElements:\n{}  - codename: basic.dicom.profile\n"


def _karnak_tags(action, *tags):
    listed = ", ".join(f"'{tag}'" for tag in tags)
    return _KARNAK.format(
        f"  - {{codename: action.on.specific.tags, action: {action}, tags: [{listed}]}}\n"
    )


@pytest.mark.parametrize("action", ["K", "X", "Z"])
def test_karnak_replaces_the_patient_that_a_pattern_selects(action):
    new = read(_karnak_tags(action, "(0010,00xx)"))
    assert new.PatientID not in ("", "MRN-4711")
    assert str(new.PatientName) not in ("", "Mustermann^Max")


def _karnak_expression(text):
    return _KARNAK.format(
        f'  - {{codename: expression.on.tags, arguments: {{expr: "{text}"}}, '
        "tags: ['(0008,xxxx)']}\n"
    )


def test_an_expression_without_an_action_leaves_the_element_to_the_profile():
    text = _karnak_expression("getString(#Tag.PatientAge) == null ? Keep() : null")
    assert not read(text).get("StudyDate")
    dataset = make_object()
    del dataset.PatientAge
    assert read(text, dataset).StudyDate == "20190219"


def test_an_expression_compares_the_tag():
    text = _karnak_expression(
        "tag == #Tag.StationName and stringValue == 'CT99' ? Remove() : Keep()"
    )
    new = read(text)
    assert "StationName" not in new and new.StudyDate == "20190219"
    assert read(text, make_object(StationName="CT98")).StationName == "CT98"


@pytest.mark.parametrize(("seconds", "is_kept"), [("", True), ("seconds: 0, ", True),
                                                  ("seconds: 9, ", False)])  # fmt: skip
def test_a_shift_by_days_keeps_times(seconds, is_kept):
    text = _KARNAK.format(
        f"  - {{codename: action.on.dates, option: shift, arguments: {{{seconds}days: 3}}, "
        "tags: ['(0008,00xx)']}\n"
    )
    assert (read(text).get("StudyTime") == "101112") is is_kept


def test_the_default_issuer_of_a_profile_is_that_of_the_rules():
    text = "defaultIssuerOfPatientID: DPA\n" + _KARNAK.format("")
    assert parse_rules(import_rules(text, "a.yml").text, "a").default_issuer == "DPA"


def test_old_requests_without_a_value_for_private_elements_remove_them():
    imported = import_rules('{"Keep": [], "KeepPrivateTags": null}', "a.json")
    assert imported.has_downgrades


def test_contents_of_an_element_inside_a_sequence():
    code = Dataset()
    code.CodeValue, code.CodingSchemeDesignator, code.CodeMeaning = "7", "99X", "CT Thorax"
    dataset = make_object(StudyDescription="Hargreave", ProcedureCodeSequence=[code])
    script = ctp(("00081030", "@always()@contents((0008,1032)::(0008,0104))"))
    assert read(script, dataset).StudyDescription == "CT Thorax"


def test_a_label_of_another_tool_is_no_loss():
    imported = import_rules(deid("ADD PatientIdentityRemoved Yes"), "a.dicom")
    assert not imported.has_downgrades and imported.remarks
