"""Are the pixels readable, and what they were where nothing was masked?"""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.encaps import generate_frames
from pydicom.pixels.decoders.base import get_decoder

from safelight.verify.defects import Check, Defect
from safelight.verify.dicom_object import DicomObject


def check_pixel_data(dicom_object: DicomObject) -> Iterator[Defect]:
    """Pixel data have the length that the header says; the first frame can be decoded."""
    dataset = dicom_object.dataset
    if "PixelData" not in dataset:
        return
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None or not str(syntax).startswith("1.2.840.10008.1.2"):
        yield Defect(Check.PIXELS, "(0002,0010)", "names no transfer syntax of the standard")
        return
    if not syntax.is_transfer_syntax:
        return  # newer than the decoder's list: its layout is not known here
    if not syntax.is_encapsulated:
        expected = _native_length(dicom_object)
        actual = len(dataset.get_item("PixelData").value or b"")
        if expected is not None and actual < expected:
            yield Defect(
                Check.PIXELS, "(7FE0,0010)", f"is {expected - actual} bytes too short", actual
            )
        return
    try:
        frames = int(dataset.get("NumberOfFrames") or 1)
        next(generate_frames(dicom_object.pixel_bytes, number_of_frames=frames))
        decoder = get_decoder(syntax)
        if decoder.is_available:
            decoder.as_array(dataset, index=0, raw=True)
    except Exception as error:
        yield Defect(
            Check.PIXELS, "(7FE0,0010)", f"cannot be decoded ({type(error).__name__})",
            len(dicom_object.pixel_bytes),
        )  # fmt: skip


def _native_length(dicom_object: DicomObject) -> int | None:
    dataset = dicom_object.dataset
    try:
        bits = (
            int(dataset.Rows) * int(dataset.Columns) * int(dataset.get("SamplesPerPixel", 1))
            * int(dataset.get("NumberOfFrames") or 1) * int(dataset.BitsAllocated)
        )  # fmt: skip
        if str(dataset.get("PhotometricInterpretation", "")) == "YBR_FULL_422":
            bits = bits * 2 // 3
    except (AttributeError, TypeError, ValueError):
        return None
    return (bits + 7) // 8


def compare_pixel_data(
    original: DicomObject, output: DicomObject, masked: bool
) -> Iterator[Defect]:
    """Pixel data that nothing was masked in keep every byte and their transfer syntax.

    Parameters
    ----------
    original, output : DicomObject
    masked : bool
        Whether a mask is recorded for this object.
    """
    if masked:
        return
    before, after = original.pixel_bytes, output.pixel_bytes
    if before.rstrip(b"\0") != after.rstrip(b"\0"):
        yield Defect(
            Check.PIXELS, "(7FE0,0010)", "differs from the original, but no mask is recorded",
            len(after),
        )  # fmt: skip
    syntaxes = [
        str(d.dataset.file_meta.get("TransferSyntaxUID", "")) if d.dataset.file_meta else ""
        for d in (original, output)
    ]
    if syntaxes[0] and syntaxes[0] != syntaxes[1]:
        yield Defect(Check.PIXELS, "(0002,0010)", "differs, but no mask is recorded")
