from __future__ import annotations

import struct

import pytest
from pydicom.dataset import Dataset

from safelight.dicom.parser import parse
from safelight.headers.patient_identity import (
    PatientContext,
    make_identity_key,
    make_patient_identity,
    read_patient_context,
)
from safelight.records import Reason, Refusal
from tests.headers.objects import (
    deidentify,
    find_nothing,
    make_code,
    make_deidentifier,
    make_object,
    to_bytes,
)


def read_context(ds: Dataset, **options: bool) -> PatientContext:
    return read_patient_context(parse(to_bytes(ds)), **options)


def known_texts(ds: Dataset) -> set[str]:
    return {value.text for value in read_context(ds).known}


@pytest.mark.parametrize("other", ["px440172", " PX440172 ", "\uff30\uff38440172"])
def test_case_width_and_white_space_do_not_distinguish_patients(other: str) -> None:
    assert make_patient_identity(other) == make_patient_identity("PX440172")


def test_issuer_distinguishes_patients_with_same_id() -> None:
    one, _ = deidentify(make_object(IssuerOfPatientID="A"))
    two, _ = deidentify(make_object(IssuerOfPatientID="B"))
    assert one.PatientID != two.PatientID


def test_issuer_is_ignored_if_rules_say_so() -> None:
    contexts = [read_context(make_object(IssuerOfPatientID=i), with_issuer=False) for i in "AB"]
    assert contexts[0].identity == contexts[1].identity


def test_a_default_issuer_joins_the_objects_of_a_patient() -> None:
    rules = (
        "name: a\nversion: '1'\nprofile: basic\nids: {issuer: true, default_issuer: North Clinic}\n"
    )
    issuers = ("", "NORTH CLINIC", "South Clinic")
    new = [deidentify(make_object(IssuerOfPatientID=one), rules)[0].PatientID for one in issuers]
    assert new[0] == new[1] != new[2]


def test_a_patient_id_that_a_pattern_keeps_becomes_the_pseudonym_if_it_is_known_elsewhere() -> None:
    rules = "name: a\nversion: '1'\nprofile: basic\nelements: [{tag: 'PatientI*', action: keep}]\n"
    new = []
    for one in ("MRN-774401", "MRN-774402"):
        result = deidentify(make_object(PatientID=one, OtherPatientIDs=one), rules)
        new.append(result[0].PatientID)
        assert result[0].PatientID == result[1].patient_pseudonym
    assert new[0] != new[1]


def test_study_replaces_missing_patient_id() -> None:
    first, result = deidentify(make_object(PatientID=""))
    second, _ = deidentify(make_object(PatientID="", SOPInstanceUID="1.2.3.9"))
    assert first.PatientID == second.PatientID == result.patient_pseudonym
    assert any("derived from" in action.detail for action in result.actions)


def test_other_study_is_another_patient_without_patient_id() -> None:
    first, _ = deidentify(make_object(PatientID=""))
    other, _ = deidentify(make_object(PatientID="", StudyInstanceUID="1.2.3.10"))
    assert other.PatientID != first.PatientID


def test_equal_identity_keys_need_equal_identifying_values() -> None:
    keys = [
        make_identity_key(parse(to_bytes(ds)))
        for ds in (make_object(), make_object(InstanceNumber=2), make_object(PatientID="OTHER1"))
    ]
    assert keys[0] == keys[1] != keys[2]


def test_all_values_of_a_repeated_attribute_are_known() -> None:
    data = to_bytes(make_object(SeriesDescription="by Ockenfels, Zanetti"))
    name = struct.pack("<HH2sH", 0x0010, 0x0010, b"PN", 10) + b"Ockenfels "
    parsed = parse(data + name + name.replace(b"Ockenfels ", b"Zanetti^O "))
    known = {value.text for value in read_patient_context(parsed).known}
    assert known >= {"Ockenfels", "Zanetti^O"}
    assert make_identity_key(parsed) != make_identity_key(parse(data + name + name))


def test_kept_value_is_not_known() -> None:
    parsed = parse(to_bytes(make_object(InstitutionName="Northfield General")))
    known = read_patient_context(parsed, kept_tags={0x00080080}).known
    assert "Northfield General" not in {value.text for value in known}


def test_unknown_character_set_is_refused() -> None:
    data = to_bytes(make_object(SpecificCharacterSet="ISO_IR 100"))
    with pytest.raises(Refusal) as caught:
        read_patient_context(parse(data.replace(b"ISO_IR 100", b"KLINGON 01")))
    assert caught.value.reason is Reason.UNKNOWN_CHARACTER_SET


def test_persons_in_sequences_are_known_values() -> None:
    person, request = Dataset(), Dataset()
    person.PersonIdentificationCodeSequence = [make_code("7", "99X", "Zimmerhoff, G")]
    person.PersonTelephoneNumbers = "(305) 555-0188"
    request.RequestingPhysician, request.PatientID = "Zanetti^Orsola", "QQ-778812"
    ds = make_object(OperatorIdentificationSequence=[person], RequestAttributesSequence=[request])
    assert known_texts(ds) >= {"Zimmerhoff, G", "(305) 555-0188", "Zanetti^Orsola", "QQ-778812"}


def test_values_of_persons_in_sequences_are_removed_from_text() -> None:
    person, request = Dataset(), Dataset()
    person.PersonTelephoneNumbers = "(305) 555-0188"
    request.RequestingPhysician, request.PatientID = "Zanetti^Orsola", "QQ-778812"
    ds = make_object(
        OperatorIdentificationSequence=[person], RequestAttributesSequence=[request],
        ImageComments="Zanetti asked; 305 555 0188, QQ778812 too. No nodule.",
    )  # fmt: skip
    comments = deidentify(ds, annotate=find_nothing)[0].ImageComments
    assert not [value for value in ("Zanetti", "0188", "778812") if value in comments]
    assert "nodule" in comments


def test_the_institution_of_a_beam_is_removed_from_text() -> None:
    beam = Dataset()
    beam.InstitutionName, beam.TreatmentMachineName = "Stejixov Radiology", "LINAC Stejixov"
    ds = make_object(BeamSequence=[beam], SeriesDescription="by Stejixov")
    new, _ = deidentify(ds, annotate=find_nothing)
    assert "Stejixov" not in str(new)


def test_study_id_with_digits_is_known() -> None:
    ds = make_object(StudyID="S19-10442", SeriesDescription="slide S19-10442 of THORAX")
    new, _ = deidentify(ds, annotate=find_nothing)
    assert new.SeriesDescription == "slide [ID] of THORAX"


def test_study_id_that_is_a_word_is_not_known() -> None:
    assert "THORAX" not in known_texts(make_object(StudyID="THORAX"))


def test_contributing_persons_and_organization_are_known_values() -> None:
    equipment = Dataset()
    equipment.OperatorsName, equipment.Manufacturer = "Ferncastle^Ada", "Acme"
    ds = make_object(
        ContributingEquipmentSequence=[equipment],
        ResponsibleOrganization="Quail Ridge Farm",
        Manufacturer="SIEMENS Quail Ridge Farm",
        SoftwareVersions="by FERNCASTLE",
    )
    new, _ = deidentify(ds)
    assert new.Manufacturer == "SIEMENS [LOCATION]"
    assert new.SoftwareVersions == "by [NAME]"


def test_patient_is_read_once_for_objects_with_same_values() -> None:
    stage = make_deidentifier().headers
    first, second = (parse(to_bytes(make_object(InstanceNumber=n))) for n in (1, 2))
    assert stage.read_patient(first) is stage.read_patient(second)
