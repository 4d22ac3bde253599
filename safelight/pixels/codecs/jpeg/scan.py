"""Mask the entropy-coded data of one JPEG scan: find the touched blocks and paint them.

ITU-T T.81, annex F. Bits are read by table from Python integers, about a microsecond a symbol.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

import numpy as np

from safelight.pixels.codecs.jpeg.block_painting import CodedBlock, ColorComponent, paint_blocks
from safelight.pixels.codecs.jpeg.huffman import (
    HuffmanTable,
    UnsupportedJpegError,
    read_bit_windows,
    stuff_bytes,
)
from safelight.pixels.codecs.jpeg.recoding import recode_scan
from safelight.pixels.dicom.native_frames import Array


@dataclass
class FrameParameters:
    """Parameters that the marker segments of a frame define for its scans.

    Attributes
    ----------
    huffman : dict
        Huffman tables by class (0 DC, 1 AC) and number.
    quantizers : dict
        Quantization tables by number, 64 values each in zigzag order.
    precision : int
        Bits of a sample.
    restart_interval : int
        MCUs between restart markers; 0 for none.
    """

    huffman: dict[tuple[int, int], HuffmanTable] = field(default_factory=dict)
    quantizers: dict[int, Array] = field(default_factory=dict)
    precision: int = 0
    restart_interval: int = 0


class JpegScan:
    """One scan: its components in the order of their blocks, and their tables.

    Parameters
    ----------
    header : bytes
        Payload of the SOS segment.
    components : sequence of ColorComponent
        Components of the frame.
    parameters : FrameParameters

    Attributes
    ----------
    extended_tables : dict
        Huffman tables with the symbols that the new blocks need, set by :meth:`mask`.
    """

    def __init__(
        self, header: bytes, components: Sequence[ColorComponent], parameters: FrameParameters
    ):
        by_number = {component.number: component for component in components}
        self.parts = [
            (by_number[header[n]], (header[n + 1] >> 4, header[n + 1] & 15))
            for n in range(1, 1 + 2 * header[0], 2)
        ]
        self.huffman, self.quantizers = parameters.huffman, parameters.quantizers
        self.middle = 1 << parameters.precision - 1
        self.restart_interval = parameters.restart_interval
        self.extended_tables: dict[tuple[int, int], HuffmanTable] = {}
        first = self.parts[0][0]
        if len(self.parts) == 1:
            self.across, down = -(-first.columns // 8), -(-first.rows // 8)
        else:
            self.across = -(-first.columns // (8 * first.across))
            down = -(-first.rows // (8 * first.down))
        self.unit_count = self.across * down

    def mask(self, data: bytes) -> bytes:
        """Return the entropy-coded data with all touched blocks painted."""
        pieces = re.split(b"\xff+[\xd0-\xd7]", data)
        per_piece = self.restart_interval or self.unit_count
        if len(pieces) != -(-self.unit_count // per_piece):
            raise UnsupportedJpegError("restart markers do not match their interval")
        bounds = range(0, self.unit_count, per_piece)
        parts = [range(begin, min(self.unit_count, begin + per_piece)) for begin in bounds]
        parsed = self._parse_pieces(pieces, parts)
        if not self._extend_tables([blocks for blocks, _ in parsed]):
            needed = _count_needed_symbols([blocks for blocks, _ in parsed])
            orders = [chain.from_iterable(map(self._blocks_of, units)) for units in parts]
            tables = [tables for _, tables in self.parts]
            pieces, self.extended_tables = recode_scan(pieces, orders, tables, self.huffman, needed)
            self.huffman = {**self.huffman, **self.extended_tables}
            parsed = self._parse_pieces(pieces, parts)
        out = []
        for n, (piece, (blocks, used)) in enumerate(zip(pieces, parsed)):
            if n:
                out.append(bytes([0xFF, 0xD0 + (n - 1) % 8]))
            out.append(self._write(piece, blocks, used) if blocks else piece)
        return b"".join(out)

    def _parse_pieces(
        self, pieces: Sequence[bytes], parts: Sequence[range]
    ) -> list[tuple[list[CodedBlock], int]]:
        """Return the changed blocks of each piece, painted, and its length in bits."""
        parsed = [self._parse(piece, units) for piece, units in zip(pieces, parts)]
        touched = [b for blocks, _ in parsed for b in blocks if b.coefficients is not None]
        paint_blocks(touched, self.quantizers, self.middle)
        return parsed

    def _blocks_of(self, unit: int) -> Iterator[tuple[int, int, int]]:
        """Yield the part, the block row and the block column of each block of an MCU."""
        y, x = divmod(unit, self.across)
        if len(self.parts) == 1:
            yield 0, y, x
            return
        for part, (component, _) in enumerate(self.parts):
            for v in range(component.down):
                for h in range(component.across):
                    yield part, y * component.down + v, x * component.across + h

    def _parse(self, piece: bytes, units: range) -> tuple[list[CodedBlock], int]:
        """Return the blocks whose bits change, and the number of bits of all blocks."""
        windows = read_bit_windows(piece).tolist()
        touched = [component.touched.tolist() for component, _ in self.parts]
        dc = [self.huffman[0, tables[0]].dc_lookup for _, tables in self.parts]
        ac = [self.huffman[1, tables[1]].ac_lookup for _, tables in self.parts]
        predicted = [0] * len(self.parts)
        follows = [False] * len(self.parts)
        changed: list[CodedBlock] = []
        p, limit = 0, 8 * (len(windows) - 1)
        for unit in units:
            for part, y, x in self._blocks_of(unit):
                begin = p
                entry = dc[part][windows[p >> 3] >> 16 - (p & 7) & 0xFFFF]
                size = entry & 255
                if not entry or size > 15:
                    raise UnsupportedJpegError("a Huffman code is not in its table")
                p += entry >> 8
                before = predicted[part]
                if size:
                    bits = windows[p >> 3] >> 32 - (p & 7) - size & (1 << size) - 1
                    predicted[part] += bits if bits >> size - 1 else bits - (1 << size) + 1
                    p += size
                after_dc = p
                lookup, k = ac[part], 1
                while k < 64:
                    entry = lookup[windows[p >> 3] >> 16 - (p & 7) & 0xFFFF]
                    if not entry:
                        raise UnsupportedJpegError("a Huffman code is not in its table")
                    p += entry >> 8
                    k += entry & 255
                if p > limit:
                    raise UnsupportedJpegError("a scan ends inside a block")
                hit = touched[part][y][x]
                if hit or follows[part]:
                    component, tables = self.parts[part]
                    values = (
                        self._values(windows, after_dc, tables[1], predicted[part]) if hit else None
                    )
                    changed.append(
                        CodedBlock(
                            component,
                            tables,
                            (y, x),
                            begin,
                            after_dc,
                            p,
                            predicted[part],
                            before,
                            values,
                        )
                    )
                    follows[part] = hit
        return changed, p

    def _values(self, windows: list[int], p: int, table: int, dc: int) -> list[int]:
        """Return all coefficients of a block in zigzag order."""
        values, k = [dc] + [0] * 63, 1
        lookup = self.huffman[1, table].symbol_lookup
        while k < 64:
            entry = lookup[windows[p >> 3] >> 16 - (p & 7) & 0xFFFF]
            p += entry >> 8
            run, size = entry >> 4 & 15, entry & 15
            if size == 0 and run != 15:
                break
            k += run
            if size:
                bits = windows[p >> 3] >> 32 - (p & 7) - size & (1 << size) - 1
                values[k] = bits if bits >> size - 1 else bits - (1 << size) + 1
                p += size
            k += 1
        return values

    def _extend_tables(self, pieces: Sequence[Sequence[CodedBlock]]) -> bool:
        """Extend the tables by symbols that only the new blocks need; False if they do not fit."""
        for key, counts in _count_needed_symbols(pieces).items():
            table = self.huffman[key].with_symbols(set(counts))
            if table is None:
                self.extended_tables.clear()
                return False
            if table is not self.huffman[key]:
                self.extended_tables[key] = table
        return True

    def _write(self, piece: bytes, blocks: Sequence[CodedBlock], used: int) -> bytes:
        """Return a piece with its changed blocks."""
        data = np.frombuffer(piece.replace(b"\xff\x00", b"\xff"), np.uint8)
        old = np.unpackbits(data)[:used]
        bits: list[Array] = []
        cursor = 0
        for difference, block in _differences(blocks):
            dc, ac = (
                (self.extended_tables.get(key) or self.huffman[key]).codes
                for key in ((0, block.tables[0]), (1, block.tables[1]))
            )
            size = abs(difference).bit_length()
            text = dc[size] + _value_bits(difference, size)
            if block.new is not None:
                text += "".join(ac[symbol] + extra for symbol, extra in _symbols(block.new))
            bits.append(old[cursor : block.begin])
            bits.append(np.frombuffer(text.encode(), np.uint8) - ord("0"))
            cursor = block.after_dc if block.new is None else block.end
        bits.append(old[cursor:])
        return stuff_bytes(np.concatenate(bits))


def _count_needed_symbols(
    pieces: Sequence[Sequence[CodedBlock]],
) -> dict[tuple[int, int], Counter[int]]:
    """Return the frequency of each symbol in the changed blocks, by table."""
    needed: dict[tuple[int, int], Counter[int]] = defaultdict(Counter)
    for difference, block in chain.from_iterable(map(_differences, pieces)):
        needed[0, block.tables[0]][abs(difference).bit_length()] += 1
        if block.new is not None:
            needed[1, block.tables[1]].update(symbol for symbol, _ in _symbols(block.new))
    return needed


def _differences(blocks: Sequence[CodedBlock]) -> Iterator[tuple[int, CodedBlock]]:
    """Yield the changed blocks of a piece, each with its new DC difference.

    A block after a touched one is always changed, so the last touched block of a component is
    the block before it.
    """
    last: dict[int, CodedBlock] = {}
    for block in blocks:
        before = last.get(id(block.component))
        predicted = block.predicted
        if before is not None and before.new is not None:
            predicted = int(before.new[0])
        yield (block.dc if block.new is None else int(block.new[0])) - predicted, block
        last[id(block.component)] = block


def _symbols(values: Array) -> Iterator[tuple[int, str]]:
    """Yield run and size, and the bits of the value, for all AC coefficients of a block."""
    run = 0
    last = int(np.flatnonzero(values)[-1]) if values.any() else 0
    for value in values[1 : last + 1].tolist():
        if value == 0:
            run += 1
            continue
        while run > 15:
            yield 0xF0, ""
            run -= 16
        size = abs(value).bit_length()
        yield run << 4 | size, _value_bits(value, size)
        run = 0
    if last < 63:
        yield 0, ""


def _value_bits(value: int, size: int) -> str:
    """Return the bits after a category: negative values as their ones' complement."""
    return format(value if value > 0 else value + (1 << size) - 1, f"0{size}b") if size else ""
