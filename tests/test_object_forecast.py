"""Plan of one object: it equals what a run does."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from safelight.object_forecast import forecast
from safelight.records import Status
from safelight.rules import load_rules, parse_rules
from tests.headers.objects import find_nothing, make_deidentifier, make_object, to_bytes
from tests.test_deidentifier import make_image
from tests.trees import Tree, trees

HEAD = "name: m\nversion: 1\nextends: research\n"
ITEMS = HEAD + (
    "add:\n"
    "- {tag: '(0040,0275)/(0032,1060)', value: X, always: true}\n"
    "- {tag: ContributingEquipmentSequence, append: true, item: {Manufacturer: '{Modality}'}}\n"
)
OWN = HEAD + (
    "elements:\n"
    "- {tag: '*/StudyDescription', action: keep}\n"
    "- {tag: '*/{DA}', when: {Modality: {equals: CT}}, action: generalise, to: year}\n"
    "- {tag: '*/{IS}', when: {this: {greaterThan: 10}}, action: round, to: 5}\n"
    "- {tag: '+/{PN}', action: remove}\n"
)
RULES = {"research": "research", "basic": "basic", "own": OWN, "items": ITEMS}
DEIDENTIFIERS = {
    name: make_deidentifier(rules, annotate=find_nothing) for name, rules in RULES.items()
}


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(tree=trees(), name=st.sampled_from(sorted(RULES)))
def test_the_plan_equals_the_run(tree: Tree, name: str) -> None:
    data = to_bytes(tree.dataset)
    planned = forecast(DEIDENTIFIERS[name].rules, data, pixels=False)
    result = DEIDENTIFIERS[name].deidentify(data)
    assert planned.result.status is result.status
    changes = [(one.location, one.action, one.rule) for one in result.actions]
    assert [(one.location, one.action, one.rule) for one in planned.result.actions] == changes
    found = [(one.location, one.entity, one.engine) for one in result.findings]
    assert [(one.location, one.entity, one.engine) for one in planned.result.findings] == found
    if result.status is Status.DEIDENTIFIED:
        elements = {one.location: one for one in planned.elements}
        for location, _action, rule in changes:
            if location in elements:
                assert elements[location].source == rule
        removed = {location for location, action, _ in changes if action == "removed"}
        expected = {one.location for one in planned.elements if one.operation == "REMOVE"}
        assert expected <= removed


KEEP_PRIVATE = """
name: mine
version: "1"
profile: basic
elements: [{tag: '*/(xxxx,"*",xx)', action: keep}]
"""


def lines(text, data, pixels=False):
    rules = parse_rules(text, "m") if "\n" in text else load_rules(text)
    return list(forecast(rules, data, pixels=pixels).list_lines(rules))


def test_filters_are_told():
    reject = HEAD + "filters: [{reject: {Modality: {equals: CT}}, reason: no CT}]\n"
    told = lines(reject, make_image())
    assert told[0] == "Result: filtered (filtered_by_rule): no CT"
    assert told[1] == "Filters: filters[0] matches: reject"
    assert lines(reject, make_image(modality="MR"))[1].startswith("Filters: no filter matches")


def test_added_elements_are_told_with_their_entry():
    told = lines(ITEMS, make_image())
    inserted = [one for one in told if one.startswith("(0018,A001)[0].(0008,0070) LO")]
    assert len(inserted) == 1 and inserted[0].endswith("inserted     Manufacturer | m add[1]")


def test_known_values_of_the_patient_are_told_without_the_value():
    told = lines(HEAD + "elements: [{tag: StudyDescription, action: keep}]\n",
                 make_image(comment="Head of Jane Doe"))  # fmt: skip
    assert "Known values of the patient: (0008,1030) (1)" in told
    assert any(one.startswith("(0008,1030) LO KEEP               cleaned ") for one in told)
    assert not any("Doe" in one or "Jane" in one for one in told)


def test_objects_without_a_preamble_have_the_same_plan():
    data = make_image()
    whole = forecast(load_rules("basic"), data, pixels=False)
    bare = forecast(load_rules("basic"), data[132:], pixels=False)
    assert bare.elements == whole.elements and bare.result.status is whole.result.status


def test_pixels_are_told():
    assert "Pixels: not read" in lines("research", make_image())
    assert "Pixels: not read" in lines(HEAD + "pixels: {check: false}\n", make_image(), True)
    assert "Pixels: nothing is masked" in lines("research", make_image(), True)


def test_values_are_not_told():
    told = forecast(load_rules("research"), make_image(), pixels=False)
    assert told.result.data is None and not told.result.mappings and not told.result.catalog
    assert "Whitlow" not in repr(told) and "Doe" not in repr(told)


def test_regions_that_match_are_told():
    text = HEAD + (
        "pixels:\n  regions:\n"
        "    - {when: {Modality: {equals: US}}, keep: ultrasound_regions}\n"
        "    - {when: {Modality: {equals: CT}}, mask: [[0, 0, 9, 8]]}\n"
    )
    found = [one for one in lines(text, to_bytes(make_object())) if one.startswith("Regions")]
    assert found == ["Regions: m pixels.regions[1] matches: mask [0, 0, 9, 8]"]
    other = to_bytes(make_object(Modality="MR"))
    assert "Regions: no entry of pixels.regions matches" in lines(text, other)


def test_private_elements_of_a_creator_that_names_the_patient_are_planned_as_removed():
    source = make_object()
    block = source.private_block(0x0033, f"ACME {source.PatientID}", create=True)
    block.add_new(1, "LO", "soft")
    item = Dataset()
    item.StationName = "CT1"
    block.add_new(2, "SQ", [item])
    source.private_block(0x0035, "ACME", create=True).add_new(1, "LO", "soft")
    rules = parse_rules(KEEP_PRIVATE, "r.yaml")
    planned = {
        one.location: one.operation
        for one in forecast(rules, to_bytes(source), pixels=False).elements
        if one.location.startswith(("(0033", "(0035"))
    }
    assert planned == {"(0033,1001)": "REMOVE", "(0033,1002)": "REMOVE", "(0035,1001)": "KEEP"}
