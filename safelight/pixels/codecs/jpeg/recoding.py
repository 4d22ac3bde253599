"""Code a JPEG scan with new Huffman tables, if the old ones have no room for further symbols.

The values are kept; only their codes change. The positions of symbols are found one by one; all
other steps process all symbols at once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from safelight.pixels.codecs.jpeg.huffman import (
    Bits,
    HuffmanTable,
    build_optimal_table,
    pack_bits,
    read_bit_windows,
)

#: Class (0 DC, 1 AC) and number of a table.
TableKey = tuple[int, int]

#: Component (by its position in the scan), row and column of each block.
BlockOrder = Iterable[tuple[int, int, int]]


def recode_scan(
    pieces: Sequence[bytes],
    orders: Sequence[BlockOrder],
    components: Sequence[TableKey],
    huffman: Mapping[TableKey, HuffmanTable],
    needed: Mapping[TableKey, Counter[int]],
) -> tuple[list[bytes], dict[TableKey, HuffmanTable]]:
    """Code a scan with new tables.

    Parameters
    ----------
    pieces : sequence of bytes
        Entropy-coded data between restart markers.
    orders : sequence of BlockOrder
        Blocks of each piece.
    components : sequence of (DC table, AC table)
        Numbers of the tables of each component in the scan.
    huffman : mapping
        The old tables.
    needed : mapping
        Frequencies of further symbols that the new tables must have, by table.

    Returns
    -------
    tuple
        The new pieces and the new tables.
    """
    keys = sorted({(kind, numbers[kind]) for numbers in components for kind in (0, 1)})
    read = []
    for piece, order in zip(pieces, orders):
        positions, owners = _find_symbols(piece, order, components, huffman, keys)
        read.append(
            (owners, *_read_symbols(read_bit_windows(piece), positions, owners, keys, huffman))
        )
    lengths = np.zeros((len(keys), 256), np.int64)
    codes = np.zeros((len(keys), 256), np.int64)
    tables = {}
    for n, key in enumerate(keys):
        counts = Counter(needed.get(key, {}))
        for owners, symbols, _, _ in read:
            found, times = np.unique(symbols[owners == n], return_counts=True)
            counts.update(dict(zip(found.tolist(), times.tolist())))
        tables[key] = build_optimal_table(counts)
        for symbol, code in tables[key].codes.items():
            codes[n, symbol], lengths[n, symbol] = int(code, 2), len(code)
    new = [
        pack_bits(codes[owners, symbols] << sizes | values, lengths[owners, symbols] + sizes)
        for owners, symbols, sizes, values in read
    ]
    return new, tables


def _find_symbols(
    piece: bytes,
    order: BlockOrder,
    components: Sequence[TableKey],
    huffman: Mapping[TableKey, HuffmanTable],
    keys: Sequence[TableKey],
) -> tuple[Bits, Bits]:
    """Return the position of each symbol of a piece, in bits, and the index of its table."""
    windows = read_bit_windows(piece).tolist()
    dc = [huffman[0, numbers[0]].dc_lookup for numbers in components]
    ac = [huffman[1, numbers[1]].ac_lookup for numbers in components]
    positions: list[int] = []
    blocks: list[tuple[int, int]] = []
    p = 0
    for component, _, _ in order:
        blocks.append((len(positions), component))
        positions.append(p)
        entry = dc[component][windows[p >> 3] >> 16 - (p & 7) & 0xFFFF]
        p += (entry >> 8) + (entry & 255)
        lookup, k = ac[component], 1
        while k < 64:
            positions.append(p)
            entry = lookup[windows[p >> 3] >> 16 - (p & 7) & 0xFFFF]
            p += entry >> 8
            k += entry & 255
    firsts, parts = np.array(blocks).T
    of = np.array([[keys.index((kind, n[kind])) for kind in (0, 1)] for n in components])
    owners = np.repeat(of[parts, 1], np.diff(firsts, append=len(positions)))
    owners[firsts] = of[parts, 0]
    return np.array(positions), owners


def _read_symbols(
    windows: Bits,
    positions: Bits,
    owners: Bits,
    keys: Sequence[TableKey],
    huffman: Mapping[TableKey, HuffmanTable],
) -> tuple[Bits, Bits, Bits]:
    """Return the symbols, the sizes in bits of the values after them, and these values."""
    lookups = np.array([huffman[key].symbol_lookup for key in keys])
    entries = lookups[owners, windows[positions >> 3] >> 16 - (positions & 7) & 0xFFFF]
    symbols = entries & 255
    is_ac = np.array([kind for kind, _ in keys])[owners]
    sizes = np.where(is_ac, symbols & 15, symbols)
    after = positions + (entries >> 8)
    values = windows[after >> 3] >> 32 - (after & 7) - sizes & (1 << sizes) - 1
    return symbols, sizes, values
