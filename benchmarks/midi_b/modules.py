"""Fill the modules that objects of all kinds have, and plant PHI into them."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.midi_b.examination import Examination
from benchmarks.midi_b.object_builder import ObjectBuilder, is_text_short

#: HIPAA categories: names, places, numbers of records, other numbers.
NAME, PLACE, PHONE, RECORD, OTHER = "HIPAA-A", "HIPAA-B", "HIPAA-D", "HIPAA-H", "HIPAA-R"

#: Attributes of 64 characters and longer ones that hold free text.
_SHORT_TEXTS = (
    "StudyDescription", "SeriesDescription", "ProtocolName", "RequestedProcedureDescription",
    "PerformedProcedureStepDescription", "AdmittingDiagnosesDescription", "ReasonForStudy",
    "SpecialNeeds", "PatientState",
)  # fmt: skip
_LONG_TEXTS = (
    "ImageComments", "AdditionalPatientHistory", "PatientComments", "StudyComments",
    "ReasonForTheRequestedProcedure", "VisitComments", "AcquisitionComments",
    "DerivationDescription", "RequestedProcedureComments", "ImagingServiceRequestComments",
    "CommentsOnThePerformedProcedureStep",
)  # fmt: skip
_LONG_TEXT_CHARACTERS = 900

#: Attributes that hold technical text, of 64 and of 16 characters.
_TECHNICAL_TEXTS = (
    "WindowCenterWidthExplanation", "AcquisitionDeviceProcessingDescription", "DeviceDescription",
    "PositionReferenceIndicator", "EventTimerNames",
    "ContentDescription", "TransducerData",
)  # fmt: skip
_TECHNICAL_SHORT_TEXTS = (
    "ViewName", "FilterType", "TransmitCoilName", "CollimatorGridName", "StageName",
)  # fmt: skip


def fill_patient(builder: ObjectBuilder, exam: Examination) -> None:
    """Fill the Patient and Patient Study modules."""
    patient, draw = exam.patient, exam.draw
    builder.remove("PatientName", patient.person.dicom_name, NAME, required=True)
    builder.patient_id("PatientID", patient.patient_id)
    if patient.issuer:  # the same in all objects: it is a part of the identity of the patient
        builder.remove("IssuerOfPatientID", patient.issuer, PLACE)
    builder.shift("PatientBirthDate", f"{patient.birth:%Y%m%d}")
    builder.keep("PatientSex", patient.sex)
    age = (exam.taken.date() - patient.birth).days // 365
    builder.keep("PatientAge", f"{age:03d}Y")
    builder.keep("PatientWeight", f"{draw.randrange(30, 110)}")
    builder.keep("PatientSize", f"1.{draw.randrange(20, 99)}")
    optional: list[Callable[[], None]] = [
        lambda: builder.remove(
            "OtherPatientIDs", [patient.other_id, f"{patient.other_id}9"], RECORD
        ),
        lambda: builder.remove("OtherPatientNames", patient.mother.dicom_name, NAME),
        lambda: builder.remove("PatientBirthName", patient.mother.dicom_name, NAME),
        lambda: builder.remove("PatientMotherBirthName", patient.mother.dicom_name, NAME),
        lambda: builder.remove("PatientAddress", patient.address, PLACE),
        lambda: builder.remove("PatientTelephoneNumbers", patient.phone, PHONE),
        lambda: builder.remove("MedicalRecordLocator", patient.other_id, RECORD),
        lambda: builder.remove("RegionOfResidence", exam.site.city, PLACE),
        lambda: builder.remove("ResponsiblePerson", patient.mother.dicom_name, NAME),
        lambda: builder.remove("PatientReligiousPreference", "Buddhist", OTHER),
        lambda: builder.remove("MilitaryRank", "Sergeant Major", OTHER),
        lambda: builder.keep("EthnicGroup", "Hispanic"),
        lambda: builder.keep("SmokingStatus", "NO"),
        lambda: builder.keep("Allergies", "Penicillin"),
        lambda: builder.keep("PregnancyStatus", 4),
        lambda: builder.nested("OtherPatientIDsSequence", fill_other_id),
    ]

    def fill_other_id(item: ObjectBuilder) -> None:
        item.remove("PatientID", patient.other_id, RECORD)
        item.remove("IssuerOfPatientID", exam.site.hospital, PLACE)

    for add in draw.sample(optional, draw.randrange(4, 10)):
        add()


def fill_study(builder: ObjectBuilder, exam: Examination) -> None:
    """Fill the General Study module and what a visit and a request add to it."""
    site = exam.site
    builder.uid("StudyInstanceUID", exam.study_uid)
    builder.shift("StudyDate", exam.day)
    builder.keep_tag("StudyTime", exam.time)
    builder.remove("ReferringPhysicianName", site.referrer.dicom_name, NAME, required=True)
    builder.remove("StudyID", exam.study_id, OTHER, required=True)
    builder.remove("AccessionNumber", exam.accession, OTHER, required=True)
    optional: list[Callable[[], None]] = [
        lambda: builder.remove("PhysiciansOfRecord", site.referrer.dicom_name, NAME),
        lambda: builder.remove("NameOfPhysiciansReadingStudy", site.reader.dicom_name, NAME),
        lambda: builder.remove("RequestingPhysician", site.referrer.dicom_name, NAME),
        lambda: builder.remove("ReferringPhysicianTelephoneNumbers", site.phone, PHONE),
        lambda: builder.remove("ReferringPhysicianAddress", site.address, PLACE),
        lambda: builder.remove("CurrentPatientLocation", f"{site.city} Bed 214", PLACE),
        lambda: builder.remove("AdmissionID", f"V{exam.accession}", OTHER),
        lambda: builder.remove("InstitutionalDepartmentName", site.department, PLACE),
        lambda: builder.shift("AdmittingDate", exam.earlier(9)),
        lambda: builder.code("ProcedureCodeSequence", "24627-2", "LN", "CT Chest"),
        lambda: builder.code(
            "ReasonForRequestedProcedureCodeSequence", "R91.8", "I10", "Abnormal finding of lung"
        ),
        lambda: builder.nested("ReferencedStudySequence", lambda item: _fill_reference(item, exam)),
        lambda: builder.nested(
            "ReferringPhysicianIdentificationSequence", lambda item: _fill_person(item, exam)
        ),
        lambda: builder.nested(
            "PhysiciansReadingStudyIdentificationSequence", lambda item: _fill_person(item, exam)
        ),
    ]
    for add in exam.draw.sample(optional, exam.draw.randrange(4, 9)):
        add()


def fill_texts(builder: ObjectBuilder, exam: Examination) -> None:
    """Fill descriptions and comments."""
    draw = exam.draw
    always = ("StudyDescription", "SeriesDescription")
    some = draw.sample([name for name in _SHORT_TEXTS if name not in always], 3)
    for keyword in (*always, *some):
        builder.text(keyword, exam.make_text(64))
    for keyword in draw.sample(_LONG_TEXTS, 4):
        kind = "short" if is_text_short(keyword) or draw.random() < 0.3 else "long"
        limit = 64 if is_text_short(keyword) else _LONG_TEXT_CHARACTERS
        builder.text(keyword, exam.make_text(limit, kind))


def fill_series(builder: ObjectBuilder, exam: Examination) -> None:
    """Fill the General Series module."""
    spec, site = exam.spec, exam.site
    builder.keep("Modality", spec.get("modality", exam.kind))
    builder.uid("SeriesInstanceUID", exam.series_uid)
    builder.keep("SeriesNumber", str(exam.draw.randrange(1, 20)))
    builder.shift("SeriesDate", exam.day)
    builder.keep_tag("SeriesTime", exam.time)
    if spec["parts"]:
        builder.keep("BodyPartExamined", exam.draw.choice(spec["parts"]))
    builder.remove("OperatorsName", site.operator.dicom_name, NAME)
    builder.remove("PerformingPhysicianName", site.reader.dicom_name, NAME)
    if exam.chance(0.6):
        builder.shift("PerformedProcedureStepStartDate", exam.day)
        builder.keep_tag("PerformedProcedureStepStartTime", exam.time)
        builder.remove("PerformedProcedureStepID", f"PPS{exam.accession}", OTHER)
    if exam.chance(0.6):
        builder.nested("RequestAttributesSequence", lambda item: _fill_request(item, exam))
    if exam.chance(0.3):
        builder.nested("ReferencedPerformedProcedureStepSequence",
                       lambda item: _fill_reference(item, exam))  # fmt: skip
    if exam.chance(0.3):
        builder.nested("OperatorIdentificationSequence", lambda item: _fill_person(item, exam))


def fill_equipment(builder: ObjectBuilder, exam: Examination) -> None:
    """Fill the General Equipment module."""
    manufacturer, model, software, station = exam.draw.choice(exam.spec["devices"])
    builder.keep("Manufacturer", manufacturer)
    builder.keep("ManufacturerModelName", model)
    builder.keep("SoftwareVersions", software.split("\\"))
    builder.keep("StationName", station)
    builder.keep("DeviceSerialNumber", str(exam.draw.randrange(10000, 99999)))
    builder.remove("InstitutionName", exam.site.hospital, PLACE)
    builder.remove("InstitutionAddress", exam.site.address, PLACE)
    if exam.chance(0.4):
        builder.shift("DateOfLastCalibration", exam.earlier(300))
    if exam.chance(0.4):
        builder.nested("ContributingEquipmentSequence", lambda item: _fill_contributor(item, exam))


def fill_image(builder: ObjectBuilder, exam: Examination, number: int) -> None:
    """Fill the attributes of one instance that all images have."""
    builder.keep("InstanceNumber", str(number))
    builder.shift("ContentDate", exam.day)
    builder.keep_tag("ContentTime", exam.time)
    builder.shift("InstanceCreationDate", exam.day)
    builder.uid("InstanceCreatorUID", exam.make_uid())
    if exam.spec["pixels"] == "none":
        return
    builder.shift("AcquisitionDate", exam.day)
    builder.shift("AcquisitionDateTime", exam.timestamp)
    builder.keep_tag("AcquisitionTime", exam.time)
    builder.keep("AcquisitionNumber", "1")
    builder.uid("FrameOfReferenceUID", exam.frame_uid)
    if exam.spec["pixels"] in ("grey16", "signed16"):
        builder.keep("ImagePositionPatient", ["-160", "-151.5", f"{number * 5}"])
        builder.keep("ImageOrientationPatient", ["1", "0", "0", "0", "1", "0"])
        builder.keep("PixelSpacing", ["0.703125", "0.703125"])
        builder.keep("SliceLocation", f"{number * 5}")
        builder.keep("WindowCenter", "40")
        builder.keep("WindowWidth", "400")
    if exam.chance(0.4):
        builder.nested("ReferencedImageSequence", lambda item: _fill_reference(item, exam),
                       lambda item: _fill_reference(item, exam))  # fmt: skip
    if exam.chance(0.3):
        builder.nested("SourceImageSequence", lambda item: _fill_reference(item, exam))
    if exam.chance(0.2):
        builder.nested("OriginalAttributesSequence", lambda item: _fill_modified(item, exam))


def fill_technical(builder: ObjectBuilder, exam: Examination) -> None:
    """Plant PHI into attributes that hold technical text, in some objects."""
    if exam.chance(0.5):
        return
    kept = exam.spec.get("keep", {})
    for keyword in exam.draw.sample([name for name in _TECHNICAL_TEXTS if name not in kept], 2):
        builder.planted(keyword, exam.planter.plant("STANDARD", "short", 64))
    surname = exam.patient.person.surname
    short = exam.draw.choice([name for name in _TECHNICAL_SHORT_TEXTS if name not in kept])
    if surname.isascii() and len(surname) > 4:
        builder.remove(short, f"{surname[:12].upper()}_1", NAME)

    def fill_code(item: ObjectBuilder) -> None:
        item.keep("CodeValue", "T-D3000")
        item.keep("CodingSchemeDesignator", "SRT")
        item.planted("CodeMeaning", exam.planter.plant("Chest", "short", 64))

    if exam.chance(0.4):
        builder.nested("AnatomicRegionSequence", fill_code)


def fill_private(builder: ObjectBuilder, exam: Examination) -> None:
    """Add private elements: those that must be retained, and others with PHI."""
    for group, creator, element, vr, value, action in exam.spec.get("private", ()):
        drawn = {"$uid": exam.make_uid(), "$datetime": exam.timestamp}.get(str(value), value)
        builder.private(group, creator, element, vr, drawn, action)
    patient, creator = exam.patient, "ACME PACS 1.0"
    builder.private(0x0011, creator, 0x01, "LO", patient.person.dicom_name, NAME)
    builder.private(0x0011, creator, 0x02, "SH", patient.patient_id[:16], RECORD)
    builder.private(0x0011, creator, 0x03, "DA", exam.day, "shift")
    builder.private(0x0011, creator, 0x04, "LT", exam.make_text(900, "long"), "remove")
    builder.private(0x0011, creator, 0x05, "UI", exam.study_uid, "uid")
    if patient.person.dicom_name.isascii():
        name = patient.person.dicom_name.encode("ascii")
        builder.private(0x0011, creator, 0x06, "UN", name + b" " * (len(name) % 2), NAME)
    if exam.chance(0.5):
        builder.private_sequence(0x0013, "ACME RIS 2", 0x10, lambda item: _fill_private(item, exam))
    if exam.chance(0.3):
        planted = exam.planter.plant("Bay 3", "short", 64)
        builder.private(0x0009, "GEMS_PETD_01", 0x11, "LO", planted, "remove")
    if exam.chance(0.3):
        planted = exam.planter.plant("fse-xl", "short", 64)
        builder.private(0x0019, "GEMS_ACQU_01", 0x9E, "LO", planted, "remove")


def _fill_reference(item: ObjectBuilder, exam: Examination) -> None:
    item.keep("ReferencedSOPClassUID", str(exam.spec["sop_class"]))
    item.uid("ReferencedSOPInstanceUID", exam.make_uid())


def _fill_person(item: ObjectBuilder, exam: Examination) -> None:
    """Fill the Person Identification macro."""
    code = f"NPI{exam.draw.randrange(10**8, 10**9)}"

    def fill_code(inner: ObjectBuilder) -> None:
        inner.remove("CodeValue", code, OTHER)
        inner.remove("CodeMeaning", exam.site.reader.dicom_name.split("=")[0], NAME)
        inner.set("CodingSchemeDesignator", "99LOCAL")

    item.nested("PersonIdentificationCodeSequence", fill_code)
    item.remove("InstitutionName", exam.site.hospital, PLACE)
    item.remove("PersonTelephoneNumbers", exam.site.phone, PHONE)


def _fill_request(item: ObjectBuilder, exam: Examination) -> None:
    item.remove("RequestedProcedureID", f"RP{exam.accession}", OTHER)
    item.remove("ScheduledProcedureStepID", f"SPS{exam.accession[-6:]}", OTHER)
    item.text("ScheduledProcedureStepDescription", exam.make_text(64))
    item.text("RequestedProcedureDescription", exam.make_text(64))
    item.remove("AccessionNumber", exam.accession, OTHER)
    item.uid("StudyInstanceUID", exam.study_uid)
    item.nested("ReferencedStudySequence", lambda inner: _fill_reference(inner, exam))


def _fill_contributor(item: ObjectBuilder, exam: Examination) -> None:
    item.keep("Manufacturer", "GE Healthcare")
    item.remove("InstitutionName", exam.site.hospital, PLACE)
    item.remove("OperatorsName", exam.site.operator.dicom_name, NAME)
    item.shift("ContributionDateTime", exam.timestamp)
    item.text("ContributionDescription", exam.make_text(200))
    item.code("PurposeOfReferenceCodeSequence", "109103", "DCM", "Modifying Equipment")


def _fill_modified(item: ObjectBuilder, exam: Examination) -> None:
    def fill(inner: ObjectBuilder) -> None:
        inner.remove("PatientName", exam.patient.person.dicom_name, NAME)
        inner.remove("PatientID", exam.patient.patient_id, RECORD)

    item.nested("ModifiedAttributesSequence", fill)
    item.shift("AttributeModificationDateTime", exam.timestamp)
    item.remove("ModifyingSystem", f"PACS {exam.site.city}", PLACE)


def _fill_private(item: ObjectBuilder, exam: Examination) -> None:
    item.remove("PatientName", exam.patient.person.dicom_name, NAME)
    item.shift("StudyDate", exam.day)
    item.private(0x0015, "ACME RIS 2", 0x01, "LO", exam.patient.phone, PHONE)
