"""Paint blocks of a JPEG scan: from coefficients to samples and back (ITU-T T.81, annex A.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from safelight.pixels.dicom.native_frames import Array

_ZIGZAG = np.array(
    sorted(range(64), key=lambda n: (s := n // 8 + n % 8, n // 8 if s % 2 else n % 8))
)
_BASIS = np.array(
    [
        [np.sqrt((1 if u == 0 else 2) / 8) * np.cos((2 * x + 1) * u * np.pi / 16) for x in range(8)]
        for u in range(8)
    ]
)


@dataclass
class ColorComponent:
    """A color component: its sampling, and the values to paint on its samples.

    Attributes
    ----------
    number : int
        Component identifier of the frame header.
    across, down : int
        Horizontal and vertical sampling factor.
    quantizer : int
        Number of the quantization table.
    columns, rows : int
        Size in samples.
    inside : ndarray of bool
        Samples to paint.
    paint : ndarray of float
        New value of each sample.
    touched : ndarray of bool
        Blocks with samples to paint.
    """

    number: int
    across: int
    down: int
    quantizer: int
    columns: int = 0
    rows: int = 0
    inside: Array = field(default_factory=lambda: np.zeros((0, 0), np.bool_))
    paint: Array = field(default_factory=lambda: np.zeros((0, 0)))
    touched: Array = field(default_factory=lambda: np.zeros((0, 0), np.bool_))


@dataclass
class CodedBlock:
    """A block whose bits change.

    Attributes
    ----------
    component : ColorComponent
    tables : tuple of int
        Numbers of the DC and the AC table.
    position : tuple of int
        Row and column of the block in its component.
    begin, after_dc, end : int
        Positions in the entropy-coded data, in bits.
    dc : int
        DC coefficient.
    predicted : int
        DC coefficient of the block before it.
    coefficients : list of int or None
        All coefficients in zigzag order, if the block is touched.
    new : ndarray or None
        New coefficients in zigzag order.
    """

    component: ColorComponent
    tables: tuple[int, int]
    position: tuple[int, int]
    begin: int
    after_dc: int
    end: int
    dc: int
    predicted: int
    coefficients: list[int] | None
    new: Array | None = None


def paint_blocks(
    blocks: Sequence[CodedBlock], quantizers: Mapping[int, Array], middle: int
) -> None:
    """Set the new coefficients of touched blocks: those of their painted samples.

    Parameters
    ----------
    blocks : sequence of CodedBlock
        Touched blocks; their ``new`` is set.
    quantizers : mapping
        Quantization tables by number, 64 values each in zigzag order.
    middle : int
        Level that is shifted to 0: half of the range of samples.
    """
    for component in {id(b.component): b.component for b in blocks}.values():
        own = [block for block in blocks if block.component is component]
        quantizer = quantizers[component.quantizer]
        scaled = np.zeros((len(own), 64))
        scaled[:, _ZIGZAG] = np.array([b.coefficients for b in own]) * quantizer
        samples = _BASIS.T @ scaled.reshape(-1, 8, 8) @ _BASIS + middle
        top = 2 * middle - 1
        samples = samples.clip(0, top)
        # One step beyond black and white, so that quantization cannot turn them gray.
        step = quantizer[0] / 16
        paint = component.paint + step * (component.paint == top)
        paint -= step * (component.paint == 0)
        for n, block in enumerate(own):
            y, x = (8 * place for place in block.position)
            inside = component.inside[y : y + 8, x : x + 8]
            samples[n][inside] = paint[y : y + 8, x : x + 8][inside]
        again = _BASIS @ (samples - middle) @ _BASIS.T
        rounded = np.rint(again.reshape(-1, 64)[:, _ZIGZAG] / quantizer).astype(np.int64)
        # Coefficients of 12-bit samples have up to 15 bits, the largest category.
        most = 8 * middle - 1
        for block, values in zip(own, rounded.clip(-most, most)):
            block.new = values
