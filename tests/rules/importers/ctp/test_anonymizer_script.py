"""Import of scripts of the CTP and RSNA anonymizers."""

import pytest

from safelight.rules import Operation
from tests.rules.importers.helpers import compile_import

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
 <e en="T" t="00081030" n="StudyDescription"><![CDATA[@remove()]]></e>
 <e en="T" t="00081048" n="Physicians">@append(){x}</e>
 <e en="T" t="00081050" n="Performing">@if(this,resembles,"x"){@keep()}{@remove()}</e>
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


@pytest.fixture(scope="module")
def imported():
    return compile_import(CTP)


@pytest.fixture(scope="module")
def top(imported):
    return imported[1]


@pytest.fixture(scope="module")
def remarks(imported):
    return imported[2]


def test_name_and_default_are_set(imported):
    assert imported[0].name == "their-file" and imported[0].default == "remove"


@pytest.mark.parametrize(
    ("tag", "operation"),
    [
        (0x00080018, Operation.UID),
        (0x00080020, Operation.SHIFT),
        (0x00080050, Operation.TOKEN),
        (0x00100010, Operation.NAME),
        (0x00100020, Operation.PATIENT_ID),
        (0x00100030, Operation.EMPTY),
        (0x00101010, Operation.TRANSFORM),
        (0x0008103E, Operation.KEEP),
    ],
)
def test_a_function_becomes_an_operation(top, tag, operation):
    assert top.rules[tag].operation is operation


def test_a_parameter_becomes_a_literal(top):
    assert top.rules[0x00120031].argument == "Site & Co"


def test_text_becomes_a_literal(top):
    assert top.rules[0x00181030].argument == "fixed text"


def test_a_protecting_rule_applies_at_every_depth(top):
    nested = top.get_item_level(0x00081140)
    assert nested.rules[0x00080018].operation is Operation.UID


def test_a_keeping_rule_applies_at_every_depth(top):
    nested = top.get_item_level(0x00081140)
    assert nested.rules[0x0008103E].operation is Operation.KEEP


def test_a_function_without_counterpart_removes_with_a_remark(top, remarks):
    assert top.rules[0x00081048].operation is Operation.REMOVE
    assert "appending" in remarks[27]


def test_a_condition_with_an_unknown_operator_is_not_met(top, remarks):
    rule = top.rules[0x00081050].choose(lambda _reference: "x")
    assert rule.operation is Operation.REMOVE and "no counterpart" not in remarks.get(28, "")


def test_the_profile_decides_on_disabled_rules(top):
    assert top.rules[0x00080008].source == "unlisted"


def test_an_element_that_is_always_removed_is_not_kept(top, remarks):
    assert top.rules[0x04000561].operation is Operation.REMOVE and "never kept" in remarks[22]


def test_a_private_element_is_kept_with_its_creator_only(top, remarks):
    assert top.get_private_rule("ACME", 0x19, 0x0C, "DS").operation is Operation.KEEP
    assert 20 not in remarks  # the script for the creator itself


def test_kept_groups_get_a_remark(remarks):
    assert "the profile decides" in remarks[23] and "retain_safe_private" in remarks[24]


def test_an_empty_script_of_the_rsna_anonymizer_keeps_the_element():
    _, top, remarks = compile_import(RSNA)
    assert top.rules[0x00080008].operation is Operation.KEEP
    assert top.rules[0x00080008].source == "their-file elements[0]"
    assert top.rules[0x00100020].operation is Operation.PATIENT_ID
    assert list(remarks) == [1] and "Type 1" in remarks[1]


def test_a_script_cannot_inject_yaml():
    script = '<script><e en="T" t="00204000" n="x">a"}\n  - {tag: "*", action: keep}</e></script>'
    rules, top, _ = compile_import(script)
    assert len(rules.elements) == 1
    assert top.rules[0x00204000].operation is Operation.REMOVE
