"""Rules of other tools: converted rules, and remarks on the others."""

import pytest

from safelight.rules import CompiledRules, Operation, parse_rules
from safelight.rules.importers import RulesImportError, import_rules

CT = "1.2.840.10008.5.1.4.1.1.2"

CTP = """<script>
 <p t="DATEINC">-3210</p>
 <p t="SITENAME">Site &amp; Co</p>
 <e en="T" t="00080005" n="SpecificCharacterSet">@keep()</e>
 <e en="F" t="00080008" n="ImageType">@remove()</e>
 <e en="T" t="00080018" n="SOPInstanceUID">@hashuid(@UIDROOT,this)</e>
 <e en="T" t="00080020" n="StudyDate">@incrementdate(this,@DATEINC)</e>
 <e en="T" t="00080050" n="AccessionNumber">@hash(this,16)</e>
 <e en="T" t="00080060" n="Modality"></e>
 <e en="T" t="0008103e" n="SeriesDescription">@keep()</e>
 <e en="T" t="00081040" n="Department">@lowercase(this)</e>
 <e en="T" t="00100010" n="PatientName">@hashname(this,6,2)</e>
 <e en="T" t="00100020" n="PatientID">@hashptid(@SITEID,PatientID)</e>
 <e en="T" t="00100030" n="PatientBirthDate">@empty()</e>
 <e en="T" t="00101010" n="PatientAge">@round(this,5)</e>
 <e en="T" t="00120031" n="SiteName">@always()@param(@SITENAME)</e>
 <e en="T" t="00120062" n="PatientIdentityRemoved">@always()YES</e>
 <e en="T" t="00181030" n="ProtocolName">fixed text</e>
 <e en="T" t="00204000" n="ImageComments">@if(this,isblank){@remove()}{x}</e>
 <e en="T" t="00190010" n="block">@keep()</e>
 <e en="T" t="0019[ACME]0c" n="Private">@keep()</e>
 <e en="T" t="04000561" n="OriginalAttributes">@keep()</e>
 <k en="T" t="18">Keep group 18</k>
 <r en="F" t="privategroups">Remove private groups</r>
 <r en="T" t="unspecifiedelements">Remove unspecified elements</r>
</script>
"""

RSNA = """<script>
 <e en="T" t="00080008" n="ImageType"></e>
 <e en="T" t="0020000D" n="StudyInstanceUID">@uid</e>
 <e en="T" t="00080020" n="StudyDate">@hashdate</e>
 <e en="T" t="00080050" n="AccessionNumber">@acc</e>
 <e en="T" t="00100020" n="PatientID">@ptid</e>
</script>
"""

DEID = """FORMAT dicom

%filter graylist
LABEL Dose Report
  contains Modality CT
  coordinates 0,0,512,121

%header
BLANK PatientBirthDate
REMOVE startswith:IssueDate|Interpretation
REMOVE endswith:ID
REMOVE PatientsName # no keyword
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
  {"tag": "Rows", "method": "spin"},
  {"tag": "0001,xxxx", "method": "keep"},
  {"tag": "xxx1,xxxx", "method": "remove"}
 ],
 "defaultSettings": {"substitute": {"replaceWith": "GONE"}}
}
"""


def compile_import(text, kind=None):
    imported = import_rules(text, "their file.v1", kind)
    rules = parse_rules(imported.text, "imported")
    level = CompiledRules(rules).get_root_level(CT)
    return rules, level, dict(imported.remarks)


def test_a_ctp_script_is_imported():
    rules, top, remarks = compile_import(CTP)
    assert rules.name == "their-file" and rules.default == "remove"
    nested = top.get_item_level(0x00081140)
    assert (
        top.rules[0x00080018].operation is Operation.UID
        and nested.rules[0x00080018].operation is Operation.UID
    )
    assert top.rules[0x00080020].operation is Operation.SHIFT
    assert top.rules[0x00080050].operation is Operation.TOKEN
    assert top.rules[0x00100010].operation is Operation.NAME
    assert top.rules[0x00100020].operation is Operation.PATIENT_ID
    assert top.rules[0x00100030].operation is Operation.EMPTY
    assert top.rules[0x00101010].operation is Operation.AGE
    assert top.rules[0x00120031].argument == "Site & Co"
    assert top.rules[0x00181030].argument == "fixed text"
    # a rule that keeps applies only at the level of the other tool; the profile applies inside
    assert (
        top.rules[0x0008103E].operation is Operation.KEEP
        and nested.rules[0x0008103E].operation is Operation.REMOVE
    )
    # without a counterpart the element is removed, with a remark
    assert top.rules[0x00081040].operation is top.rules[0x00204000].operation is Operation.REMOVE
    assert "an original in lower case" in remarks[11] and "@if" in remarks[19]
    # the profile decides on disabled, empty and never kept rules
    assert top.rules[0x00080008].source == "unlisted"
    assert top.rules[0x04000561].operation is Operation.REMOVE and "never kept" in remarks[22]
    assert top.get_private_rule("ACME", 0x19, 0x0C, "DS").operation is Operation.KEEP
    assert "without its creator" in remarks[20]
    assert "group 18" in remarks[23] and "retain_safe_private" in remarks[24]


def test_an_empty_script_of_the_rsna_anonymizer_keeps_the_element():
    _, top, remarks = compile_import(RSNA)
    assert top.rules[0x00080008].operation is Operation.KEEP
    assert top.rules[0x00080008].source == "their-file elements[0]"
    assert top.rules[0x00100020].operation is Operation.PATIENT_ID
    assert not remarks


def test_a_deid_recipe_is_imported():
    _, top, remarks = compile_import(DEID)
    assert top.rules[0x00100030].operation is Operation.EMPTY
    assert (
        top.rules[0x00402004].operation is Operation.REMOVE
    )  # Issue Date of Imaging Service Request
    assert top.rules[0x00280030].operation is Operation.KEEP  # KEEP precedes REMOVE
    assert top.rules[0x00080020].operation is Operation.SHIFT
    assert top.rules[0x00100020].operation is Operation.PATIENT_ID
    assert top.rules[0x00100010].operation is Operation.NAME
    assert top.rules[0x00081010].argument == "CLEANED"
    assert top.rules[0x00102154].operation is Operation.REMOVE
    assert top.rules[0x00080090].operation is Operation.REMOVE
    # REMOVE endswith:ID must not make the object unreadable
    assert top.rules[0x00200010].operation is Operation.REMOVE
    assert top.rules[0x0020000D].operation is Operation.UID
    all_remarks = " ".join(remarks.values())
    for part in ("pixel stage", "PatientsName is not a keyword", "remain readable", "values:all",
                 "elements are not added"):  # fmt: skip
        assert part in all_remarks, part


def test_a_microsoft_configuration_is_imported():
    _, top, remarks = compile_import(MICROSOFT)
    assert top.rules[0x00080050].operation is Operation.EMPTY
    assert top.rules[0x00401001].operation is Operation.REMOVE
    assert top.rules[0x00080020].operation is top.rules[0x00080021].operation is Operation.SHIFT
    assert top.rules[0x00080018].operation is Operation.UID
    assert top.rules[0x00100020].operation is Operation.PATIENT_ID
    assert top.rules[0x00100010].operation is Operation.NAME
    assert top.rules[0x00101030].operation is Operation.REMOVE
    assert top.rules[0x00081010].argument == "S1"
    assert top.rules[0x00080080].argument == "GONE"
    assert top.rules[0x00080008].operation is Operation.KEEP
    assert top.rules[0x00280010].operation is Operation.REMOVE and "spin" in remarks[15]
    assert "without their creator" in remarks[16] and 17 not in remarks


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("hello", None), ("", None), ("hello", "ctp"), ("hello", "deid"), ("[]", "microsoft"),
        ('{"rules": 1}', "microsoft"), ("{", "microsoft"), ('{"a": 1}', None),
        ("FORMAT dicom\n%header\nSCRAMBLE PatientName\n", None),
    ],
)  # fmt: skip
def test_an_unknown_format_is_refused(text, kind):
    with pytest.raises(RulesImportError, match="their"):
        import_rules(text, "their.file", kind)


def test_a_script_cannot_inject_yaml():
    script = '<script><e en="T" t="00081010" n="x">a"}\n  - {tag: "*", action: keep}</e></script>'
    rules, top, _ = compile_import(script)
    assert len(rules.elements) == 1
    assert top.rules[0x00081010].argument.startswith('a"}')
