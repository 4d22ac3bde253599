"""Check the de-identification labels of an object (PS3.15, section E.1.1; CID 7050).

The labels are Patient Identity Removed (0012,0062), De-identification Method (0012,0063) and its
codes (0012,0064), Longitudinal Temporal Information Modified (0028,0303), Burned In Annotation
(0028,0301) and Recognizable Visual Features (0028,0302).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from safelight.verify.defects import Check, Defect
from safelight.verify.dicom_object import DicomObject

#: Context group 7050 of PS3.16.
CID_7050 = frozenset(str(code) for code in range(113100, 113113))

BASIC_PROFILE = "113100"
CLEAN_PIXELS = "113101"
CLEAN_VISUAL_FEATURES = "113102"
FULL_DATES = "113106"
MODIFIED_DATES = "113107"
RETAIN_UIDS = "113110"
RETAIN_SAFE_PRIVATE = "113111"


@dataclass(frozen=True)
class _Labels:
    """Labels of one object, and the codes that its rules provide for."""

    codes: frozenset[str]
    granted_codes: frozenset[str] | None
    identity_removed: str
    method: str
    temporal_information: str
    burned_in_annotation: str
    visual_features: str
    has_pixels: bool


def check_labels(
    dicom_object: DicomObject, granted_codes: frozenset[str] | None
) -> Iterator[Defect]:
    """Yield the defects of the labels of one object.

    Parameters
    ----------
    dicom_object : DicomObject
    granted_codes : frozenset of str or None
        Codes that the rules of the organisation provide for; another code is a defect. None if
        the rules are not known.
    """
    labels = _Labels(
        codes=dicom_object.method_codes,
        granted_codes=granted_codes,
        identity_removed=dicom_object.get_text("(0012,0062)"),
        method=dicom_object.get_text("(0012,0063)"),
        temporal_information=dicom_object.get_text("(0028,0303)"),
        burned_in_annotation=dicom_object.get_text("(0028,0301)"),
        visual_features=dicom_object.get_text("(0028,0302)"),
        has_pixels=bool(dicom_object.pixel_bytes),
    )
    for check in _CHECKS:
        yield from check(labels)


def _make_defect(location: str, detail: str) -> Defect:
    """Return a defect of a label."""
    return Defect(Check.LABELS, location, detail)


def _check_identity_removed(labels: _Labels) -> Iterator[Defect]:
    """Require that Patient Identity Removed is YES."""
    if labels.identity_removed != "YES":
        yield _make_defect("(0012,0062)", "is not YES")


def _check_method(labels: _Labels) -> Iterator[Defect]:
    """Require a method or a method code."""
    if not labels.codes and not labels.method:
        yield _make_defect("(0012,0064)", "neither a method nor a method code is given")


def _check_basic_profile(labels: _Labels) -> Iterator[Defect]:
    """Require the Basic Profile among the method codes, unless the rules may keep more."""
    if labels.granted_codes is None and labels.codes and BASIC_PROFILE not in labels.codes:
        yield _make_defect("(0012,0064)", "the Basic Profile (113100) is not claimed")


def _check_known_codes(labels: _Labels) -> Iterator[Defect]:
    """Require codes of CID 7050. Only numeric codes are quoted, because others may be PHI."""
    for code in sorted(labels.codes - CID_7050):
        if code.isascii() and code.isdigit():
            yield _make_defect("(0012,0064)", f"{code} is not in CID 7050")
        else:
            yield _make_defect("(0012,0064)", "a code is not in CID 7050")


def _check_granted_codes(labels: _Labels) -> Iterator[Defect]:
    """Require codes that the rules provide for."""
    if labels.granted_codes is None:
        return
    for code in sorted(labels.codes & CID_7050 - labels.granted_codes):
        yield _make_defect("(0012,0064)", f"{code} is claimed, but the rules do not provide for it")


def _check_exclusive_dates(labels: _Labels) -> Iterator[Defect]:
    """Reject full and modified dates together (PS3.15, section E.3.6)."""
    if {FULL_DATES, MODIFIED_DATES} <= labels.codes:
        yield _make_defect(
            "(0012,0064)", "full and modified dates (113106, 113107) exclude each other"
        )


def _check_temporal_information(labels: _Labels) -> Iterator[Defect]:
    """Require the temporal information that the codes for dates imply."""
    if not labels.codes & {BASIC_PROFILE, FULL_DATES, MODIFIED_DATES}:
        return  # some dates may be shifted and others original, which has no code
    expected = "REMOVED"
    if FULL_DATES in labels.codes:
        expected = "UNMODIFIED"
    elif MODIFIED_DATES in labels.codes:
        expected = "MODIFIED"
    if labels.temporal_information != expected:
        yield _make_defect("(0028,0303)", f"is not {expected}, as the codes require")


def _check_burned_in_annotation(labels: _Labels) -> Iterator[Defect]:
    """Require that clean pixel data have no burned-in annotation."""
    if CLEAN_PIXELS not in labels.codes:
        return
    if labels.burned_in_annotation == "YES":
        yield _make_defect("(0028,0301)", "is YES, but clean pixel data (113101) is claimed")
    if labels.has_pixels and labels.burned_in_annotation != "NO":
        yield _make_defect("(0028,0301)", "is not NO, but clean pixel data (113101) is claimed")


def _check_visual_features(labels: _Labels) -> Iterator[Defect]:
    """Require that clean visual features are labelled as not recognizable."""
    if CLEAN_VISUAL_FEATURES in labels.codes and labels.visual_features != "NO":
        yield _make_defect("(0028,0302)", "is not NO, but 113102 is claimed")


#: Checks in the order of their defects in a report.
_CHECKS: tuple[Callable[[_Labels], Iterator[Defect]], ...] = (
    _check_identity_removed,
    _check_method,
    _check_basic_profile,
    _check_known_codes,
    _check_granted_codes,
    _check_exclusive_dates,
    _check_temporal_information,
    _check_burned_in_annotation,
    _check_visual_features,
)
