"""Normalize a data set to the metadata of an image set, as the stand-in for HealthImaging has it.

Source: page "Metadata normalization" of the developer guide, and a metadata document of the live
service in the tests of grand-challenge.org (Apache-2.0), which shows file meta information, null
values, trailing spaces and base64.
"""

from __future__ import annotations

import base64
from typing import Any

from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue

#: Elements of each level; the page lists more.
PATIENT = {
    "PatientName", "PatientID", "IssuerOfPatientID", "PatientBirthDate", "PatientSex",
    "OtherPatientNames", "EthnicGroup", "PatientComments", "PatientIdentityRemoved",
    "DeidentificationMethod", "DeidentificationMethodCodeSequence",
}  # fmt: skip
STUDY = {
    "StudyInstanceUID", "StudyDate", "StudyTime", "ReferringPhysicianName", "StudyID",
    "AccessionNumber", "StudyDescription", "PatientAge", "PatientSize", "PatientWeight",
}  # fmt: skip
SERIES = {
    "Modality", "SeriesInstanceUID", "SeriesNumber", "Laterality", "SeriesDate", "SeriesTime",
    "SeriesDescription", "BodyPartExamined", "PatientPosition", "Manufacturer", "InstitutionName",
    "StationName", "ManufacturerModelName", "DeviceSerialNumber", "SoftwareVersions",
    "FrameOfReferenceUID", "PositionReferenceIndicator", "OperatorsName", "ProtocolName",
}  # fmt: skip

_BINARY = ("OB", "OD", "OF", "OL", "OV", "OW", "UN")


def normalize(
    dataset: Dataset,
) -> tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any], dict[str, str]]:
    """Return the elements of patient, study, series and instance, and the VRs."""
    levels: tuple[dict[str, Any], ...] = ({}, {}, {}, {})
    vrs: dict[str, str] = {}
    for source in (dataset.file_meta, dataset):
        for element in source:
            if element.tag == 0x7FE00010:
                continue
            key = _key(element, vrs)
            for level, names in zip(levels, (PATIENT, STUDY, SERIES, {key})):
                if key in names:
                    level[key] = _value(element, vrs)
                    break
    patient, study, series, instance = levels
    return patient, study, series, instance, vrs


def _key(element: DataElement, vrs: dict[str, str]) -> str:
    if element.keyword:
        return str(element.keyword)
    key = f"{int(element.tag):08x}"
    vrs[key] = str(element.VR)
    return key


def _value(element: DataElement, vrs: dict[str, str]) -> Any:
    value = element.value
    if element.VR == "SQ":
        return [{_key(sub, vrs): _value(sub, vrs) for sub in item} for item in value]
    if element.is_empty:
        return None
    if element.VR in _BINARY:
        return base64.b64encode(value).decode()
    if isinstance(value, (MultiValue, list)):
        return [_plain(element.VR, part) for part in value]
    return _plain(element.VR, value)


def _plain(vr: str, value: Any) -> Any:
    if vr == "AT":
        return f"{int(value):08X}"
    if vr in ("IS", "DS"):
        return str(getattr(value, "original_string", value))
    return value if isinstance(value, (int, float)) else str(value)
