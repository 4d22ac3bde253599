"""Plan for one object: every element, without values."""

from pydicom.dataset import Dataset

from safelight.rules import load_rules
from safelight.rules.object_plan import plan_object


def study():
    inner = Dataset()
    inner.PatientName = "SECRET^INNER"
    inner.ReferencedSOPInstanceUID = "1.2.99"
    ds = Dataset()
    ds.SOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    ds.StudyDate = "20200131"
    ds.StudyDescription = "SECRET chest"
    ds.PatientName = "SECRET^NAME"
    ds.ReferencedImageSequence = [inner]
    block = ds.private_block(0x0019, "SIEMENS MR HEADER", create=True)
    block.add_new(0x0C, "IS", "7")
    block.add_new(0x99, "LO", "SECRET")
    return ds


def test_every_element_has_its_operation():
    planned = {one.location: one for one in plan_object(load_rules("research"), study())}
    assert {where: one.operation for where, one in planned.items()} == {
        "(0008,0016)": "KEEP",
        "(0008,0020)": "SHIFT",
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
