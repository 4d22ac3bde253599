"""Instances are rebuilt from the metadata and the frames of image sets."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import HTJ2KLosslessRPCL, JPEGBaseline8Bit

from jobs.common.aws.image_sets import rebuild_instance
from safelight.pixels.frames.frame_source import FrameSource
from safelight.records import Reason, Refusal
from tests.jobs.aws.dicom_files import make_dicom
from tests.jobs.aws.image_set_metadata import normalize

HTJ2K = Path(__file__).parents[3] / "data" / "htj2k"


def metadata_of(data: bytes, frames: int = 1, **stored: Any) -> dict[str, Any]:
    """Return the metadata of an image set with one instance, whose frames are 0, 1, …."""
    patient, study, series, instance, vrs = normalize(pydicom.dcmread(io.BytesIO(data)))
    described = {
        "DICOM": instance,
        "DICOMVRs": vrs,
        "ImageFrames": [{"ID": str(n)} for n in range(frames)],
    }
    return {
        "Patient": {"DICOM": patient},
        "Study": {
            "DICOM": study,
            "Series": {"1.1.1": {"DICOM": series, "Instances": {"1.1.1.1": described | stored}}},
        },
    }


def rebuild(metadata: dict[str, Any], *frames: bytes) -> Dataset:
    data = rebuild_instance(metadata, "1.1.1", "1.1.1.1", lambda frame: frames[int(frame)])
    return pydicom.dcmread(io.BytesIO(data))


def make(**elements: Any) -> bytes:
    return make_dicom("1.1.1.1", "1.1.1", "1.1", **elements)


def edit(data: bytes, change: Any) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(data))
    change(dataset)
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def test_elements_of_all_kinds_come_back() -> None:
    def change(dataset: Dataset) -> None:
        item = Dataset()
        item.CodeValue, item.CodingSchemeDesignator = "121320", "DCM"
        item.ReferencedFrameNumber = [1, 2]
        dataset.SpecificCharacterSet = "ISO_IR 100"
        dataset.PatientName = "Müller^Jürgen"
        dataset.ImageType = ["ORIGINAL", "PRIMARY", "AXIAL"]
        dataset.SourceImageSequence = Sequence([item, Dataset()])
        dataset.DerivationCodeSequence = Sequence([])
        dataset.PixelSpacing = ["0.25", "0.50"]
        dataset.SliceLocation = "-2.625000"
        dataset.SmallestImagePixelValue = 3
        dataset.FrameIncrementPointer = [0x00181063, 0x00181065]
        dataset.AccessionNumber = ""
        dataset.RedPaletteColorLookupTableData = b"\x01\x02\x03\x04"
        dataset.EventElapsedTimes = ["1.5"]
        dataset.add_new(0x00091010, "LO", "A CREATOR")
        dataset.add_new(0x00091001, "FD", [1.5, 2.5])
        dataset.add_new(0x00091002, "UN", b"\x00\xff")

    original = pydicom.dcmread(io.BytesIO(edit(make(), change)))
    rebuilt = rebuild(metadata_of(edit(make(), change)), bytes(original.PixelData))
    assert rebuilt.SpecificCharacterSet == "ISO_IR 192"
    rebuilt.SpecificCharacterSet = original.SpecificCharacterSet
    assert rebuilt == original


def test_null_and_padded_values_are_read() -> None:
    metadata = metadata_of(make())
    instance = metadata["Study"]["Series"]["1.1.1"]["Instances"]["1.1.1.1"]["DICOM"]
    instance |= {"AcquisitionNumber": None, "SliceLocation": "-2.625000 ", "WindowCenter": ["0 "]}
    rebuilt = rebuild(metadata, bytes(64))
    assert rebuilt.AcquisitionNumber is None
    assert (float(rebuilt.SliceLocation), float(rebuilt.WindowCenter)) == (-2.625, 0)


def test_an_ambiguous_vr_follows_the_sign_of_the_pixels() -> None:
    metadata = metadata_of(make(PixelRepresentation=1))
    instance = metadata["Study"]["Series"]["1.1.1"]["Instances"]["1.1.1.1"]["DICOM"]
    instance["PixelPaddingValue"] = -2000
    rebuilt = rebuild(metadata, bytes(64))
    assert (rebuilt["PixelPaddingValue"].VR, rebuilt.PixelPaddingValue) == ("SS", -2000)


def pattern(shape: tuple[int, ...], low: int, high: int) -> np.ndarray:
    """Return the pixels that the codestreams of tests/data/htj2k hold."""
    y, x = np.arange(shape[0])[:, None], np.arange(shape[1])[None, :]
    base = (x * 37 + y * 101 + (x * y) % 53) % (high - low)
    planes = [(base + k * 29) % (high - low) + low for k in range(*shape[2:] or (1,))]
    return np.stack(planes, -1) if len(shape) == 3 else planes[0]


@pytest.mark.parametrize(
    ("name", "bits", "signed", "samples", "low", "high"),
    [
        ("gray8", 8, 0, 1, 0, 1 << 8),
        ("gray12", 16, 0, 1, 0, 1 << 12),
        ("gray16", 16, 0, 1, 0, 1 << 16),
        ("signed16", 16, 1, 1, -1024, 3072),
        ("rgb8", 8, 0, 3, 0, 1 << 8),
    ],
)
def test_frames_in_htj2k_are_decoded_as_they_were(
    name: str, bits: int, signed: int, samples: int, low: int, high: int
) -> None:
    data = make(
        Rows=48, Columns=64, SamplesPerPixel=samples, PixelRepresentation=signed,
        PhotometricInterpretation="RGB" if samples == 3 else "MONOCHROME2",
        BitsAllocated=bits, BitsStored=bits, HighBit=bits - 1, NumberOfFrames=2,
        PlanarConfiguration=1, PixelData=bytes(2 * 48 * 64 * samples * bits // 8),
    )  # fmt: skip
    metadata = metadata_of(data, 2, StoredTransferSyntaxUID=HTJ2KLosslessRPCL)
    codestream = (HTJ2K / f"{name}.j2c").read_bytes()
    rebuilt = rebuild_instance(metadata, "1.1.1", "1.1.1.1", lambda _: codestream)
    source = FrameSource.from_bytes(rebuilt)
    expected = pattern((48, 64, 3) if samples == 3 else (48, 64), low, high)
    for number in (0, 1):
        np.testing.assert_array_equal(np.squeeze(source.read_frame(number)), expected)
    dataset = pydicom.dcmread(io.BytesIO(rebuilt))
    assert dataset.file_meta.TransferSyntaxUID == HTJ2KLosslessRPCL
    if samples == 3:
        assert dataset.PlanarConfiguration == 0


def test_kept_codestreams_are_encapsulated_in_their_order() -> None:
    metadata = metadata_of(make(frames=3), 3, StoredTransferSyntaxUID=JPEGBaseline8Bit)
    frames = (b"\xff\xd8one", b"\xff\xd8second", b"\xff\xd8the third")
    rebuilt = rebuild(metadata, *frames)
    found = pydicom.encaps.generate_frames(rebuilt.PixelData, number_of_frames=3)
    assert [frame.rstrip(b"\0") for frame in found] == list(frames)


def test_an_object_without_pixels_has_none_afterwards() -> None:
    def remove_image(dataset: Dataset) -> None:
        for keyword in ("PixelData", "Rows", "Columns"):
            del dataset[keyword]

    rebuilt = rebuild(metadata_of(edit(make(), remove_image), 0))
    assert "PixelData" not in rebuilt and rebuilt.SOPInstanceUID == "1.1.1.1"


def remove_frame(instance: dict[str, Any]) -> None:
    instance["ImageFrames"].pop()


def add_bulk_data(instance: dict[str, Any]) -> None:
    instance["DICOM"]["EncapsulatedDocument"] = {"BulkDataURI": "JANE"}


def add_unknown_element(instance: dict[str, Any]) -> None:
    instance["DICOM"]["PrivateJane"] = "JANE"


def add_wrong_number(instance: dict[str, Any]) -> None:
    instance["DICOM"]["Rows"] = "JANE"


def add_wrong_item(instance: dict[str, Any]) -> None:
    instance["DICOM"]["SourceImageSequence"] = ["JANE"]


def remove_identity(instance: dict[str, Any]) -> None:
    del instance["DICOM"]["SOPClassUID"]


@pytest.mark.parametrize(
    "change",
    [remove_frame, add_bulk_data, add_unknown_element, add_wrong_number, add_wrong_item,
     remove_identity],
)  # fmt: skip
def test_metadata_that_is_not_complete_is_refused_without_its_values(change: Any) -> None:
    metadata = metadata_of(make())
    change(metadata["Study"]["Series"]["1.1.1"]["Instances"]["1.1.1.1"])
    with pytest.raises(Refusal) as raised:
        rebuild(metadata, bytes(64))
    assert raised.value.reason is Reason.UNREADABLE_SOURCE
    assert raised.value.sentence.endswith("read the instance with retrieve=dicomweb")
    assert "JANE" not in str(raised.value)


def test_an_instance_that_is_not_there_is_refused() -> None:
    with pytest.raises(Refusal):
        rebuild_instance(metadata_of(make()), "1.1.1", "9.9", lambda _: b"")


def test_an_error_of_a_frame_is_not_called_an_error_of_the_metadata() -> None:
    def fail(_: str) -> bytes:
        raise ConnectionError

    with pytest.raises(ConnectionError):
        rebuild_instance(metadata_of(make()), "1.1.1", "1.1.1.1", fail)
