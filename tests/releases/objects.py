"""De-identified objects of several patients for the tests of releases."""

from __future__ import annotations

import io
from typing import Optional

from pydicom import dcmread
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

from safelight.releases.object_rewriter import ObjectRewriter, RecipientNames
from safelight.releases.treatment import ReleaseTreatment

KEY = bytes(range(32))


def make_object(patient: str = "PSEUDONYM0000001", number: int = 1, study: int = 1) -> bytes:
    """Return an object as the first pass writes it, with all that could link two releases."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
    base = f"2.25.1{abs(int.from_bytes(patient.encode(), 'big')) % 10**12}{study}"
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = f"{base}.{number}"
    ds.StudyInstanceUID, ds.SeriesInstanceUID = f"{base}.77", f"{base}.88"
    ds.FrameOfReferenceUID = f"{base}.99"
    ds.PatientID = ds.PatientName = patient
    ds.AccessionNumber, ds.StudyID = f"ACC{patient[-7:]}{study}", f"S{patient[-7:]}"
    ds.PatientSex, ds.PatientAge, ds.PatientSize, ds.PatientWeight = "F", "047Y", "1.63", "61.5"
    ds.Modality = "CT"
    ds.StudyDate = ds.SeriesDate = f"202001{study:02d}"
    ds.StudyTime, ds.AcquisitionTime = f"1015{number:02d}.123456", f"1016{number:02d}"
    ds.AcquisitionDateTime = f"202001{study:02d}101530.654321"
    ds.StudyDescription, ds.SeriesDescription = "CT CHEST", f"knee of a drummer {patient[-3:]}"
    ds.ImageComments = "a comment of one patient"
    ds.DeviceSerialNumber = "SERIAL123456"
    reference = Dataset()
    reference.ReferencedSOPClassUID = CTImageStorage
    reference.ReferencedSOPInstanceUID = f"{base}.{number + 1}"
    ds.ReferencedImageSequence = Sequence([reference])
    block = ds.private_block(0x0019, "ACME 1.0", create=True)
    block.add_new(0x10, "LO", f"private {patient[-5:]}")
    block.add_new(0x11, "DA", "20200103")
    ds.Rows = ds.Columns = 16
    ds.SamplesPerPixel, ds.PhotometricInterpretation = 1, "MONOCHROME2"
    ds.BitsAllocated = ds.BitsStored = 8
    ds.HighBit, ds.PixelRepresentation = 7, 0
    ds.PixelData = bytes(range(256))
    ds["PixelData"].VR = "OB"
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def rewrite(
    data: bytes, recipient: str = "north", treatment: Optional[ReleaseTreatment] = None
) -> Dataset:
    """Return an object for a recipient."""
    patient = str(dcmread(io.BytesIO(data), stop_before_pixels=True).PatientID)
    rewriter = ObjectRewriter(
        RecipientNames(KEY, recipient, "default"), treatment or ReleaseTreatment()
    )
    return dcmread(io.BytesIO(rewriter.rewrite(data, patient).data))
