"""Small objects for the tests of the verifier: an original, and its de-identified output."""

from __future__ import annotations

from io import BytesIO

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, SecondaryCaptureImageStorage

NEW = "2.25.10000000000000000000{}"
RESEARCH_CODES = ("113100", "113105", "113107", "113108", "113109", "113111")


def to_bytes(dataset: Dataset) -> bytes:
    """Return a data set as a file, with File Meta Information."""
    meta = FileMetaDataset()
    meta.FileMetaInformationVersion = b"\0\1"
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    meta.ImplementationClassUID = "2.25.1"
    dataset.file_meta = meta
    buffer = BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def original() -> Dataset:
    """Return a secondary capture with PHI at the top level, in sequences and private elements."""
    ds = Dataset()
    ds.SOPClassUID = SecondaryCaptureImageStorage
    ds.SOPInstanceUID = "1.2.3.4.5.1001"
    ds.StudyInstanceUID = "1.2.3.4.5.1"
    ds.SeriesInstanceUID = "1.2.3.4.5.2"
    ds.Modality = "OT"
    ds.StudyDate = "20240310"
    ds.SeriesDate = "20240312"
    ds.AccessionNumber = "ACC-558812"
    ds.StudyID = "7"
    ds.InstitutionName = "Lakeside Infirmary"
    ds.StudyDescription = "CHEST"
    ds.StationName = "WARD3CT"
    ds.AdmissionID = "VISIT_0042"
    ds.PatientName = "Quillfeather^Ottoline"
    ds.PatientID = "MR-4471902"
    ds.PatientBirthDate = "19510704"
    ds.PatientAge = "072Y"
    ds.PatientTelephoneNumbers = "617-555-0142"
    item = Dataset()
    item.ReferencedSOPClassUID = SecondaryCaptureImageStorage
    item.ReferencedSOPInstanceUID = "1.2.3.4.5.1000"
    item.PersonName = "Marchbanks^Ivo"
    ds.ReferencedImageSequence = Sequence([item])
    block = ds.private_block(0x0019, "ACME TEST", create=True)
    block.add_new(0x01, "LO", "gain 3")
    ds.Rows = ds.Columns = 4
    ds.SamplesPerPixel = 1
    ds.PhotometricInterpretation = "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit = 7
    ds.PixelRepresentation = 0
    ds.PixelData = bytes(range(16))
    return ds


def output(codes: tuple[str, ...] = RESEARCH_CODES) -> Dataset:
    """Return the correct output for `original`, with dates shifted by -100 days."""
    ds = original()
    ds.SOPInstanceUID = NEW.format(1001)
    ds.StudyInstanceUID = NEW.format(1)
    ds.SeriesInstanceUID = NEW.format(2)
    ds.StudyDate = "20231201"
    ds.SeriesDate = "20231203"
    ds.AccessionNumber = "MFRGGZDFMZTWQ2LK"
    ds.StudyID = "NBSWY3DPEB3W64TM"
    ds.StationName = "WARD3CT"
    ds.PatientName = "ORSXG5A7KRSXG5A2"
    ds.PatientID = "KRUGS4ZANFZSAYJA"
    ds.PatientBirthDate = "19510326"
    del ds.AdmissionID
    del ds.InstitutionName
    del ds.PatientTelephoneNumbers
    item = ds.ReferencedImageSequence[0]
    item.ReferencedSOPInstanceUID = NEW.format(1000)
    item.PersonName = ""
    ds.PatientIdentityRemoved = "YES"
    ds.LongitudinalTemporalInformationModified = "MODIFIED"
    ds.DeidentificationMethodCodeSequence = Sequence([_code(code) for code in codes])
    return ds


def _code(value: str) -> Dataset:
    item = Dataset()
    item.CodeValue = value
    item.CodingSchemeDesignator = "DCM"
    item.CodeMeaning = "an option"
    return item
