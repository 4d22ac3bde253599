"""Decode single frames with pydicom, or with a library where pydicom has no decoder.

pydicom decodes native frames, most kinds of JPEG, and RLE. HTJ2K, JPEG with 12 bits, progressive
JPEG, deflated frames and RLE of single bits are decoded by their libraries to the bytes of a native
frame, which pydicom then interprets.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.encaps import get_frame
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import (
    HTJ2K,
    UID,
    ExplicitVRLittleEndian,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEGExtended12Bit,
    RLELossless,
)

#: Transfer syntaxes that pydicom does not name: Deflated Image Frame Compression, and
#: Encapsulated Uncompressed Explicit VR Little Endian.
DEFLATED_FRAME = "1.2.840.10008.1.2.8.1"
_ENCAPSULATED_NATIVE = "1.2.840.10008.1.2.1.98"
#: Retired processes of JPEG: extended, spectral selection and full progression.
_RETIRED_JPEG = tuple(f"1.2.840.10008.1.2.4.{number}" for number in (52, 53, 54, 55, 56))

_RLE_HEADER_BYTES = 64
#: Code of an RLE run without bytes; lower codes are literal runs, higher ones repeat a byte.
_NO_OPERATION = 128
#: Attributes of the image that describe the values of a native frame.
_DESCRIPTION = (
    "Rows", "Columns", "SamplesPerPixel", "PhotometricInterpretation", "PlanarConfiguration",
    "BitsAllocated", "BitsStored", "HighBit", "PixelRepresentation",
)  # fmt: skip
_SIZE_DIFFERS = "the codestream has another size than the header"


class NoDecoderError(Exception):
    """Raised if the verifier has no decoder for an encoding, whatever the pixel data."""


class Frame(NamedTuple):
    """Decoded frame.

    Attributes
    ----------
    values : ndarray
        Rows × columns, or rows × columns × samples.
    photometric : str
        Photometric Interpretation of the values.
    """

    values: NDArray[Any]
    photometric: str


class _Image(NamedTuple):
    """Description of the values of a frame."""

    rows: int
    columns: int
    samples: int
    allocated: int
    stored: int
    is_signed: bool

    @property
    def native_bytes(self) -> int:
        """Length of a native frame."""
        return (self.rows * self.columns * self.samples * self.allocated + 7) // 8


def decode_frame(dataset: Dataset, index: int) -> Frame:
    """Return one frame of an object.

    Parameters
    ----------
    dataset : pydicom Dataset
        Object with File Meta Information.
    index : int
        Index of the frame, from 0.

    Raises
    ------
    NoDecoderError
        If the verifier has no decoder for the encoding.
    Exception
        If the frame cannot be decoded: pydicom and the libraries raise many types.
    """
    syntax = UID(str(dataset.file_meta.TransferSyntaxUID))
    read_native = _find_library(dataset, syntax)
    if read_native is None:
        return _decode_with_pydicom(dataset, syntax, index)
    number_of_frames = int(dataset.get("NumberOfFrames") or 1)
    encoded = get_frame(dataset.PixelData, index, number_of_frames=number_of_frames)
    native = _make_native_image(dataset, read_native(encoded, _describe(dataset)))
    if syntax not in _ENCODINGS_OF_NATIVE_FRAMES and native.get("SamplesPerPixel", 1) > 1:
        native.PhotometricInterpretation, native.PlanarConfiguration = "RGB", 0
    return _decode_with_pydicom(native, ExplicitVRLittleEndian, 0)


def _find_library(dataset: Dataset, syntax: UID) -> Callable[[bytes, _Image], bytes] | None:
    """Return the decoder of an encoding that pydicom does not decode; None for other ones."""
    if syntax == RLELossless and dataset.get("BitsAllocated") != 1:
        return None
    if syntax == JPEGExtended12Bit and int(dataset.get("BitsStored") or 8) <= 8:
        return None
    return _LIBRARIES.get(syntax)


def _decode_with_pydicom(dataset: Dataset, syntax: UID, index: int) -> Frame:
    """Return a frame that pydicom decodes.

    Raises
    ------
    NoDecoderError
    """
    try:
        decoder = get_decoder(syntax)
    except NotImplementedError:
        raise NoDecoderError from None
    if not decoder.is_available:
        raise NoDecoderError
    values, properties = decoder.as_array(dataset, index=index)
    return Frame(np.asarray(values), str(properties["photometric_interpretation"]))


def _describe(dataset: Dataset) -> _Image:
    """Return the description of the values of an object."""
    allocated = int(dataset.BitsAllocated)
    return _Image(
        int(dataset.Rows),
        int(dataset.Columns),
        int(dataset.get("SamplesPerPixel") or 1),
        allocated,
        int(dataset.get("BitsStored") or allocated),
        bool(dataset.get("PixelRepresentation")),
    )


def _make_native_image(dataset: Dataset, data: bytes) -> Dataset:
    """Return an image of one native frame with the description of an object."""
    image = Dataset()
    for keyword in _DESCRIPTION:
        if keyword in dataset:
            setattr(image, keyword, dataset[keyword].value)
    image.PixelData = data + b"\0" * (len(data) % 2)
    return image


def _inflate(encoded: bytes, image: _Image) -> bytes:
    """Decode a frame that is compressed with Deflate (PS3.5, section A.4.13)."""
    return zlib.decompressobj(-zlib.MAX_WBITS).decompress(encoded, image.native_bytes)


def _copy(encoded: bytes, image: _Image) -> bytes:
    """Return a native frame that is encapsulated."""
    return encoded[: image.native_bytes]


def _decode_jpeg2000(encoded: bytes, image: _Image) -> bytes:
    """Decode HTJ2K with OpenJPEG, if the codestream has the size of the header."""
    from openjpeg.utils import decode, get_parameters

    parameters = get_parameters(BytesIO(encoded))
    if (parameters["rows"], parameters["columns"]) != (image.rows, image.columns):
        raise ValueError(_SIZE_DIFFERS)
    return _pack(decode(encoded), image)


def _decode_with_pillow(encoded: bytes, image: _Image) -> bytes:
    """Decode JPEG with 8 bits."""
    from PIL import Image

    with Image.open(BytesIO(encoded), formats=("JPEG",)) as opened:
        if opened.size != (image.columns, image.rows):
            raise ValueError(_SIZE_DIFFERS)
        return _pack(np.asarray(opened), image)


def _pack(values: NDArray[Any], image: _Image) -> bytes:
    """Return values as words of the allocated bits, little endian."""
    kind = "i" if image.is_signed else "u"
    return values.astype(f"<{kind}{image.allocated // 8}").tobytes()


def _decode_with_gdcm(encoded: bytes, image: _Image) -> bytes:
    """Decode JPEG with 12 bits, which pydicom does not pass to GDCM."""
    import gdcm

    fragment = gdcm.Fragment()
    fragment.SetByteStringValue(encoded)
    fragments = gdcm.SequenceOfFragments.New()
    fragments.AddFragment(fragment)
    element = gdcm.DataElement(gdcm.Tag(0x7FE0, 0x0010))
    element.SetValue(fragments.__ref__())
    picture = gdcm.Image()
    picture.SetNumberOfDimensions(2)
    picture.SetDimensions((image.columns, image.rows, 1))
    picture.SetDataElement(element)
    kind = gdcm.PhotometricInterpretation.MONOCHROME2
    if image.samples > 1:
        kind = gdcm.PhotometricInterpretation.RGB
        picture.SetPlanarConfiguration(0)
    picture.SetPhotometricInterpretation(gdcm.PhotometricInterpretation(kind))
    syntax = gdcm.TransferSyntax.GetTSType(str(JPEGExtended12Bit))
    picture.SetTransferSyntax(gdcm.TransferSyntax(syntax))
    picture.SetPixelFormat(
        gdcm.PixelFormat(
            image.samples, image.allocated, image.stored, image.stored - 1, int(image.is_signed)
        )
    )
    buffer = picture.GetBuffer()
    if buffer is None:
        raise ValueError("GDCM cannot decode the frame")
    # The wrapper of GDCM returns bytes as a string of surrogates.
    return bytes(buffer.encode("utf-8", "surrogateescape"))


def _decode_rle_bits(encoded: bytes, image: _Image) -> bytes:
    """Decode RLE of single bits, of which writers store one or eight per byte (PS3.5, annex G)."""
    pixels = image.rows * image.columns
    segment = _unpack_runs(encoded[_RLE_HEADER_BYTES:], pixels)
    if len(segment) < pixels:
        return segment[: image.native_bytes]
    bits = np.frombuffer(segment, np.uint8, pixels)
    return np.packbits(bits != 0, bitorder="little").tobytes()


def _unpack_runs(encoded: bytes, limit: int) -> bytes:
    """Return the bytes of PackBits runs; at most about ``limit`` bytes."""
    decoded, position = bytearray(), 0
    while position + 1 < len(encoded) and len(decoded) < limit:
        code, position = encoded[position], position + 1
        if code < _NO_OPERATION:  # literal bytes
            decoded += encoded[position : position + code + 1]
            position += code + 1
        elif code > _NO_OPERATION:  # one byte, repeated
            decoded += encoded[position : position + 1] * (257 - code)
            position += 1
    return bytes(decoded)


#: Decoders to native frames, by transfer syntax.
_LIBRARIES: dict[str, Callable[[bytes, _Image], bytes]] = {
    JPEGExtended12Bit: _decode_with_gdcm,
    HTJ2K: _decode_jpeg2000,
    HTJ2KLossless: _decode_jpeg2000,
    HTJ2KLosslessRPCL: _decode_jpeg2000,
    RLELossless: _decode_rle_bits,
    DEFLATED_FRAME: _inflate,
    _ENCAPSULATED_NATIVE: _copy,
    **dict.fromkeys(_RETIRED_JPEG, _decode_with_pillow),
}
#: Transfer syntaxes whose frames have the layout of a native frame, as the header describes it.
#: The other libraries return colors as RGB, by pixel.
_ENCODINGS_OF_NATIVE_FRAMES = frozenset({RLELossless, DEFLATED_FRAME, _ENCAPSULATED_NATIVE})
#: Transfer syntaxes that the verifier decodes although pydicom does not know them.
DECODED_SYNTAXES = frozenset(_LIBRARIES)
