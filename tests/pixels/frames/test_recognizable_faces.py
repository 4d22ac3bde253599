"""A face is assumed wherever a head may have been scanned in thin slices."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset

from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.frames.recognizable_faces import assess_face, make_header_getter
from tests.pixels.objects import native_object

HEAD = {
    "Modality": "CT",
    "ImageType": "ORIGINAL\\PRIMARY\\AXIAL",
    "BodyPartExamined": "HEAD",
    "SliceThickness": "1.25",
    "PixelSpacing": "0.5\\0.5",
    "Rows": "512",
    "Columns": "512",
}


CT = "1.2.840.10008.5.1.4.1.1.2"
SECONDARY = "1.2.840.10008.5.1.4.1.1.7"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, True),
        ({"Modality": "MR", "BodyPartExamined": "", "SeriesDescription": "SAG_MPRAGE"}, True),
        ({"Modality": "PT", "BodyPartExamined": "WHOLEBODY", "SliceThickness": "3.3"}, True),
        ({"BodyPartExamined": "", "StudyDescription": "CT BRAIN W/O CONTRAST"}, True),
        ({"BodyPartExamined": "", "SliceThickness": ""}, True),  # nothing told: assume one
        ({"BodyPartExamined": "CHEST", "StudyDescription": "HEAD AND CHEST"}, True),
        ({"ImageType": "DERIVED\\PRIMARY\\REFORMATTED"}, True),
        ({"BodyPartExamined": "CHEST"}, False),
        ({"BodyPartExamined": "", "SeriesDescription": "Knee PD fs"}, False),
        ({"BodyPartExamined": "LSPINE", "Modality": "MR"}, False),
        ({"ImageType": "ORIGINAL\\PRIMARY\\LOCALIZER"}, False),
        ({"ImageType": "DERIVED\\SECONDARY\\VOLREN", "SOPClassUID": SECONDARY}, None),
        ({"ImageType": "DERIVED\\SECONDARY\\REFORMATTED", "SOPClassUID": CT}, True),
        ({"ImageType": "DERIVED\\SECONDARY\\DOSE INFO", "SOPClassUID": SECONDARY}, False),
        ({"SliceThickness": "10"}, False),
        ({"SliceThickness": "2", "SpacingBetweenSlices": "9"}, False),
        ({"PixelSpacing": "0.1\\0.1"}, False),
        ({"Modality": "US"}, False),
        ({"Modality": "CR"}, False),
        ({"Modality": ""}, None),
        ({"Modality": "OT"}, None),
        ({"Modality": "XC", "BodyPartExamined": ""}, True),
        ({"Modality": "XC", "BodyPartExamined": "HAND"}, False),
    ],
)
def test_faces(changes: dict[str, str], expected: bool | None) -> None:
    header = {**HEAD, **changes}
    found, why = assess_face(lambda keyword: header.get(keyword, ""))
    assert found is expected, why
    assert why


def test_the_reason_quotes_no_description() -> None:
    header = {**HEAD, "StudyDescription": "HEAD OF MR ZYXW", "SeriesDescription": "ZYXW"}
    assert "ZYXW" not in assess_face(lambda keyword: header.get(keyword, ""))[1]


def enhanced(region: str, thickness: float) -> FrameSource:
    """Return an enhanced MR object with all values in its functional groups."""
    code, anatomy, measures, shared = Dataset(), Dataset(), Dataset(), Dataset()
    code.CodeMeaning = region
    anatomy.AnatomicRegionSequence = [code]
    measures.SliceThickness, measures.PixelSpacing = thickness, [1, 1]
    shared.FrameAnatomySequence, shared.PixelMeasuresSequence = [anatomy], [measures]
    data = native_object(
        bytes(256 * 256), Rows=256, Columns=256, Modality="MR",
        SharedFunctionalGroupsSequence=[shared],
    )  # fmt: skip
    return FrameSource.from_bytes(data)


@pytest.mark.parametrize(
    ("region", "thickness", "expected"),
    [("Brain", 1, True), ("Brain", 8, False), ("Knee", 1, False), ("", 1, True)],
)
def test_enhanced_objects_are_judged_by_their_functional_groups(
    region: str, thickness: float, expected: bool
) -> None:
    assert assess_face(make_header_getter(enhanced(region, thickness)))[0] is expected
