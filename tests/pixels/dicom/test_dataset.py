"""The pydicom data set of a header holds what pydicom itself reads from the same bytes."""

from __future__ import annotations

from io import BytesIO

import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRBigEndian, ExplicitVRLittleEndian, ImplicitVRLittleEndian

from safelight.dicom.parser import parse
from safelight.pixels.dicom.dataset import make_dataset
from tests.headers.objects import make_object, to_bytes

SYNTAXES = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian]


def header_of(data: bytes) -> Dataset:
    parsed = parse(data)
    return make_dataset(parsed, parsed.elements)


@pytest.mark.parametrize("undefined", [False, True])
@pytest.mark.parametrize("syntax", SYNTAXES)
def test_sequences_keep_their_items(syntax: str, undefined: bool) -> None:
    item = Dataset()
    item.RegionLocationMinX0 = 7
    made = make_object(syntax, SequenceOfUltrasoundRegions=Sequence([item]))
    made["SequenceOfUltrasoundRegions"].is_undefined_length = undefined
    (read,) = header_of(to_bytes(made)).SequenceOfUltrasoundRegions
    assert read.RegionLocationMinX0 == 7


def test_text_is_decoded_in_the_character_set_of_the_object() -> None:
    made = make_object(SpecificCharacterSet="ISO_IR 192", Manufacturer="Gerätebau")
    assert header_of(to_bytes(made)).Manufacturer == "Gerätebau"


def test_empty_elements_stay_empty() -> None:
    assert header_of(to_bytes(make_object(WindowCenter=None))).WindowCenter is None


@pytest.mark.parametrize(
    "name", ["CT_small.dcm", "MR_small_implicit.dcm", "ExplVR_BigEnd.dcm", "rtplan.dcm"]
)
def test_a_real_header_equals_that_of_pydicom(name: str) -> None:
    with open(get_testdata_file(name, download=False), "rb") as file:  # type: ignore[arg-type]
        data = file.read()
    expected = pydicom.dcmread(BytesIO(data), force=True)
    read = header_of(data)
    assert list(read.keys()) == list(expected.keys())
    assert read.to_json_dict(suppress_invalid_tags=True) == expected.to_json_dict(
        suppress_invalid_tags=True
    )
