"""Elements and items that rules create inside sequences."""

from __future__ import annotations

import io
from pathlib import Path

import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import ImplicitVRLittleEndian

from safelight.rules import RulesError, load_rules
from safelight.rules.model import RuleSet
from tests.headers.objects import deidentify, make_object

_HEAD = "name: a\nversion: '1'\nprofile: basic\n"

_EQUIPMENT = (
    "add:\n"
    "- tag: ContributingEquipmentSequence\n"
    "  append: true\n"
    "  item:\n"
    "    Manufacturer: Northfield\n"
    "    ContributionDescription: 'De-identified {Modality}'\n"
    "    InstitutionalDepartmentName: '{StudyDescription}'\n"
    "    PurposeOfReferenceCodeSequence:\n"
    "      CodeMeaning: De-identifying Equipment\n"
    "      CodeValue: '109104'\n"
    "      CodingSchemeDesignator: DCM\n"
)


def make_rules(folder: Path, body: str) -> RuleSet:
    """Write a rules file, and load it."""
    (folder / "rules.yaml").write_text(f"{_HEAD}{body}\n", encoding="utf-8")
    return load_rules(folder / "rules.yaml")


def make_item(**values: object) -> Dataset:
    """Return an item with the given attributes."""
    item = Dataset()
    for keyword, value in values.items():
        setattr(item, keyword, value)
    return item


def test_an_item_with_a_nested_item_is_created(tmp_path: Path) -> None:
    new, result = deidentify(make_object(), make_rules(tmp_path, _EQUIPMENT))
    (item,) = new.ContributingEquipmentSequence
    assert (item.Manufacturer, item.ContributionDescription) == ("Northfield", "De-identified CT")
    assert item.PurposeOfReferenceCodeSequence[0].CodeValue == "109104"
    assert "InstitutionalDepartmentName" not in item  # the new object has no such value
    assert [one.location for one in result.actions if one.action == "inserted"] == [
        "(0018,A001)[0].(0008,0070)",
        "(0018,A001)[0].(0018,A003)",
        "(0018,A001)[0].(0040,A170)[0].(0008,0100)",
        "(0018,A001)[0].(0040,A170)[0].(0008,0102)",
        "(0018,A001)[0].(0040,A170)[0].(0008,0104)",
    ]


@pytest.mark.parametrize(("mode", "count"), [("append: true", 3), ("always: true", 1), ("", 2)])
def test_an_item_is_appended_or_replaces_or_fills(tmp_path: Path, mode: str, count: int) -> None:
    items = [make_item(Laterality="R"), make_item(Laterality="L")]
    body = (
        f"add: [{{tag: AnatomicRegionSequence, item: {{CodeValue: '1'}}, {mode or 'reason: a'}}}]"
    )
    new, _ = deidentify(make_object(AnatomicRegionSequence=items), make_rules(tmp_path, body))
    assert len(new.AnatomicRegionSequence) == count
    assert ("CodeValue" in new.AnatomicRegionSequence[-1]) is bool(mode)


@pytest.mark.parametrize("is_implicit", [False, True])
@pytest.mark.parametrize("is_undefined", [False, True])
def test_an_element_is_created_in_each_item(
    tmp_path: Path, is_implicit: bool, is_undefined: bool
) -> None:
    items = [
        make_item(RequestedProcedureID="RP-9911", RequestedProcedureDescription="Hargreave"),
        make_item(ScheduledProcedureStepID="SPS-2"),
    ]
    for item in items:
        item.is_undefined_length_sequence_item = is_undefined
    ds = make_object(RequestAttributesSequence=items)
    ds["RequestAttributesSequence"].is_undefined_length = is_undefined
    if is_implicit:
        ds.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    body = (
        "elements: [{tag: RequestAttributesSequence, action: keep}]\n"
        "add: [{tag: RequestAttributesSequence/RequestedProcedureID, value: TRIAL-7}]\n"
    )
    new, result = deidentify(ds, make_rules(tmp_path, body))
    assert [one.RequestedProcedureID for one in new.RequestAttributesSequence] == ["TRIAL-7"] * 2
    removed = {one.location for one in result.actions if one.action == "removed"}
    assert "(0040,0275)[0].(0032,1060)" in removed
    assert "Hargreave" not in str(new)


def test_a_path_leads_through_nested_sequences(tmp_path: Path) -> None:
    inner = make_item(CodeValue="7", CodeMeaning="Thorax")
    ds = make_object(
        AnatomicRegionSequence=[make_item(AnatomicRegionModifierSequence=[inner]), make_item()]
    )
    body = (
        "add:\n"
        "- tag: AnatomicRegionSequence/AnatomicRegionModifierSequence/CodeMeaning\n"
        "  value: Chest\n  always: true\n"
        "- {tag: AnatomicRegionSequence/AnatomicRegionModifierSequence, item: {CodeValue: '8'}}\n"
    )
    new, _ = deidentify(ds, make_rules(tmp_path, body))
    first, second = (one.AnatomicRegionModifierSequence[0] for one in new.AnatomicRegionSequence)
    assert (first.CodeValue, first.CodeMeaning, second.CodeValue) == ("7", "Chest", "8")


def test_a_sequence_without_items_gets_no_element(tmp_path: Path) -> None:
    body = "add: [{tag: AnatomicRegionSequence/CodeMeaning, value: Chest}]"
    new, result = deidentify(make_object(), make_rules(tmp_path, body))
    assert "AnatomicRegionSequence" not in new
    assert "inserted" not in {one.action for one in result.actions}


def test_the_order_of_elements_is_that_of_the_tags(tmp_path: Path) -> None:
    ds = make_object(AnatomicRegionSequence=[make_item(CodeValue="7", MappingResource="DCMR")])
    body = "add: [{tag: AnatomicRegionSequence/CodeMeaning, value: Chest}]"
    _, result = deidentify(ds, make_rules(tmp_path, body))
    new = pydicom.dcmread(io.BytesIO(result.data or b""))
    tags = [one.tag for one in new.AnatomicRegionSequence[0]]
    assert len(tags) == 3 and tags == sorted(tags)


def test_a_value_has_the_character_set_of_the_object(tmp_path: Path) -> None:
    ds = make_object(SpecificCharacterSet="ISO_IR 192")
    body = "add: [{tag: AnatomicRegionSequence, item: {CodeMeaning: Schädel}}]"
    new, _ = deidentify(ds, make_rules(tmp_path, body))
    assert new.AnatomicRegionSequence[0].CodeMeaning == "Schädel"


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("{tag: AnatomicRegionSequence, value: a}", "an item for a sequence"),
        ("{tag: StationName, item: {CodeValue: '1'}}", "a sequence, because"),
        ("{tag: StationName/CodeValue, value: '1'}", "only sequences before"),
        ("{tag: AnatomicRegionSequence, item: {}}", "attributes with their values"),
        ("{tag: AnatomicRegionSequence, item: {CodeValu: a}}", "did you mean CodeValue"),
        ("{tag: AnatomicRegionSequence, item: {PatientAge: old}}", "a value that the VR AS"),
        ("{tag: AnatomicRegionSequence, item: {a: b}, value: c}", "one of value, lookup and item"),
        ("{tag: StationName, value: b, append: true}", "append only beside an item"),
        ("{tag: DeidentificationMethodCodeSequence/CodeValue, value: a}", "which this one is not"),
        ("{tag: OriginalAttributesSequence/CodeValue, value: a}", "which this one is not"),
        ("{tag: EncryptedAttributesSequence, item: {CodeValue: a}}", "which this one is not"),
        ("{tag: AnatomicRegionSequence, item: &a {AnatomicRegionSequence: *a}}", "at most"),
    ],
)  # fmt: skip
def test_a_wrong_item_is_an_error(tmp_path: Path, entry: str, message: str) -> None:
    with pytest.raises(RulesError, match=message):
        make_rules(tmp_path, f"add: [{entry}]")


def test_rules_without_items_keep_their_hash(tmp_path: Path) -> None:
    rules = make_rules(tmp_path, "add: [{tag: StationName, value: a}]")
    content = rules.list_hash_content()["add"]
    assert content == [{"tag": 0x00081010, "always": False, "when": None, "template": "a"}]
    other = make_rules(tmp_path, "add: [{tag: AnatomicRegionSequence, item: {CodeValue: a}}]")
    last = make_rules(tmp_path, "add: [{tag: AnatomicRegionSequence, item: {CodeValue: b}}]")
    assert other.hash != last.hash
