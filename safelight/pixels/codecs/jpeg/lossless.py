"""Encode JPEG Lossless with predictor 1 and one optimal Huffman table (ITU-T T.81, annex H).

Both JPEG Lossless transfer syntaxes allow this, and no library in use writes it reliably.
"""

from __future__ import annotations

import numpy as np

from safelight.pixels.codecs.jpeg.huffman import (
    HuffmanTable,
    UnsupportedJpegError,
    build_optimal_table,
    pack_bits,
)
from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.native_frames import Array


def encode_lossless(frame: bytes, values: Array, info: PixelInfo) -> bytes:
    """Encode one frame with the precision and the components of the frame that it replaces.

    Parameters
    ----------
    frame : bytes
        The JPEG codestream to replace.
    values : ndarray
        Stored values, (rows, columns) or (rows, columns, samples).
    info : PixelInfo

    Raises
    ------
    UnsupportedJpegError
        If the frame is not a lossless JPEG of this shape.
    """
    precision, numbers = _read_frame_header(frame)
    samples = values.reshape(info.rows, info.columns, -1).astype(np.int64)
    if len(numbers) != samples.shape[2] or not 2 <= precision <= 16:
        raise UnsupportedJpegError("the samples of the frame and of the object differ")
    samples &= (1 << precision) - 1
    differences = (samples - _predict(samples, precision) & 0xFFFF).ravel()
    differences[differences > 0x8000] -= 0x10000
    sizes = _bit_lengths(np.abs(differences))
    counts = np.bincount(sizes)
    table = build_optimal_table({size: int(count) for size, count in enumerate(counts) if count})
    parts = b"".join(bytes([number, 0x11, 0]) for number in numbers)
    header = bytes([precision]) + info.rows.to_bytes(2, "big") + info.columns.to_bytes(2, "big")
    scan = b"".join(bytes([number, 0]) for number in numbers)
    return b"".join(
        [
            b"\xff\xd8",
            _segment(0xC3, header + bytes([len(numbers)]) + parts),
            table.segment(0, 0),
            _segment(0xDA, bytes([len(numbers)]) + scan + b"\x01\x00\x00"),
            _encode_differences(differences, sizes, table),
            b"\xff\xd9",
        ]
    )


def _segment(marker: int, payload: bytes) -> bytes:
    """Return a marker segment."""
    return bytes([0xFF, marker]) + (len(payload) + 2).to_bytes(2, "big") + payload


def _read_frame_header(frame: bytes) -> tuple[int, list[int]]:
    """Return the precision and the component numbers of a lossless codestream."""
    at = 2
    while at + 10 < len(frame) and frame[at] == 0xFF:
        length = int.from_bytes(frame[at + 2 : at + 4], "big")
        if frame[at + 1] == 0xC3:
            count = frame[at + 9]
            return frame[at + 4], list(frame[at + 10 : at + 10 + 3 * count : 3])
        at += 2 + length
    raise UnsupportedJpegError("the codestream has no lossless frame header")


def _predict(samples: Array, precision: int) -> Array:
    """Return the predictions: the left sample, in the first column the one above.

    The prediction of the first sample is half of the range.
    """
    predicted = np.empty_like(samples)
    predicted[:, 1:] = samples[:, :-1]
    predicted[1:, 0] = samples[:-1, 0]
    predicted[0, 0] = 1 << precision - 1
    return predicted


def _bit_lengths(magnitudes: Array) -> Array:
    """Return the category of each magnitude: its number of bits, 0 to 16."""
    return np.searchsorted(1 << np.arange(17), magnitudes, side="right")


def _encode_differences(differences: Array, sizes: Array, table: HuffmanTable) -> bytes:
    """Return the codes and the values of all differences as entropy-coded bytes."""
    codes = np.zeros(17, np.int64)
    lengths = np.zeros(17, np.int64)
    for category, code in table.codes.items():
        codes[category], lengths[category] = int(code, 2), len(code)
    extra = np.where(sizes < 16, sizes, 0)  # category 16 has no bits: it is a single value
    value = np.where(differences < 0, differences - 1, differences) & (1 << extra) - 1
    return pack_bits(codes[sizes] << extra | value, lengths[sizes] + extra)
