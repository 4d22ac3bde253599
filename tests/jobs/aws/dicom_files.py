"""Small de-identified DICOM objects for imports."""

from __future__ import annotations

import io

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian


def make_dicom(
    sop_uid: str,
    series_uid: str = "2.25.20",
    study_uid: str = "2.25.10",
    *,
    patient_id: str = "P-1",
    frames: int = 1,
    removed: str = "YES",
    fill: int = 7,
    **elements: object,
) -> bytes:
    """Return a small image, which says that its identity was removed."""
    ds = Dataset()
    ds.file_meta = FileMetaDataset()
    ds.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    ds.SOPClassUID = ds.file_meta.MediaStorageSOPClassUID = CTImageStorage
    ds.SOPInstanceUID = ds.file_meta.MediaStorageSOPInstanceUID = sop_uid
    ds.StudyInstanceUID, ds.SeriesInstanceUID = study_uid, series_uid
    ds.Modality, ds.PatientID, ds.PatientName = "CT", patient_id, patient_id
    ds.StudyDate, ds.StudyID, ds.SeriesNumber, ds.InstanceNumber = "20200102", "1", 1, 1
    if removed:
        ds.PatientIdentityRemoved = removed
    ds.Rows, ds.Columns, ds.SamplesPerPixel = 8, 4, 1
    ds.PhotometricInterpretation, ds.PixelRepresentation = "MONOCHROME2", 0
    ds.BitsAllocated = ds.BitsStored = 16
    ds.HighBit = 15
    if frames > 1:
        ds.NumberOfFrames = frames
    ds.PixelData = b"".join(bytes([fill + n, 0]) * 32 for n in range(frames))
    ds["PixelData"].VR = "OW"
    for keyword, value in elements.items():
        setattr(ds, keyword, value)
    buffer = io.BytesIO()
    ds.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()
