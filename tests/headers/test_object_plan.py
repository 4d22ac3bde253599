"""Plan for one object: every element, without values."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from safelight.dicom.parser import parse
from safelight.headers.object_plan import plan_object
from safelight.rules import load_rules, parse_rules
from tests.headers.objects import add_raw, make_deidentifier, make_object, to_bytes
from tests.headers.test_private_items import CREATOR, ENCODINGS, POLICIES, SYNTAXES, TAG, make_items


def study():
    inner = Dataset()
    inner.PatientName = "SECRET^INNER"
    inner.ReferencedSOPInstanceUID = "1.2.99"
    ds = make_object(StudyDescription="SECRET chest", PatientName="SECRET^NAME")
    ds.ReferencedImageSequence = [inner]
    block = ds.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", "7")
    block.add_new(0x99, "LO", "SECRET")
    return parse(to_bytes(ds))


def test_every_element_has_its_operation():
    planned = {one.location: one for one in plan_object(load_rules("research"), study())}
    assert {where: one.operation for where, one in planned.items()} == {
        "(0008,0016)": "KEEP",
        "(0008,0018)": "UID",
        "(0008,0020)": "SHIFT",
        "(0008,0060)": "KEEP",
        "(0010,0020)": "PATIENT_ID",
        "(0010,0030)": "EMPTY",
        "(0020,000D)": "UID",
        "(0020,000E)": "UID",
        "(0028,0100)": "KEEP",
        "(0008,1030)": "CLEAN else REMOVE",
        "(0008,1140)": "RECURSE",
        "(0008,1140)[0].(0008,1155)": "UID",
        "(0008,1140)[0].(0010,0010)": "NAME",
        "(0010,0010)": "NAME",
        "(0019,100C)": "KEEP",
        "(0019,1099)": "REMOVE",
    }
    assert planned["(0019,100C)"].name == "private SIEMENS MR HEADER"
    assert planned["(0008,0020)"].name == "StudyDate"
    assert planned["(0008,1140)"].source == "research elements[2]"


def test_values_are_not_shown():
    assert "SECRET" not in repr(list(plan_object(load_rules("basic"), study())))


@pytest.mark.parametrize("vr", ["UN", "OB", "OW"])
@pytest.mark.parametrize("policy", POLICIES)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    encoding=st.sampled_from(sorted(ENCODINGS)), syntax=st.sampled_from(sorted(SYNTAXES)),
    delimited=st.booleans(), depth=st.integers(1, 3), tail=st.sampled_from([b"", b"\0\1"]),
)  # fmt: skip
def test_items_in_private_bytes_are_planned_as_a_run_enters_them(
    vr, policy, encoding, syntax, delimited, depth, tail
):
    ds = make_object(SYNTAXES[syntax])
    ds.private_block(9, CREATOR, create=True)
    add_raw(ds, TAG, vr, make_items(ENCODINGS[encoding], delimited, depth, vr) + tail)
    rules = parse_rules(f"name: r\nversion: '1'\nextends: research\n{POLICIES[policy]}", "r")
    planned = {one.location: one for one in plan_object(rules, parse(to_bytes(ds)))}
    result = make_deidentifier(rules).deidentify(to_bytes(ds))
    done = {
        one.location: one.rule
        for one in result.actions
        if one.location.startswith("(0009") and one.keyword != "PrivateCreator"
    }
    assert {where: planned[where].source for where in done} == done
    removed = {where for where, one in planned.items() if one.operation == "REMOVE"}
    assert {where for where in removed if where.startswith("(0009")} <= set(done)
