"""Checks of the de-identification labels, each with the label that fails it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pydicom.dataset import Dataset

from safelight.verify.deidentification_labels import check_labels
from safelight.verify.dicom_object import DicomObject
from tests.verify.objects import RESEARCH_CODES, output, to_bytes


def find_defects(ds: Dataset, granted_codes: frozenset[str] | None = None) -> list[tuple[str, str]]:
    found = check_labels(DicomObject.parse(to_bytes(ds)), granted_codes)
    return [(defect.location, defect.detail) for defect in found]


def test_correct_labels_have_no_defects() -> None:
    assert find_defects(output(), frozenset(RESEARCH_CODES)) == []


def identity_not_removed(ds: Dataset) -> None:
    ds.PatientIdentityRemoved = "NO"


def no_method(ds: Dataset) -> None:
    del ds.DeidentificationMethodCodeSequence
    ds.LongitudinalTemporalInformationModified = "REMOVED"


def no_basic_profile(ds: Dataset) -> None:
    del ds.DeidentificationMethodCodeSequence[0]


def unknown_code(ds: Dataset) -> None:
    ds.DeidentificationMethodCodeSequence[1].CodeValue = "113999"


def text_as_code(ds: Dataset) -> None:
    ds.DeidentificationMethodCodeSequence[1].CodeValue = "JANE DOE"


def both_date_options(ds: Dataset) -> None:
    ds.DeidentificationMethodCodeSequence[1].CodeValue = "113106"
    ds.LongitudinalTemporalInformationModified = "UNMODIFIED"


def wrong_temporal_information(ds: Dataset) -> None:
    ds.LongitudinalTemporalInformationModified = "UNMODIFIED"


def clean_pixels_without_label(ds: Dataset) -> None:
    ds.DeidentificationMethodCodeSequence[1].CodeValue = "113101"


def visual_features_without_label(ds: Dataset) -> None:
    ds.DeidentificationMethodCodeSequence[1].CodeValue = "113102"


@pytest.mark.parametrize(
    ("modify", "location", "part"),
    [
        (identity_not_removed, "(0012,0062)", "is not YES"),
        (no_method, "(0012,0064)", "neither a method"),
        (no_basic_profile, "(0012,0064)", "113100"),
        (unknown_code, "(0012,0064)", "113999 is not in CID 7050"),
        (text_as_code, "(0012,0064)", "a code is not in CID 7050"),
        (both_date_options, "(0012,0064)", "exclude each other"),
        (wrong_temporal_information, "(0028,0303)", "is not MODIFIED"),
        (clean_pixels_without_label, "(0028,0301)", "is not NO"),
        (visual_features_without_label, "(0028,0302)", "is not NO"),
    ],
)
def test_a_wrong_label_is_one_defect(
    modify: Callable[[Dataset], None], location: str, part: str
) -> None:
    ds = output()
    modify(ds)
    ((found, detail),) = find_defects(ds)
    assert found == location and part in detail


def test_clean_pixels_exclude_burned_in_annotation() -> None:
    ds = output()
    clean_pixels_without_label(ds)
    ds.BurnedInAnnotation = "YES"
    assert [location for location, _ in find_defects(ds)] == ["(0028,0301)", "(0028,0301)"]


def test_a_code_must_be_granted_by_the_rules() -> None:
    granted = frozenset(RESEARCH_CODES) - {"113109"}
    ((location, detail),) = find_defects(output(), granted)
    assert location == "(0012,0064)" and detail.startswith("113109 is claimed")
