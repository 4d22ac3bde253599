"""Decode one compressed frame to its stored values: one function per library.

To support a further transfer syntax, add a decoder to ``DECODERS``. None of the libraries is under
the GPL. The decoders of pydicom are not used, because their log messages quote header values.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from dataclasses import replace
from io import BytesIO

import numpy as np
from pydicom.uid import (
    HTJ2K,
    JPEG2000,
    HTJ2KLossless,
    HTJ2KLosslessRPCL,
    JPEG2000Lossless,
    JPEGBaseline8Bit,
    JPEGExtended12Bit,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from safelight.pixels.codecs.codestream_headers import (
    EXTENDED_ARITHMETIC,
    FULL_PROGRESSION,
    FULL_PROGRESSION_ARITHMETIC,
    SPECTRAL_SELECTION,
    SPECTRAL_SELECTION_ARITHMETIC,
    read_actual_syntax,
    read_codestream_shape,
    read_color_declaration,
    read_max_pixels,
)
from safelight.pixels.codecs.gdcm_process import GdcmProcess
from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.native_frames import (
    Array,
    frame_bytes,
    planes_to_pixels,
    unpack_frame,
    words_to_values,
)
from safelight.records import Reason, Refusal

#: Frame and header → stored values.
Decoder = Callable[[bytes, PixelInfo], Array]

#: Transfer syntaxes that pydicom does not name: Deflated Image Frame Compression, and
#: Encapsulated Uncompressed Explicit VR Little Endian.
DEFLATED_FRAME = "1.2.840.10008.1.2.8.1"
ENCAPSULATED_NATIVE = "1.2.840.10008.1.2.1.98"

#: Transfer syntaxes of JPEG by discrete cosine transform.
DCT_SYNTAXES = frozenset(
    {
        str(JPEGBaseline8Bit),
        str(JPEGExtended12Bit),
        EXTENDED_ARITHMETIC,
        SPECTRAL_SELECTION,
        SPECTRAL_SELECTION_ARITHMETIC,
        FULL_PROGRESSION,
        FULL_PROGRESSION_ARITHMETIC,
    }
)


class DecoderError(Exception):
    """Raised if a library cannot decode a frame; another one may."""


def _openjpeg(frame: bytes, info: PixelInfo) -> Array:
    """Decode JPEG 2000 or HTJ2K. A component transformation is reversed: values are RGB."""
    from openjpeg.utils import decode as decode_j2k
    from openjpeg.utils import get_parameters

    values: Array = decode_j2k(frame)
    meta = get_parameters(BytesIO(frame))
    precision = int(meta["precision"])
    if bool(meta["is_signed"]) != info.signed:
        # The header decides: the same bits are interpreted as it says.
        bits = values.astype(np.int64) & ((1 << precision) - 1)
        return _to_signed(bits, precision) if info.signed else bits
    return values


def _jpeg_ls(frame: bytes, info: PixelInfo) -> Array:
    """Decode JPEG-LS, which has no sign: that of the header is applied."""
    import jpeg_ls

    raw, meta = jpeg_ls.decode_buffer(frame)
    precision, components = int(meta["bits_per_sample"]), int(meta["components"])
    flat = np.frombuffer(raw, "u1" if precision <= 8 else "<u2")
    values: Array
    if components > 1 and int(meta["interleave_mode"]) == 0:
        values = flat.reshape(components, int(meta["height"]), int(meta["width"]))
        values = values.transpose(1, 2, 0)
    else:
        values = flat.reshape(int(meta["height"]), int(meta["width"]), components)
    return _to_signed(values, precision) if info.signed else values


def _to_signed(values: Array, precision: int) -> Array:
    """Return two's complement of ``precision`` bits as signed numbers."""
    wide = values.astype(np.int64)
    return np.where(wide >> precision - 1 & 1, wide - (1 << precision), wide)


def decode_rle_words(frame: bytes, info: PixelInfo) -> Array:
    """Return the allocated words of an RLE frame, unused bits included.

    There is one segment per sample and byte, most significant byte first (PS3.5, annex G).

    Parameters
    ----------
    frame : bytes
    info : PixelInfo

    Returns
    -------
    ndarray
        (rows, columns, samples).

    Raises
    ------
    DecoderError
        If the library fails with a Rust panic.
    """
    from rle.utils import decode_pixel_data

    def run(rows: int, bits: int) -> bytes:
        try:
            return bytes(
                decode_pixel_data(
                    frame, version=2, rows=rows, columns=info.columns, bits_allocated=bits
                )
            )
        except BaseException as error:
            # The library is written in Rust; its panics do not derive from Exception.
            if type(error).__name__ == "PanicException":
                raise DecoderError from None
            raise

    if info.bits_allocated == 1:
        try:
            planes = np.frombuffer(run(info.rows, 1), np.uint8)
        except ValueError:  # some writers encode eight pixels per byte
            from rle.rle import decode_frame

            size = (info.rows * info.columns + 7) // 8
            packed = np.frombuffer(decode_frame(frame, size, 8, "<"), np.uint8)
            planes = np.unpackbits(packed, bitorder="little")[: info.rows * info.columns]
    else:
        planes = np.frombuffer(run(info.rows, info.bits_allocated), f"<u{info.bits_allocated // 8}")
    return planes_to_pixels(planes.reshape(-1, info.rows, info.columns))


def _rle(frame: bytes, info: PixelInfo) -> Array:
    """Decode RLE Lossless."""
    return words_to_values(decode_rle_words(frame, info), info)


def _deflated(frame: bytes, info: PixelInfo) -> Array:
    """Decode Deflated Image Frame: raw deflate of one native frame (PS3.5, section A.4.13)."""
    size = frame_bytes(info)
    return unpack_frame(
        zlib.decompressobj(-zlib.MAX_WBITS).decompress(frame, size + 1)[:size], info
    )


def _native(frame: bytes, info: PixelInfo) -> Array:
    """Decode an uncompressed frame in encapsulated pixel data."""
    return unpack_frame(frame[: frame_bytes(info)], info)


def _pillow(frame: bytes, info: PixelInfo) -> Array:
    """Decode 8-bit JPEG by libjpeg-turbo; see :func:`decoded_photometric` for the colors."""
    from PIL import Image

    with Image.open(BytesIO(frame), formats=("JPEG",)) as image:
        if info.samples == 3 and read_color_declaration(frame) not in ("ADOBE", "RGB"):
            image.draft("YCbCr", image.size)
        return np.asarray(image)


def decoded_photometric(frame: bytes, info: PixelInfo) -> str:
    """Return the photometric interpretation of the values that :func:`decode_frame` returns.

    The declaration of a codestream overrides the header, since it states what the encoder did
    (ITU-T T.872, section 6.5.3).

    Parameters
    ----------
    frame : bytes
        The codestream.
    info : PixelInfo
    """
    if info.photometric in ("YBR_RCT", "YBR_ICT"):
        return "RGB"
    if info.samples == 3 and info.transfer_syntax in DCT_SYNTAXES:
        declared = read_color_declaration(frame)
        if declared in ("ADOBE", "RGB"):
            return "RGB"
        if declared == "JFIF" and not info.photometric.startswith("YBR"):
            return "YBR_FULL"
    return info.photometric


def is_color_transformed(frame: bytes, info: PixelInfo) -> bool:
    """Return whether the components of a JPEG codestream are luminance and chroma.

    Parameters
    ----------
    frame : bytes
        The JPEG codestream of one frame.
    info : PixelInfo
        Header of the object; its photometric interpretation is used if the codestream declares no
        color space.

    Returns
    -------
    bool
        True if the encoder transformed RGB to YCbCr.
    """
    declared = read_color_declaration(frame)
    if declared == "ADOBE":
        return frame[frame.index(b"Adobe", 2) + 11] != 0
    return declared == "JFIF" or declared != "RGB" and info.photometric.startswith("YBR")


_GDCM = GdcmProcess()


def _gdcm(frame: bytes, info: PixelInfo) -> Array:
    """Decode 12-bit and lossless JPEG by the libjpeg of GDCM, in a process of its own."""
    return _GDCM.decode(frame, info)


#: Decoders of each transfer syntax, in the order in which they are tried.
DECODERS: dict[str, tuple[Decoder, ...]] = {
    JPEGBaseline8Bit: (_pillow, _gdcm),
    JPEGExtended12Bit: (_pillow, _gdcm),
    EXTENDED_ARITHMETIC: (_pillow,),
    SPECTRAL_SELECTION: (_pillow, _gdcm),
    SPECTRAL_SELECTION_ARITHMETIC: (_pillow,),
    FULL_PROGRESSION: (_pillow, _gdcm),
    FULL_PROGRESSION_ARITHMETIC: (_pillow,),
    JPEGLossless: (_gdcm,),
    JPEGLosslessSV1: (_gdcm,),
    JPEGLSLossless: (_jpeg_ls, _gdcm),
    JPEGLSNearLossless: (_jpeg_ls, _gdcm),
    JPEG2000Lossless: (_openjpeg, _gdcm),
    JPEG2000: (_openjpeg, _gdcm),
    HTJ2KLossless: (_openjpeg,),
    HTJ2KLosslessRPCL: (_openjpeg,),
    HTJ2K: (_openjpeg,),
    RLELossless: (_rle,),
    DEFLATED_FRAME: (_deflated,),
    ENCAPSULATED_NATIVE: (_native,),
}


#: Transfer syntaxes whose frames state their size.
_SYNTAXES_WITH_SIZE = frozenset(DECODERS) - {str(RLELossless), DEFLATED_FRAME, ENCAPSULATED_NATIVE}


#: Pixels that one byte of an RLE frame encodes at most: 64 bytes per byte (PS3.5, annex G), with
#: eight pixels of one bit per byte.
_MAX_RLE_PIXELS_PER_BYTE = 64 * 8


def _is_too_short(frame: bytes, info: PixelInfo) -> bool:
    """Return whether a frame has too few bytes for the size in its header."""
    most: int | None = None
    if info.transfer_syntax == RLELossless:
        most = _MAX_RLE_PIXELS_PER_BYTE * len(frame)
    elif info.transfer_syntax in _SYNTAXES_WITH_SIZE:
        most = read_max_pixels(frame)
    return most is not None and info.rows * info.columns > most


def decode_frame(frame: bytes, info: PixelInfo) -> Array:
    """Decode one compressed frame.

    Parameters
    ----------
    frame : bytes
        The codestream.
    info : PixelInfo

    Returns
    -------
    ndarray
        Stored values in the representation of the header, (rows, columns) or (rows, columns,
        samples).

    Raises
    ------
    Refusal
        NO_DECODER, or UNDECODABLE_PIXELS if each library fails or the size of the codestream
        is not that of the header.
    """
    if info.transfer_syntax not in DECODERS:
        raise Refusal(
            Reason.NO_DECODER,
            f"transfer syntax {info.transfer_syntax} has no decoder; transcode the "
            "object, or change the rules to leave its pixels unchecked",
        )
    values = None
    if not _is_size_wrong(frame, info):
        values = _try_decoders(frame, info)
        if values is None and (actual := read_actual_syntax(frame)) is not None:
            values = _try_decoders(frame, replace(info, transfer_syntax=actual))
    if values is not None:
        return values
    raise Refusal(
        Reason.UNDECODABLE_PIXELS,
        f"a frame of {len(frame)} bytes cannot be decoded as {info.transfer_syntax} of "
        f"{info.rows}×{info.columns}; review it in a viewer, or transcode the object",
    )


def _is_size_wrong(frame: bytes, info: PixelInfo) -> bool:
    """Return whether the size of a codestream is not that of the header, or cannot be."""
    if info.transfer_syntax in _SYNTAXES_WITH_SIZE:
        if read_codestream_shape(frame) != (info.rows, info.columns, info.samples):
            return True
    return _is_too_short(frame, info)


def _try_decoders(frame: bytes, info: PixelInfo) -> Array | None:
    """Return the values of the first library that decodes a frame to its size, else None."""
    shape = (info.rows, info.columns, info.samples)
    for decoder in DECODERS[info.transfer_syntax]:
        try:
            values = decoder(frame, info)
        except MemoryError:
            raise
        except ImportError:
            continue
        except Exception:  # each library raises its own errors for a broken codestream
            continue
        if values.size == np.prod(shape, dtype=np.int64) and values.shape[:2] == shape[:2]:
            return values.reshape(shape if info.samples > 1 else shape[:2])
    return None
