"""Mask boxes of a sequential JPEG in its coefficients: only the touched blocks change.

Entropy-coded bits of all other blocks are copied, except for the DC difference of the block that
follows a touched one. So untouched blocks are decoded to the same samples as before, apart from
the row or column where a decoder smooths chroma across the edge of a block.

ITU-T T.81: baseline and extended sequential DCT with Huffman coding, 8 or 12 bits, restart
intervals, any sampling, one scan or several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from safelight.pixels.codecs.jpeg.block_painting import ColorComponent
from safelight.pixels.codecs.jpeg.huffman import UnsupportedJpegError, read_tables
from safelight.pixels.codecs.jpeg.scan import FrameParameters, JpegScan
from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.dicom.native_frames import Array
from safelight.pixels.redact.painting import Fill, covered_pixels, draw_letters

#: Markers of ITU-T T.81, table B.1. From SOF2 to SOF15 there are also DHT, JPG and DAC.
_SOF0, _SOF1, _SOF2, _SOF15 = 0xC0, 0xC1, 0xC2, 0xCF
_DHT, _JPG, _SOI, _EOI, _SOS, _DQT, _DRI = 0xC4, 0xC8, 0xD8, 0xD9, 0xDA, 0xDB, 0xDD


def mask_jpeg_blocks(
    frame: bytes, fills: Sequence[Fill], info: PixelInfo, color_transformed: bool
) -> bytes:
    """Return a frame with masked boxes.

    Parameters
    ----------
    frame : bytes
        A JPEG codestream.
    fills : sequence of Fill
        Boxes and placeholders.
    info : PixelInfo
    color_transformed : bool
        Whether three components are luminance and chroma, not red, green and blue.

    Returns
    -------
    bytes
        The codestream; its length differs.

    Raises
    ------
    UnsupportedJpegError
        For progressive, arithmetic or lossless JPEG, and for broken codestreams.
    """
    try:
        return b"".join(_FrameMasker(fills, info, color_transformed).mask(frame))
    except (IndexError, KeyError, ValueError, ZeroDivisionError) as error:
        raise UnsupportedJpegError("the codestream is broken") from error


class _FrameMasker:
    """Mask one frame: keep the tables of its marker segments, and mask its scans."""

    def __init__(self, fills: Sequence[Fill], info: PixelInfo, color_transformed: bool):
        self.fills, self.info, self.color_transformed = fills, info, color_transformed
        self.parameters = FrameParameters()
        self.components: list[ColorComponent] = []
        self.scanned_components = 0

    def mask(self, frame: bytes) -> Iterator[bytes]:
        """Yield the marker segments and the masked scans of a frame."""
        at = 0
        while at < len(frame):
            if frame[at] != 0xFF:
                raise UnsupportedJpegError("a marker is missing")
            marker = frame[at + 1]
            if marker == 0xFF:  # a fill byte
                at += 1
                continue
            if marker in (_SOI, _EOI):
                yield frame[at : at + 2]
                at += 2
                if marker == _EOI:
                    break
                continue
            end = at + 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
            if marker == _SOS:
                after = _find_scan_end(frame, end)
                yield from self._mask_scan(frame[at:end], frame[end:after])
                at = after
            else:
                self._read_segment(marker, frame[at + 4 : end])
                yield frame[at:end]
                at = end
        if not self.components or self.scanned_components < len(self.components):
            raise UnsupportedJpegError("components have no scan")
        yield frame[at:]

    def _read_segment(self, marker: int, payload: bytes) -> None:
        """Keep what a marker segment defines for the scans after it."""
        parameters = self.parameters
        if marker == _DHT:
            parameters.huffman |= read_tables(payload)
        elif marker == _DQT:
            parameters.quantizers |= _read_quantizers(payload)
        elif marker == _DRI:
            parameters.restart_interval = int.from_bytes(payload[:2], "big")
        elif marker in (_SOF0, _SOF1):
            parameters.precision = payload[0]
            if parameters.precision not in (8, 12):
                raise UnsupportedJpegError("sequential JPEG does not have this precision")
            self.components = _read_components(
                payload, self.fills, self.info, self.color_transformed
            )
        elif _SOF2 <= marker <= _SOF15 and marker != _JPG:
            raise UnsupportedJpegError("the frame is not a sequential DCT with Huffman coding")

    def _mask_scan(self, header: bytes, data: bytes) -> Iterator[bytes]:
        """Yield the masked scan, after the Huffman tables that it extends."""
        payload = header[4:]
        self.scanned_components += payload[0]
        scan = JpegScan(payload, self.components, self.parameters)
        masked = scan.mask(data)
        for (kind, number), table in scan.extended_tables.items():
            self.parameters.huffman[kind, number] = table
            yield table.segment(kind, number)
        yield header
        yield masked


def _read_quantizers(payload: bytes) -> dict[int, Array]:
    """Return the quantization tables of a DQT segment by number (ITU-T T.81, B.2.4.1)."""
    tables, at = {}, 0
    while at < len(payload):
        wide, number = payload[at] >> 4, payload[at] & 15
        size = 128 if wide else 64
        table = np.frombuffer(payload, ">u2" if wide else "u1", 64, at + 1)
        if not table.all():
            raise UnsupportedJpegError("a quantization table has a step of 0")
        tables[number] = table.astype(np.float64)
        at += 1 + size
    return tables


def _read_components(
    payload: bytes, fills: Sequence[Fill], info: PixelInfo, color_transformed: bool
) -> list[ColorComponent]:
    """Return the components of a frame header, with the samples to paint (ITU-T T.81, B.2.2)."""
    rows, columns = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
    if (rows, columns) != (info.rows, info.columns):
        raise UnsupportedJpegError("the codestream and the object have different sizes")
    found = [
        ColorComponent(payload[n], payload[n + 1] >> 4, payload[n + 1] & 15, payload[n + 2])
        for n in range(6, 6 + 3 * payload[5], 3)
    ]
    most_across, most_down = max(c.across for c in found), max(c.down for c in found)
    inside, bright = covered_pixels(fills, info), _find_bright_pixels(fills, info)
    top = (1 << payload[0]) - 1
    for n, component in enumerate(found):
        component.rows = -(-rows * component.down // most_down)
        component.columns = -(-columns * component.across // most_across)
        component.inside = _subsample(inside, component, most_down, most_across)
        chroma = n > 0 and color_transformed
        bright_samples = _subsample(bright, component, most_down, most_across)
        component.paint = (
            np.full(bright_samples.shape, (top + 1) / 2) if chroma else bright_samples * float(top)
        )
        blocks = component.inside.reshape(
            component.inside.shape[0] // 8, 8, component.inside.shape[1] // 8, 8
        )
        component.touched = np.asarray(blocks.any(axis=(1, 3)))
    return found


def _find_bright_pixels(fills: Sequence[Fill], info: PixelInfo) -> Array:
    """Return the pixels with high samples: placeholder letters, in MONOCHROME1 all others."""
    bright: Array = np.zeros((info.rows, info.columns), np.bool_)
    for fill in fills:
        area = bright[fill.slices(info)]
        area[...] = draw_letters(fill.text, area.shape[1], area.shape[0]) if fill.text else False
    return ~bright if info.photometric == "MONOCHROME1" else bright


def _subsample(mask: Array, component: ColorComponent, most_down: int, most_across: int) -> Array:
    """Return a mask of pixels as a mask of the samples of a component, padded to whole MCUs.

    A sample is marked if any of its pixels is.
    """
    high, wide = 8 * most_down, 8 * most_across
    rows, columns = -(-mask.shape[0] // high) * high, -(-mask.shape[1] // wide) * wide
    padded = np.pad(mask, ((0, rows - mask.shape[0]), (0, columns - mask.shape[1])), mode="edge")
    down, across = most_down // component.down, most_across // component.across
    if down * component.down != most_down or across * component.across != most_across:
        raise UnsupportedJpegError("a sampling factor does not divide the largest one")
    cells = padded.reshape(rows // down, down, columns // across, across)
    return np.asarray(cells.any(axis=(1, 3)))


def _find_scan_end(frame: bytes, at: int) -> int:
    """Return the position of the marker after entropy-coded data."""
    while True:
        at = frame.find(b"\xff", at)
        if at < 0 or at + 1 >= len(frame):
            raise UnsupportedJpegError("a scan has no end")
        if frame[at + 1] == 0 or 0xD0 <= frame[at + 1] <= 0xD7:
            at += 2
        elif frame[at + 1] == 0xFF:
            at += 1
        else:
            return at
