"""Mask boxes of a sequential JPEG in its coefficients: only the touched blocks change.

Entropy-coded bits of all other blocks are copied, but for the DC difference of the block that
follows a touched one. So what was not touched is decoded to the same samples as before, apart
from the row or column where a decoder smooths chroma across a block's edge.

ITU-T T.81: baseline and extended sequential DCT with Huffman coding, 8 or 12 bits, restart
intervals, any sampling, one scan or several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from safelight.pixels.codecs.jpeg.block_painting import Component
from safelight.pixels.codecs.jpeg.huffman import Bits as Samples
from safelight.pixels.codecs.jpeg.huffman import HuffmanTable, UnsupportedJpegError, read_tables
from safelight.pixels.codecs.jpeg.scan import JpegScan
from safelight.pixels.dicom.image_module import PixelInfo
from safelight.pixels.redact.painting import Fill, covered_pixels, draw_letters


def mask_jpeg_blocks(
    frame: bytes, fills: Sequence[Fill], info: PixelInfo, color_transformed: bool
) -> bytes:
    """Mask boxes in one frame.

    Parameters
    ----------
    frame : bytes
        A JPEG codestream.
    color_transformed : bool
        Whether three components are luminance and chroma, not red, green and blue.

    Returns
    -------
    bytes
        The codestream; its length differs.

    Raises
    ------
    Unsupported
        For progressive, arithmetic or lossless JPEG, and for streams that are broken.
    """
    try:
        return b"".join(_edited(frame, fills, info, color_transformed))
    except (IndexError, KeyError, ValueError, ZeroDivisionError) as error:
        raise UnsupportedJpegError("the codestream is broken") from error


def _edited(
    frame: bytes, fills: Sequence[Fill], info: PixelInfo, color_transformed: bool
) -> Iterator[bytes]:
    huffman: dict[tuple[int, int], HuffmanTable] = {}
    quantizers: dict[int, Samples] = {}
    components: list[Component] = []
    interval = precision = scanned = at = 0
    while at < len(frame):
        if frame[at] != 0xFF:
            raise UnsupportedJpegError("no marker where one is due")
        marker = frame[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker in (0xD8, 0xD9):
            yield frame[at : at + 2]
            at += 2
            if marker == 0xD9:
                break
            continue
        end = at + 2 + int.from_bytes(frame[at + 2 : at + 4], "big")
        payload = frame[at + 4 : end]
        if marker == 0xC4:
            huffman |= read_tables(payload)
        elif marker == 0xDB:
            quantizers |= _quantizers(payload)
        elif marker == 0xDD:
            interval = int.from_bytes(payload[:2], "big")
        elif marker in (0xC0, 0xC1):
            precision = payload[0]
            if precision not in (8, 12):
                raise UnsupportedJpegError("a precision that sequential JPEG does not have")
            components = _components(payload, fills, info, color_transformed)
        elif 0xC2 <= marker <= 0xCF and marker != 0xC8:
            raise UnsupportedJpegError("not a sequential DCT with Huffman coding")
        if marker != 0xDA:
            yield frame[at:end]
            at = end
            continue
        after = _scan_end(frame, end)
        scanned += payload[0]
        scan = JpegScan(payload, components, huffman, quantizers, precision, interval)
        new = scan.edited(frame[end:after])
        for (kind, number), table in scan.grown.items():
            huffman[kind, number] = table
            yield table.segment(kind, number)
        yield frame[at:end]
        yield new
        at = after
    if not components or scanned < len(components):
        raise UnsupportedJpegError("components without a scan")
    yield frame[at:]


def _quantizers(payload: bytes) -> dict[int, Samples]:
    tables, at = {}, 0
    while at < len(payload):
        wide, number = payload[at] >> 4, payload[at] & 15
        size = 128 if wide else 64
        table = np.frombuffer(payload, ">u2" if wide else "u1", 64, at + 1)
        if not table.all():
            raise UnsupportedJpegError("a quantization table with a step of 0")
        tables[number] = table.astype(np.float64)
        at += 1 + size
    return tables


def _components(
    payload: bytes, fills: Sequence[Fill], info: PixelInfo, color_transformed: bool
) -> list[Component]:
    rows, columns = int.from_bytes(payload[1:3], "big"), int.from_bytes(payload[3:5], "big")
    if (rows, columns) != (info.rows, info.columns):
        raise UnsupportedJpegError("the codestream has another size than the object")
    found = [
        Component(payload[n], payload[n + 1] >> 4, payload[n + 1] & 15, payload[n + 2])
        for n in range(6, 6 + 3 * payload[5], 3)
    ]
    most_across, most_down = max(c.across for c in found), max(c.down for c in found)
    inside, light = covered_pixels(fills, info), _light(fills, info)
    top = (1 << payload[0]) - 1
    for n, component in enumerate(found):
        component.rows = -(-rows * component.down // most_down)
        component.columns = -(-columns * component.across // most_across)
        component.inside = _shrunk(inside, component, most_down, most_across)
        chroma = n > 0 and color_transformed
        lit = _shrunk(light, component, most_down, most_across)
        component.paint = np.full(lit.shape, (top + 1) / 2) if chroma else lit * float(top)
        blocks = component.inside.reshape(
            component.inside.shape[0] // 8, 8, component.inside.shape[1] // 8, 8
        )
        component.touched = np.asarray(blocks.any(axis=(1, 3)))
    return found


def _light(fills: Sequence[Fill], info: PixelInfo) -> Samples:
    """Where samples are high: the letters of placeholders, in MONOCHROME1 all but them."""
    light: Samples = np.zeros((info.rows, info.columns), np.bool_)
    for fill in fills:
        area = light[fill.slices(info)]
        area[...] = draw_letters(fill.text, area.shape[1], area.shape[0]) if fill.text else False
    return ~light if info.photometric == "MONOCHROME1" else light


def _shrunk(mask: Samples, component: Component, most_down: int, most_across: int) -> Samples:
    """A mask on a component's samples, whole blocks and whole MCUs; any pixel counts."""
    high, wide = 8 * most_down, 8 * most_across
    rows, columns = -(-mask.shape[0] // high) * high, -(-mask.shape[1] // wide) * wide
    padded = np.pad(mask, ((0, rows - mask.shape[0]), (0, columns - mask.shape[1])), mode="edge")
    down, across = most_down // component.down, most_across // component.across
    if down * component.down != most_down or across * component.across != most_across:
        raise UnsupportedJpegError("a sampling that is no whole fraction")
    cells = padded.reshape(rows // down, down, columns // across, across)
    return np.asarray(cells.any(axis=(1, 3)))


def _scan_end(frame: bytes, at: int) -> int:
    """Position of the marker after the entropy-coded data."""
    while True:
        at = frame.find(b"\xff", at)
        if at < 0 or at + 1 >= len(frame):
            raise UnsupportedJpegError("a scan without end")
        if frame[at + 1] == 0 or 0xD0 <= frame[at + 1] <= 0xD7:
            at += 2
        elif frame[at + 1] == 0xFF:
            at += 1
        else:
            return at
