"""A small gray JPEG, split into the parts that a scan is made of."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image

from safelight.pixels.codecs.jpeg.huffman import HuffmanTable, read_tables
from safelight.pixels.dicom.native_frames import Array

SIDE = 32


@dataclass
class GrayJpeg:
    """A baseline JPEG of one component, 32 x 32."""

    frame: bytes
    pixels: Array
    huffman: dict[tuple[int, int], HuffmanTable]
    quantizer: Array
    scan_header: bytes
    scan_data: bytes

    def decode(self) -> Array:
        """Return the pixels of the whole frame."""
        return decode(self.frame)

    def with_scan(self, tables: dict[tuple[int, int], HuffmanTable], data: bytes) -> bytes:
        """Return the frame with other Huffman tables and other entropy-coded data."""
        head = self.frame[: self.frame.index(b"\xff\xda")]
        segments = b"".join(table.segment(*key) for key, table in tables.items())
        header = b"\xff\xda" + (len(self.scan_header) + 2).to_bytes(2, "big") + self.scan_header
        return head + segments + header + data + b"\xff\xd9"


def decode(frame: bytes) -> Array:
    """Return the pixels of a JPEG."""
    return np.asarray(Image.open(BytesIO(frame)))


def make_gray_jpeg(optimize: bool = False) -> GrayJpeg:
    """Return a JPEG of a ramp with noise."""
    random = np.random.default_rng(5)
    pixels = np.clip(
        np.indices((SIDE, SIDE)).sum(0) * 3 + random.integers(0, 20, (SIDE, SIDE)), 0, 255
    )
    stream = BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(stream, "JPEG", quality=80, optimize=optimize)
    frame = stream.getvalue()
    huffman: dict[tuple[int, int], HuffmanTable] = {}
    quantizer = np.zeros(64)
    at = 2
    while frame[at + 1] != 0xDA:
        length = int.from_bytes(frame[at + 2 : at + 4], "big")
        payload = frame[at + 4 : at + 2 + length]
        if frame[at + 1] == 0xC4:
            huffman |= read_tables(payload)
        elif frame[at + 1] == 0xDB:
            quantizer = np.frombuffer(payload, np.uint8, 64, 1).astype(np.float64)
        at += 2 + length
    length = int.from_bytes(frame[at + 2 : at + 4], "big")
    begin = at + 2 + length
    return GrayJpeg(frame, pixels, huffman, quantizer, frame[at + 4 : begin], frame[begin:-2])
