from __future__ import annotations

from io import BytesIO
from typing import Any

import pydicom
import pytest
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian

from safelight import Deidentifier
from safelight.dicom.encoding import EXPLICIT_BIG, EXPLICIT_LITTLE, LONG_VRS, SHORT_VRS
from safelight.headers.dummy_values import (
    load_structural_values,
    make_dummy_value,
    make_structural_value,
)


@pytest.mark.parametrize("vr", sorted((LONG_VRS | SHORT_VRS) - {"SQ"}))
def test_every_vr_has_a_dummy_value(vr: str) -> None:
    assert make_dummy_value(vr, EXPLICIT_LITTLE)


@pytest.mark.parametrize(
    ("vr", "expected"), [("US", b"\0\0"), ("FD", b"\0" * 8), ("PN", b"ANONYMOUS"), ("AS", b"000Y")]
)
def test_dummy_value_fits_its_vr(vr: str, expected: bytes) -> None:
    assert make_dummy_value(vr, EXPLICIT_BIG) == expected


@pytest.mark.parametrize("tag", sorted(load_structural_values().values))
def test_each_structural_value_fits_its_vr(tag: int) -> None:
    vr = pydicom.datadict.dictionary_VR(tag)
    value = make_structural_value(tag, vr, EXPLICIT_BIG)
    assert value and len(value) <= 16
    assert make_structural_value(tag, "PN", EXPLICIT_BIG) is None


def item(**elements: Any) -> Dataset:
    dataset = Dataset()
    for keyword, value in elements.items():
        setattr(dataset, keyword, value)
    return dataset


def presentation_state() -> bytes:
    """Return a presentation state with a line and a text, on a layer of its own."""
    dataset = item(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.11.1",
        SOPInstanceUID="1.2.3.4",
        StudyInstanceUID="1.2.3",
        SeriesInstanceUID="1.2.3.1",
        PatientID="P1",
        Modality="PR",
        GraphicLayerSequence=[item(GraphicLayer="LAYER1", GraphicLayerOrder=1)],
    )
    text = item(
        BoundingBoxAnnotationUnits="DISPLAY",
        UnformattedTextValue="seen by Quandary",
        BoundingBoxTopLeftHandCorner=[0.1, 0.2],
        BoundingBoxTextHorizontalJustification="RIGHT",
    )
    line = item(
        GraphicAnnotationUnits="DISPLAY",
        GraphicDimensions=2,
        NumberOfGraphicPoints=3,
        GraphicData=[0.1, 0.2, 0.3, 0.4, 0.5, 0.6],
        GraphicType="INTERPOLATED",
        GraphicFilled="Y",
    )
    dataset.GraphicAnnotationSequence = [
        item(GraphicLayer="LAYER1", TextObjectSequence=[text], GraphicObjectSequence=[line])
    ]
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def test_a_dummied_annotation_has_enumerated_values_and_agreeing_counts() -> None:
    result = Deidentifier(rules="basic", key=bytes(range(32)), pixels=False).deidentify(
        presentation_state()
    )
    assert result.data is not None
    dataset = pydicom.dcmread(BytesIO(result.data))
    annotation = dataset.GraphicAnnotationSequence[0]
    text, line = annotation.TextObjectSequence[0], annotation.GraphicObjectSequence[0]
    assert annotation.GraphicLayer == dataset.GraphicLayerSequence[0].GraphicLayer
    assert text.UnformattedTextValue == "ANONYMOUS"
    assert text.BoundingBoxAnnotationUnits == line.GraphicAnnotationUnits == "PIXEL"
    assert text.BoundingBoxTextHorizontalJustification == "LEFT"
    assert (line.GraphicDimensions, line.NumberOfGraphicPoints) == (2, 3)
    assert list(line.GraphicData) == [0.0] * 6
    assert (line.GraphicType, line.GraphicFilled) == ("POLYLINE", "N")
