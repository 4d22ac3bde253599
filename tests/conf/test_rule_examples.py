"""Policies in ``conf/rules/examples``, applied to objects."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest
from pydicom.dataset import Dataset
from pydicom.uid import UltrasoundImageStorage, VLWholeSlideMicroscopyImageStorage

from safelight.records import Span, Status
from safelight.rules import load_rules
from safelight.rules.lint import lint
from tests.headers.objects import (
    deidentify,
    find_nothing,
    make_deidentifier,
    make_object,
    read,
    to_bytes,
)

EXAMPLES = Path(__file__).parents[2] / "conf" / "rules" / "examples"


@pytest.mark.parametrize("path", sorted(EXAMPLES.glob("*.yaml")), ids=lambda path: path.stem)
def test_an_example_has_no_error(path: Path) -> None:
    rules = load_rules(path)
    assert rules.name == path.stem
    assert [str(one) for one in lint(rules) if one.severity == "error"] == []


def annotate_places(texts: Sequence[str]) -> list[list[Span]]:
    """Annotate the places of the test as a text model does."""
    labels = {"12 Elm Street": "STREET", "Springfield": "CITY", "IL": "STATE", "62704": "ZIP"}
    return [
        [
            Span(text.index(part), text.index(part) + len(part), "LOCATION", "ner", 0.9, label)
            for part, label in labels.items()
            if part in text
        ]
        for text in texts
    ]


def test_a_limited_data_set_keeps_dates_ages_and_places_above_the_street() -> None:
    ds = make_object(
        PatientAddress="12 Elm Street, Springfield, IL 62704", RegionOfResidence="Springfield",
        PatientAge="093Y", StudyTime="101112",
    )  # fmt: skip
    new, _ = deidentify(ds, load_rules(EXAMPLES / "hipaa-limited-data-set.yaml"),
                        annotate=annotate_places)  # fmt: skip
    assert (new.StudyDate, new.PatientBirthDate, new.StudyTime) == (
        "20190312", "19610702", "101112",
    )  # fmt: skip
    assert (new.PatientAge, new.RegionOfResidence) == ("093Y", "Springfield")
    assert new.PatientAddress == "[LOCATION], Springfield, IL 62704"
    assert "HARGREAVE" not in str(new) and "PX440172" not in str(new)
    assert new.LongitudinalTemporalInformationModified == "UNMODIFIED"


def test_a_limited_data_set_hides_a_street_in_the_region_of_residence() -> None:
    ds = make_object(
        RegionOfResidence="12 Elm Street, Springfield", CountryOfResidence="United States"
    )
    new, _ = deidentify(ds, load_rules(EXAMPLES / "hipaa-limited-data-set.yaml"),
                        annotate=annotate_places)  # fmt: skip
    assert new.RegionOfResidence == "[LOCATION], Springfield"
    assert new.CountryOfResidence == "United States"


def test_only_years_and_bands_are_left() -> None:
    item = Dataset()
    item.StudyDate = "20190315"
    ds = make_object(
        PatientAge="058Y", PatientWeight="72.4", StudyTime="101112", DeviceSerialNumber="SN-1",
        AcquisitionDateTime="20190313101500", RequestAttributesSequence=[item],
    )  # fmt: skip
    ds.private_block(0x19, "SIEMENS MR HEADER", create=True).add_new(0x0C, "IS", "7")
    rules = load_rules(EXAMPLES / "gdpr-year-only.yaml")
    new, _ = deidentify(ds, rules, annotate=find_nothing)
    assert (new.StudyDate, new.PatientBirthDate) == ("20190101", "19610101")
    assert (new.AcquisitionDateTime, new.PatientAge, new.PatientWeight) == ("2019", "055Y", 70)
    assert new.RequestAttributesSequence[0].StudyDate == "20190101"
    assert "DeviceSerialNumber" not in new and not [one for one in new if one.tag.is_private]
    assert rules.pixels.faces == "quarantine"


def test_a_trial_has_the_identifiers_of_its_table(tmp_path: Path) -> None:
    shutil.copy(EXAMPLES / "trial-lookup.yaml", tmp_path)
    (tmp_path / "subjects.csv").write_text(
        "patient_id,subject_id,site_id\nPX440172,S-001,12\n", encoding="utf-8"
    )
    rules = load_rules(tmp_path / "trial-lookup.yaml")
    new, _ = deidentify(make_object(), rules)
    assert (new.PatientID, str(new.PatientName)) == ("S-001", "S-001")
    assert (new.ClinicalTrialProtocolID, new.ClinicalTrialSponsorName) == ("TRIAL-7", "SPONSOR")
    assert (new.ClinicalTrialSiteID, new.ClinicalTrialSubjectID) == ("12", "S-001")
    assert new.PatientIdentityRemoved == "YES"
    other = make_deidentifier(rules).deidentify(to_bytes(make_object(PatientID="OTHER")))
    assert other.reason_code == "lookup_missing"


def test_a_vendor_gets_private_elements_without_names() -> None:
    ds = make_object(SoftwareVersions="VB17", DeviceSerialNumber="SN-1")
    block = ds.private_block(0x19, "ACME HEADER", create=True)
    block.add_new(0x01, "LO", "gain 5")
    block.add_new(0x02, "LO", "Hargreave")
    ds.private_block(0x29, "SIEMENS CSA HEADER", create=True).add_new(0x10, "LO", "x")
    new, _ = deidentify(ds, load_rules(EXAMPLES / "vendor-debugging.yaml"), annotate=find_nothing)
    assert new[0x0019, 0x1001].value == "gain 5" and (0x0029, 0x1010) not in new
    assert "hargreave" not in str(new).lower()
    assert (new.SoftwareVersions, new.DeviceSerialNumber) == ("VB17", "SN-1")
    codes = [item.CodeValue for item in new.get("DeidentificationMethodCodeSequence", ())]
    assert "113100" not in codes


def make_ultrasound(has_regions: bool = True, **values: object) -> bytes:
    """Return an image of 60 rows and 80 columns, with the value 200 in all pixels."""
    ds = make_object(
        Modality="US", PatientAge="058Y", InstitutionName="General Hospital", Rows=60, Columns=80,
        SamplesPerPixel=1, PhotometricInterpretation="MONOCHROME2", PixelRepresentation=0,
        BitsAllocated=8, BitsStored=8, HighBit=7, PixelData=bytes([200]) * 4800,
    )  # fmt: skip
    ds["PixelData"].VR = "OB"
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = UltrasoundImageStorage
    if has_regions:
        region = Dataset()
        region.RegionLocationMinX0, region.RegionLocationMinY0 = 10, 20
        region.RegionLocationMaxX1, region.RegionLocationMaxY1 = 69, 49
        ds.SequenceOfUltrasoundRegions = [region]
    for keyword, value in values.items():
        setattr(ds, keyword, value)
    return to_bytes(ds)


def test_a_teaching_file_has_only_the_ultrasound_regions() -> None:
    rules = load_rules(EXAMPLES / "ultrasound-teaching-file.yaml")
    deidentifier = make_deidentifier(rules, pixels=True, annotate=find_nothing)
    new = read(deidentifier.deidentify(make_ultrasound()).data)
    kept = new.pixel_array == 200
    assert kept[20:50, 10:70].all() and kept.sum() == 30 * 60
    assert (new.StudyDate, new.PatientAge) == ("20190101", "050Y")
    assert not new.get("InstitutionName")
    outcomes = [
        deidentifier.deidentify(data).status
        for data in (make_ultrasound(has_regions=False), make_ultrasound(Modality="CT"))
    ]
    assert outcomes == [Status.QUARANTINED, Status.FILTERED]


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({"ImageType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"]}, Status.DEIDENTIFIED),
        ({"ImageType": ["DERIVED", "PRIMARY", "THUMBNAIL", "RESAMPLED"]}, Status.DEIDENTIFIED),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "LABEL", "NONE"]}, Status.FILTERED),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "OVERVIEW", "NONE"]}, Status.QUARANTINED),
        ({"ImageType": ["ORIGINAL", "PRIMARY"]}, Status.QUARANTINED),
        ({}, Status.QUARANTINED),
        ({"ImageType": ["ORIGINAL", "PRIMARY", "VOLUME", "NONE"], "SpecimenLabelInImage": "YES"},
         Status.QUARANTINED),
    ],
)  # fmt: skip
def test_slides_are_released_without_label_and_macro_images(
    values: dict[str, object], status: Status
) -> None:
    ds = make_object(
        Modality="SM", ContainerIdentifier="S19-4711 A1", LabelText="HARGREAVE S19-4711",
        BarcodeValue="S19-4711", **values,
    )  # fmt: skip
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = VLWholeSlideMicroscopyImageStorage
    rules = load_rules(EXAMPLES / "slide-images.yaml")
    result = make_deidentifier(rules, annotate=find_nothing).deidentify(to_bytes(ds))
    assert result.status is status, result.reason
    if result.data:
        new = read(result.data)
        assert len(new.ContainerIdentifier) == 12
        assert "S19-4711" not in str(new) and "HARGREAVE" not in str(new)


def test_a_head_volume_is_quarantined_where_faces_are_personal_data() -> None:
    head = {"Modality": "MR", "BodyPartExamined": "HEAD", "SliceThickness": "1",
            "PixelSpacing": ["1", "1"], "Rows": 256, "Columns": 256}  # fmt: skip
    data = make_ultrasound(has_regions=False, PixelData=bytes([200]) * 65536, **head)
    rules = load_rules(EXAMPLES / "gdpr-year-only.yaml")
    result = make_deidentifier(rules, pixels=True, annotate=find_nothing).deidentify(data)
    assert (result.status, result.reason_code) == (Status.QUARANTINED, "recognizable_face")
