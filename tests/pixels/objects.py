"""Small objects for the tests of pixels, and objects with replaced elements."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from struct import pack
from typing import Any

import numpy as np
import pydicom
from pydicom.dataelem import DataElement
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.uid import UID, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit

from safelight.dicom.encoding import NATIVE_UIDS
from safelight.pixels.redact.redactor import RedactedPixelData

SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7"


def rebuilt(data: bytes, encoded: RedactedPixelData) -> bytes:
    """Return the object with its replaced elements, written by pydicom."""
    dataset = pydicom.dcmread(BytesIO(data), force=True)
    syntax = encoded.transfer_syntax or dataset.file_meta.get("TransferSyntaxUID")
    implicit, little = dataset.original_encoding
    for tag, new in encoded.elements.items():
        if new is None:
            dataset.pop(tag, None)
            continue
        vr, value = new
        if vr in ("OB", "OW", "OV", "OF", "OD"):
            undefined = tag == 0x7FE00010 and syntax not in {None, *NATIVE_UIDS}
            # pydicom writes the sequence delimiter itself.
            element = DataElement(tag, vr, value[:-8] if undefined else value)
            element.is_undefined_length = undefined
            dataset[tag] = element
        elif vr in ("US", "SS"):
            numbers = np.frombuffer(value, "<u2" if vr == "US" else "<i2").tolist()
            dataset[tag] = DataElement(tag, vr, numbers if len(numbers) > 1 else numbers[0])
        else:
            dataset[tag] = DataElement(tag, vr, value.decode().strip())
    if encoded.transfer_syntax:
        dataset.file_meta.TransferSyntaxUID = UID(encoded.transfer_syntax)
        implicit, little = False, True
    stream = BytesIO()
    if not syntax or UID(syntax).is_transfer_syntax:
        pydicom.dcmwrite(stream, dataset, implicit_vr=implicit, little_endian=little)
    else:  # newer than pydicom; encapsulated ones are Explicit VR Little Endian
        dataset.file_meta.TransferSyntaxUID = UID(JPEG2000Lossless)
        pydicom.dcmwrite(stream, dataset, implicit_vr=False, little_endian=True)
        written, meant = _element(JPEG2000Lossless), _element(syntax)
        return stream.getvalue().replace(written, meant, 1)
    return stream.getvalue()


def _element(uid: str) -> bytes:
    value = uid.encode() + b"\0" * (len(uid) % 2)
    return b"UI" + pack("<H", len(value)) + value


def native_object(pixels: bytes, syntax: str = ExplicitVRLittleEndian, **header: Any) -> bytes:
    """Return a Secondary Capture object with some header values and pixel data."""
    dataset = _dataset(syntax, header)
    wide = dataset.BitsAllocated > 8
    dataset.add_new(0x7FE00010, "OW" if wide else "OB", pixels + b"\0" * (len(pixels) % 2))
    return _written(dataset)


def _dataset(syntax: str, header: dict[str, Any]) -> Dataset:
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = UID(syntax)
    dataset.file_meta.MediaStorageSOPClassUID = UID(SECONDARY_CAPTURE)
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("2.25.1")
    dataset.SOPClassUID = SECONDARY_CAPTURE
    dataset.SOPInstanceUID = "2.25.1"
    defaults = {
        "SamplesPerPixel": 1,
        "PhotometricInterpretation": "MONOCHROME2",
        "BitsAllocated": 8,
        "PixelRepresentation": 0,
    }
    for keyword, value in {**defaults, **header}.items():
        setattr(dataset, keyword, value)
    dataset.BitsStored = header.get("BitsStored", dataset.BitsAllocated)
    dataset.HighBit = header.get("HighBit", dataset.BitsStored - 1)
    return dataset


def _written(dataset: Dataset) -> bytes:
    stream = BytesIO()
    pydicom.dcmwrite(stream, dataset, enforce_file_format=True)
    return stream.getvalue()


def encapsulated_object(
    frames: Sequence[bytes], syntax: str = JPEGBaseline8Bit, table: bool = True, **header: Any
) -> bytes:
    """Return an object with compressed frames, 8 x 8 gray by default."""
    dataset = _dataset(syntax, {"Rows": 8, "Columns": 8, **header})
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
    dataset.add_new(0x7FE00010, "OB", encapsulate(list(frames), has_bot=table))
    dataset["PixelData"].is_undefined_length = True
    return _written(dataset)


def noise(*shape: int, bits: int = 8, seed: int = 7) -> np.ndarray[Any, Any]:
    """Return repeatable noise of a bit depth, in which every change is visible."""
    random = np.random.default_rng(seed)
    kind = np.uint8 if bits <= 8 else np.uint16
    return random.integers(0, 1 << bits, shape).astype(kind)
