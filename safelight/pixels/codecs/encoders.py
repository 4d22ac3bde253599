"""Encode one frame of stored values: one function per library.

To support masking in a further transfer syntax, add an encoder to ``ENCODERS``. Otherwise a masked
object of this syntax is decompressed. Each encoder keeps the format of the original codestream
(precision, interleave mode, unused bits) as far as its library can, and is lossless unless
``lossy`` is set.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from io import BytesIO

import numpy as np
from pydicom.uid import (
    JPEG2000,
    JPEG2000Lossless,
    JPEGLossless,
    JPEGLosslessSV1,
    JPEGLSLossless,
    JPEGLSNearLossless,
    RLELossless,
)

from safelight.pixels.codecs.decoders import DEFLATED_FRAME, ENCAPSULATED_NATIVE, decode_rle_words
from safelight.pixels.codecs.jpeg.lossless import encode_lossless
from safelight.pixels.dicom import native_frames
from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.native_frames import Array

#: Original frame, new values, header, lossy → new frame.
Encoder = Callable[[bytes, Array, PixelInfo, bool], bytes]

#: Lossy syntaxes whose codestreams may also be lossless.
LOSSY = frozenset(map(str, (JPEG2000, JPEGLSNearLossless)))


def _openjpeg(frame: bytes, values: Array, info: PixelInfo, lossy: bool) -> bytes:
    """Encode JPEG 2000: reversible 5-3, or 9-7 at the compression ratio of the original."""
    from openjpeg.utils import encode_buffer, get_parameters

    precision = int(get_parameters(BytesIO(frame))["precision"])
    low, high = int(values.min()), int(values.max())
    while not (-(1 << precision - 1) if info.signed else 0) <= low:
        precision += 1
    while high >= 1 << precision - info.signed:
        precision += 1
    size = 1 if precision <= 8 else 2 if precision <= 16 else 4
    raw = values.astype(f"<{'i' if info.signed else 'u'}{size}").tobytes()
    transformed = info.photometric in ("YBR_RCT", "YBR_ICT")
    return bytes(
        encode_buffer(
            raw,
            info.columns,
            info.rows,
            info.samples,
            precision,
            info.signed,
            photometric_interpretation=1 if transformed else 0,
            use_mct=transformed,
            compression_ratios=[max(1.0, len(raw) / len(frame))] if lossy else None,
        )
    )


def _jpeg_ls(frame: bytes, values: Array, info: PixelInfo, lossy: bool) -> bytes:
    """Encode JPEG-LS in the interleave mode and precision of the original; NEAR 0 or its own."""
    import jpeg_ls

    _, meta = jpeg_ls.decode_buffer(frame)
    precision, mode = int(meta["bits_per_sample"]), int(meta["interleave_mode"])
    bits = values.astype(np.int64) & ((1 << precision) - 1)
    if info.samples > 1 and mode == 0:
        bits = bits.transpose(2, 0, 1)
    return bytes(
        jpeg_ls.CharLS.encode_buffer(
            bits.astype("u1" if precision <= 8 else "<u2").tobytes(),
            info.rows,
            info.columns,
            info.samples,
            precision,
            lossy_error=int(meta["allowed_lossy_error"]) if lossy else 0,
            interleave_mode=mode,
        )
    )


def _jpeg_lossless(frame: bytes, values: Array, info: PixelInfo, _lossy: bool) -> bytes:
    """Encode JPEG Lossless."""
    return encode_lossless(frame, values, info)


def _rle(frame: bytes, values: Array, info: PixelInfo, _lossy: bool) -> bytes:
    """Encode RLE Lossless; bits outside Bits Stored are unchanged."""
    from rle.utils import encode_pixel_data

    if info.bits_allocated == 1:
        raise NotImplementedError  # writers disagree on whether eight pixels share a byte
    words = native_frames.merge_values(decode_rle_words(frame, info), values, info)
    return bytes(
        encode_pixel_data(
            words.tobytes(),
            byteorder="<",
            rows=info.rows,
            columns=info.columns,
            samples_per_pixel=info.samples,
            bits_allocated=info.bits_allocated,
        )
    )


def _native(frame: bytes, values: Array, info: PixelInfo, _lossy: bool) -> bytes:
    """Write an uncompressed frame; bits outside Bits Stored are unchanged."""
    inside = np.ones((info.rows, info.columns), np.bool_)
    return native_frames.replace_pixels(frame, values, inside, info)


def _deflated(frame: bytes, values: Array, info: PixelInfo, lossy: bool) -> bytes:
    """Encode Deflated Image Frame."""
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    raw = zlib.decompress(frame, wbits=-zlib.MAX_WBITS)
    return deflater.compress(_native(raw, values, info, lossy)) + deflater.flush()


#: Encoder of each transfer syntax. JPEG is not here: it is masked in its coefficients
#: (:mod:`safelight.pixels.redact.jpeg_blocks`).
ENCODERS: dict[str, Encoder] = {
    JPEGLSLossless: _jpeg_ls,
    JPEGLSNearLossless: _jpeg_ls,
    JPEGLossless: _jpeg_lossless,
    JPEGLosslessSV1: _jpeg_lossless,
    JPEG2000Lossless: _openjpeg,
    JPEG2000: _openjpeg,
    RLELossless: _rle,
    DEFLATED_FRAME: _deflated,
    ENCAPSULATED_NATIVE: _native,
}
