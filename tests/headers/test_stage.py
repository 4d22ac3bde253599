"""What the header stage says of the object as a whole."""

from __future__ import annotations

import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import UID

from safelight.verify import Check, Verifier
from tests.headers.objects import deidentify, make_object


def test_the_file_meta_names_the_instance_that_the_data_set_names() -> None:
    new, result = deidentify(make_object())
    assert new.file_meta.MediaStorageSOPInstanceUID == new.SOPInstanceUID == result.sop_uid


def test_a_well_known_instance_keeps_its_uid_in_the_file_meta_too() -> None:
    # The standard registers SOP instances of its own, such as its colour palettes (PS3.6, A).
    fall = UID("1.2.840.10008.1.5.5")
    new, result = deidentify(make_object(SOPInstanceUID=fall))
    assert new.file_meta.MediaStorageSOPInstanceUID == new.SOPInstanceUID == result.sop_uid == fall


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("PERFUSION^MCA", True),
        ("PANCREAS", True),
        ("HEADNECK^ONE", True),
        ("HARGREAVE^TOMAS", False),
    ],
)
def test_a_code_string_stays_if_the_name_is_a_word_that_nobody_bears(name: str, kept: bool) -> None:
    value = name.partition("^")[0]
    new, _ = deidentify(make_object(PatientName=name, BodyPartExamined=value))
    assert (new.get("BodyPartExamined") == value) is kept


@pytest.mark.parametrize("rules", ["basic", "research"])
def test_no_instance_is_listed_that_nothing_refers_to(rules: str) -> None:
    # Source Image Sequence is Type 3 in the General Reference Module, so that the Basic Profile
    # removes it; the Common Instance Reference Module (PS3.3, C.12.2) is for what is referred to.
    source, series = Dataset(), Dataset()
    source.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
    source.ReferencedSOPInstanceUID = "1.2.3.4.77"
    source.PatientID = "HIDDEN"
    series.SeriesInstanceUID = "1.2.3.4.7"
    series.ReferencedInstanceSequence = Sequence([source])
    ds = make_object(SourceImageSequence=Sequence([source]))
    alone, _ = deidentify(ds, rules)
    assert ("SourceImageSequence" in alone) is (rules == "research")
    ds.ReferencedSeriesSequence = Sequence([series])
    new, _ = deidentify(ds, rules)
    uid = new.SourceImageSequence[0].ReferencedSOPInstanceUID
    listed = new.ReferencedSeriesSequence[0].ReferencedInstanceSequence[0]
    assert listed.ReferencedSOPInstanceUID == uid != "1.2.3.4.77"
    assert "HIDDEN" not in str(new)


@pytest.mark.parametrize("rules", ["basic", "research"])
def test_a_cleaned_document_is_stated_and_its_check_is_clean(rules: str) -> None:
    document = (
        b'<ClinicalDocument xmlns="urn:hl7-org:v3"><recordTarget><patientRole><patient><name>'
        b"<family>HARGREAVE</family></name></patient></patientRole></recordTarget></ClinicalDocument>"
    )
    ds = make_object(
        SOPClassUID=UID("1.2.840.10008.5.1.4.1.1.104.2"),
        MIMETypeOfEncapsulatedDocument="text/XML",
        EncapsulatedDocument=document,
    )
    new, result = deidentify(ds, rules, annotate=lambda texts: [[] for _ in texts])
    assert b"HARGREAVE" not in new.EncapsulatedDocument
    assert "Encapsulated document cleaned" in new.DeidentificationMethod
    assert result.data is not None
    assert not [d for d in Verifier().check(result.data) if d.check is Check.FORBIDDEN]
    other, _ = deidentify(make_object())
    assert "Encapsulated document cleaned" not in other.DeidentificationMethod


def test_a_dummied_number_has_as_many_values_as_it_had() -> None:
    item = Dataset()
    item.ReferencedWaveformChannels = [1, 3]  # pairs, by its value multiplicity of 2-2n
    item.UnformattedTextValue = "of HARGREAVE"
    ds = make_object(
        SOPClassUID="1.2.840.10008.5.1.4.1.1.9.1.1", WaveformAnnotationSequence=Sequence([item])
    )
    new, _ = deidentify(ds, "basic")
    assert list(new.WaveformAnnotationSequence[0].ReferencedWaveformChannels) == [0, 0]
