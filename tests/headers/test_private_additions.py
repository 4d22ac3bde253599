"""Private elements that the rules create get a block of their private creator."""

from __future__ import annotations

import io

import pydicom
import pytest
from pydicom.dataset import Dataset

from safelight import Deidentifier
from tests.rules.importers.test_import_behaviour import KEY, make_object

RULES = """\
name: trial
version: "1"
extends: basic
add:
  - {{tag: '(0013,"CTP",10)', value: {value}{more}}}
{elements}"""


def run(dataset: Dataset, more: str = "", elements: str = "", value: str = "TRIAL-7"):
    stream = io.BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    rules = RULES.format(value=value, more=more, elements=elements)
    deidentifier = Deidentifier(rules, key=KEY, pixels=False, text=False)
    return deidentifier.deidentify(stream.getvalue())


def read(*arguments, **options) -> Dataset:
    result = run(*arguments, **options)
    assert result.data is not None, result.reason_code
    return pydicom.dcmread(io.BytesIO(result.data))


def test_a_private_element_is_created_with_its_private_creator():
    result = run(make_object())
    new = pydicom.dcmread(io.BytesIO(result.data))
    assert (new[0x00130010].VR, new[0x00130010].value) == ("LO", "CTP")
    assert (new[0x00131010].VR, new[0x00131010].value) == ("LO", "TRIAL-7")
    inserted = {action.location for action in result.actions if action.action == "inserted"}
    assert {"(0013,0010)", "(0013,1010)"} <= inserted


def test_a_block_of_another_creator_is_not_used():
    dataset = make_object()
    dataset.private_block(0x13, "ACME", create=True).add_new(0x10, "LO", "Secret")
    new = read(dataset)
    assert new[0x00130011].value == "CTP" and new[0x00131110].value == "TRIAL-7"
    assert 0x00130010 not in new and 0x00131010 not in new


def test_the_block_of_the_same_creator_is_used_and_its_kept_elements_stay():
    dataset = make_object()
    block = dataset.private_block(0x13, "CTP", create=True)
    block.add_new(0x0F, "LO", "before"), block.add_new(0x11, "LO", "after")
    block.add_new(0x12, "LO", "secret")
    elements = 'elements:\n  - {tag: "(0013,\\"CTP\\",0F)", action: keep}\n'
    elements += '  - {tag: "(0013,\\"CTP\\",11)", action: keep}\n'
    new = read(dataset, elements=elements)
    values = {element.tag: element.value for element in new if element.tag.group == 0x13}
    assert values == {
        0x00130010: "CTP", 0x0013100F: "before", 0x00131010: "TRIAL-7", 0x00131011: "after",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "action", "expected"),
    [("", "keep", "own"), ("", "remove", "TRIAL-7"), (", always: true", "keep", "TRIAL-7")],
)
def test_an_own_value_is_replaced_only_if_the_rules_say_so(more, action, expected):
    dataset = make_object()
    dataset.private_block(0x13, "CTP", create=True).add_new(0x10, "LO", "own")
    elements = f'elements:\n  - {{tag: "(0013,\\"CTP\\",10)", action: {action}}}\n'
    assert read(dataset, more, elements)[0x00131010].value == expected


def test_the_vr_of_a_private_element_may_be_chosen():
    element = read(make_object(), ", vr: US", value="'12'")[0x00131010]
    assert (element.VR, element.value) == ("US", 12)


def test_a_value_may_refer_to_new_values():
    new = read(make_object(), value="'{PatientID}'")
    assert new[0x00131010].value == new.PatientID != "MRN-4711"


def test_a_group_without_a_free_block_is_quarantined():
    dataset = make_object()
    for number in range(0x10, 0x100):
        dataset.add_new((0x13, number), "LO", f"ACME {number}")
    assert run(dataset).reason_code == "invalid_value"
