"""Blocks of a JPEG scan that are painted: from coefficients to samples and back.

ITU-T T.81, annex A.3. Samples are transformed for all touched blocks at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from safelight.pixels.codecs.jpeg.huffman import Bits as Samples

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
class Component:
    """A colour component: its sampling, and what is to be painted on its samples."""

    number: int
    across: int
    down: int
    quantizer: int
    columns: int = 0
    rows: int = 0
    inside: Samples = field(default_factory=lambda: np.zeros((0, 0), np.bool_))
    paint: Samples = field(default_factory=lambda: np.zeros((0, 0)))
    touched: Samples = field(default_factory=lambda: np.zeros((0, 0), np.bool_))


@dataclass
class Block:
    """A block whose bits change: where they are, and its coefficients if it is touched."""

    component: Component
    tables: tuple[int, int]
    at: tuple[int, int]
    begin: int
    after_dc: int
    end: int
    dc: int
    predicted: int
    coefficients: list[int] | None
    new: Samples | None = None


def paint_blocks(blocks: Sequence[Block], quantizers: Mapping[int, Samples], middle: int) -> None:
    """Give touched blocks new coefficients: samples, painted, and transformed again.

    Parameters
    ----------
    blocks : sequence of Block
        Touched ones, whose ``new`` is set.
    quantizers : mapping
        Quantization tables by number, 64 values each in zigzag order.
    middle : int
        The level that is shifted to 0, half of the range of samples.
    """
    for component in {id(b.component): b.component for b in blocks}.values():
        mine = [block for block in blocks if block.component is component]
        quantizer = quantizers[component.quantizer]
        scaled = np.zeros((len(mine), 64))
        scaled[:, _ZIGZAG] = np.array([b.coefficients for b in mine]) * quantizer
        samples = _BASIS.T @ scaled.reshape(-1, 8, 8) @ _BASIS + middle
        top = 2 * middle - 1
        samples = samples.clip(0, top)
        # A step beyond black and white, so that quantizing cannot turn them grey.
        step = quantizer[0] / 16
        paint = component.paint + step * (component.paint == top)
        paint -= step * (component.paint == 0)
        for n, block in enumerate(mine):
            y, x = (8 * at for at in block.at)
            inside = component.inside[y : y + 8, x : x + 8]
            samples[n][inside] = paint[y : y + 8, x : x + 8][inside]
        again = _BASIS @ (samples - middle) @ _BASIS.T
        rounded = np.rint(again.reshape(-1, 64)[:, _ZIGZAG] / quantizer).astype(np.int64)
        # 12 bits have coefficients of up to 15 bits; beyond that there is no category.
        most = 8 * middle - 1
        for block, values in zip(mine, rounded.clip(-most, most)):
            block.new = values
