"""Convert uncompressed frames: bytes to stored values, and painted values back into the bytes.

Layouts are those of PS3.5, section 8 and annex D: 1 to 64 bits allocated, color by pixel or by
plane, 4:2:2 chroma, and big endian words.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from safelight.pixels.dicom.image_module import PixelInfo
from safelight.records import Reason, Refusal

#: Values of a frame, (rows, columns) or (rows, columns, samples).
Array = npt.NDArray[Any]

_BITS_ALLOCATED = (1, 8, 16, 32, 64)
_SAMPLES = (1, 3, 4)


def is_subsampled(info: PixelInfo) -> bool:
    """Return whether a native frame has one chroma pair for two pixels (PS3.3, C.7.6.3.1.2)."""
    return info.photometric in ("YBR_FULL_422", "YBR_PARTIAL_422") and info.samples == 3


def frame_bits(info: PixelInfo) -> int:
    """Return the number of bits of one native frame.

    Raises
    ------
    Refusal
        UNDECODABLE_PIXELS for sizes that the standard does not define.
    """
    if info.bits_allocated not in _BITS_ALLOCATED or info.samples not in _SAMPLES:
        raise Refusal(
            Reason.UNDECODABLE_PIXELS,
            f"{info.samples} samples of {info.bits_allocated} bits are not supported; correct the "
            "header or transcode the object",
        )
    samples = info.rows * info.columns * info.samples
    if is_subsampled(info):
        samples = info.rows * (info.columns + info.columns % 2) * 2
    return samples * info.bits_allocated


def frame_bytes(info: PixelInfo) -> int:
    """Return the number of bytes of one native frame without others."""
    return (frame_bits(info) + 7) // 8


def _word_type(info: PixelInfo, big: bool) -> str:
    """Return the numpy type of an allocated word."""
    if info.kind != "integer":
        return f"{'>' if big else '<'}f{info.bits_allocated // 8}"
    return f"{'>' if big else '<'}u{max(8, info.bits_allocated) // 8}"


def planes_to_pixels(planes: Array) -> Array:
    """Return a view of planes (samples, rows, columns) as pixels (rows, columns, samples)."""
    return np.moveaxis(planes, 0, -1)


def read_words(raw: bytes | bytearray | memoryview, info: PixelInfo, big: bool = False) -> Array:
    """Return the allocated words of a frame, a view if possible.

    Parameters
    ----------
    raw : bytes-like
        A native frame.
    info : PixelInfo
    big : bool
        The words are big endian.

    Returns
    -------
    ndarray
        (rows, columns[, samples]). A 4:2:2 frame is (rows, columns / 2, 4): two values of
        luminance, then both chroma values.
    """
    flat = np.frombuffer(raw, _word_type(info, big))
    if info.bits_allocated == 1:
        bits = np.unpackbits(flat, bitorder="little")
        shape = (info.rows, info.columns, info.samples)
        size = info.rows * info.columns * info.samples
        return bits[:size].reshape(shape[: 2 + (info.samples > 1)])
    if is_subsampled(info):
        return flat.reshape(info.rows, (info.columns + 1) // 2, 4)
    if info.samples == 1:
        return flat.reshape(info.rows, info.columns)
    if info.planar == 1:
        return planes_to_pixels(flat.reshape(info.samples, info.rows, info.columns))
    return flat.reshape(info.rows, info.columns, info.samples)


def words_to_values(allocated: Array, info: PixelInfo) -> Array:
    """Return allocated words as stored values: unused bits dropped, the sign extended.

    Parameters
    ----------
    allocated : ndarray
        Allocated words of any shape and byte order.
    info : PixelInfo
        Bits Allocated, Bits Stored, High Bit and Pixel Representation of the words.

    Returns
    -------
    ndarray
        Stored values of the same shape, in native byte order. Words of one bit and of
        floating-point numbers keep their values.
    """
    if info.kind != "integer" or info.bits_allocated == 1:
        return allocated.astype(allocated.dtype.newbyteorder("="))
    size = info.bits_allocated // 8
    unsigned = allocated.astype(f"=u{size}")
    left = info.bits_allocated - info.bits_stored
    if left or info.shift:
        # A shift to the left and back drops the high bits and extends the sign.
        unsigned <<= left - info.shift
        if info.signed:
            return unsigned.view(f"=i{size}") >> left
        return unsigned >> left
    return unsigned.view(f"=i{size}") if info.signed else unsigned


def unpack_frame(raw: bytes | memoryview, info: PixelInfo, big: bool = False) -> Array:
    """Return one native frame as stored values, (rows, columns[, samples]).

    Parameters
    ----------
    raw : bytes-like
    info : PixelInfo
    big : bool
        The words are big endian.

    Raises
    ------
    Refusal
        TRUNCATED if there are too few bytes.
    """
    if len(raw) < frame_bytes(info):
        raise Refusal(
            Reason.TRUNCATED,
            f"a frame has {len(raw)} of {frame_bytes(info)} bytes; fetch the object again",
        )
    allocated = read_words(raw, info, big)
    if is_subsampled(info):
        luminance = allocated[:, :, :2].reshape(info.rows, -1)
        chroma = np.repeat(allocated[:, :, 2:], 2, axis=1)
        allocated = np.concatenate([luminance[:, :, None], chroma], axis=2)
        allocated = allocated[:, : info.columns]
    return words_to_values(allocated, info)


def merge_values(allocated: Array, values: Array, info: PixelInfo) -> Array:
    """Return allocated words with new stored values; their other bits are unchanged.

    Parameters
    ----------
    allocated : ndarray
        Allocated words of any shape; they are not modified.
    values : ndarray
        New stored values, with as many elements as ``allocated``.
    info : PixelInfo
        Bits Allocated, Bits Stored and High Bit of the words.

    Returns
    -------
    ndarray
        New words, with the shape, type and byte order of ``allocated``.
    """
    if info.kind != "integer" or info.bits_allocated == 1:
        return values.reshape(allocated.shape).astype(allocated.dtype)
    kind = allocated.dtype
    whole = (1 << info.bits_allocated) - 1
    mask = ((1 << info.bits_stored) - 1) << info.shift
    unsigned = kind.newbyteorder("=")
    kept = allocated.astype(unsigned) & unsigned.type(whole ^ mask)
    bits = values.reshape(allocated.shape).astype(f"i{max(8, info.bits_allocated) // 8}")
    bits = bits.view(unsigned) << unsigned.type(info.shift) & unsigned.type(mask)
    merged: Array = (kept | bits).astype(kind)
    return merged


def replace_pixels(
    raw: bytes | memoryview,
    values: Array,
    inside: npt.NDArray[np.bool_],
    info: PixelInfo,
    big: bool = False,
) -> bytes:
    """Return a native frame with some pixels replaced by stored values.

    In 4:2:2 frames both pixels of a pair share their chroma. A pair takes it from the pixel that
    is replaced, so the color of one more pixel may change at the edge of a box.

    Parameters
    ----------
    raw : bytes-like
        The frame.
    values : ndarray
        New stored values, (rows, columns[, samples]).
    inside : ndarray of bool
        Pixels to replace, (rows, columns).
    info : PixelInfo
    big : bool
        The words are big endian.
    """
    buffer = bytearray(raw)
    allocated = read_words(buffer, info, big)
    if is_subsampled(info):
        _replace_subsampled(allocated, values, inside)
        return bytes(buffer)
    new = merge_values(allocated[inside], values[inside], info)
    if info.bits_allocated == 1:
        bits = allocated.copy()
        bits[inside] = new
        packed = np.packbits(bits.ravel(), bitorder="little").tobytes()
        return packed + bytes(buffer[len(packed) :])
    allocated[inside] = new
    return bytes(buffer)


def _replace_subsampled(allocated: Array, values: Array, inside: npt.NDArray[np.bool_]) -> None:
    """Replace pixels of a 4:2:2 frame in place."""
    odd = allocated.shape[1] * 2 - values.shape[1]
    pixels = np.pad(values, ((0, 0), (0, odd), (0, 0)), mode="edge")
    chosen_pixels = np.pad(inside, ((0, 0), (0, odd)), mode="edge")
    for n in (0, 1):
        chosen = chosen_pixels[:, n::2]
        allocated[:, :, n][chosen] = pixels[:, n::2, 0][chosen]
        allocated[:, :, 2:][chosen] = pixels[:, n::2, 1:][chosen]
