"""Check that pixel data can be decoded, and that they are unchanged if nothing was masked."""

from __future__ import annotations

from collections.abc import Iterator

from pydicom.dataset import FileDataset
from pydicom.encaps import generate_frames

from safelight.verify.defects import Check, Defect
from safelight.verify.dicom_object import DicomObject
from safelight.verify.frame_decoding import DECODED_SYNTAXES, NoDecoderError, decode_frame

_PIXEL_DATA = "(7FE0,0010)"
_TRANSFER_SYNTAX_UID = "(0002,0010)"
#: Detail of the outcome that the verifier has no decoder, whatever the pixel data.
NO_DECODER = "was not decoded, because the verifier has no decoder for its encoding"
_DICOM_TRANSFER_SYNTAX_PREFIX = "1.2.840.10008.1.2"


def check_pixel_data(dicom_object: DicomObject) -> Iterator[Defect]:
    """Yield a defect if the pixel data are too short or the first frame cannot be decoded."""
    dataset = dicom_object.dataset
    if "PixelData" not in dataset:
        return
    syntax = dataset.file_meta.get("TransferSyntaxUID")
    if syntax is None or not str(syntax).startswith(_DICOM_TRANSFER_SYNTAX_PREFIX):
        detail = "is not a transfer syntax of the standard"
        yield Defect(Check.PIXELS, _TRANSFER_SYNTAX_UID, detail)
        return
    is_decoded = str(syntax) in DECODED_SYNTAXES
    if not is_decoded and not syntax.is_transfer_syntax:  # newer than the list of pydicom
        detail = "is a transfer syntax that the verifier does not know"
        yield Defect(Check.UNCHECKED, _TRANSFER_SYNTAX_UID, detail)
        return
    if is_decoded or syntax.is_encapsulated:
        yield from _check_encapsulated(dicom_object)
        return
    expected = _compute_native_length(dataset)
    actual = len(dataset.get_item("PixelData").value or b"")
    if expected is not None and actual < expected:
        yield Defect(Check.PIXELS, _PIXEL_DATA, f"is {expected - actual} bytes too short", actual)


def _check_encapsulated(dicom_object: DicomObject) -> Iterator[Defect]:
    """Yield a defect if the first frame of encapsulated pixel data cannot be decoded."""
    dataset, length = dicom_object.dataset, len(dicom_object.pixel_bytes)
    check = Check.PIXELS
    try:
        frames = int(dataset.get("NumberOfFrames") or 1)
        next(generate_frames(dicom_object.pixel_bytes, number_of_frames=frames))
        check = Check.UNCHECKED  # the decoders lack some variants of a codec
        decode_frame(dataset, 0)
    except NoDecoderError:
        yield Defect(check, _PIXEL_DATA, NO_DECODER, length)
    except MemoryError:
        raise
    except Exception as error:
        yield Defect(check, _PIXEL_DATA, f"cannot be decoded ({type(error).__name__})", length)


def _compute_native_length(dataset: FileDataset) -> int | None:
    """Return the length of native pixel data in bytes; None if attributes are missing."""
    try:
        bits = (
            int(dataset.Rows)
            * int(dataset.Columns)
            * int(dataset.get("SamplesPerPixel", 1))
            * int(dataset.get("NumberOfFrames") or 1)
            * int(dataset.BitsAllocated)
        )
        if str(dataset.get("PhotometricInterpretation", "")) == "YBR_FULL_422":
            bits = bits * 2 // 3
    except (AttributeError, TypeError, ValueError):
        return None
    return (bits + 7) // 8


def compare_pixel_data(
    original: DicomObject, output: DicomObject, is_masked: bool
) -> Iterator[Defect]:
    """Yield a defect if pixel data or transfer syntax changed although nothing was masked.

    Parameters
    ----------
    original, output : DicomObject
    is_masked : bool
        Whether a mask is recorded for this object.
    """
    if is_masked:
        return
    before, after = original.pixel_bytes, output.pixel_bytes
    if before.rstrip(b"\0") != after.rstrip(b"\0"):
        detail = "differs from the original, but no mask is recorded"
        yield Defect(Check.PIXELS, _PIXEL_DATA, detail, len(after))
    old_syntax, new_syntax = (
        str(o.dataset.file_meta.get("TransferSyntaxUID", "")) if o.dataset.file_meta else ""
        for o in (original, output)
    )
    if old_syntax and old_syntax != new_syntax:
        detail = "differs from the original, but no mask is recorded"
        yield Defect(Check.PIXELS, _TRANSFER_SYNTAX_UID, detail)
