"""Read, look up, write and extend the Huffman tables of sequential JPEG (ITU-T T.81, annex C).

A table that was optimized for an image lacks the symbols that the image did not need. Symbols
added after the longest code leave all codes unchanged, so the bits of untouched blocks stay valid.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

#: An array of bits, or of words that hold bits.
Bits = npt.NDArray[Any]

#: Length of the longest code (T.81, section C.1).
MAX_CODE_BITS = 16

#: Words that are unpacked to bits at once, 32 bytes each: this bounds the memory.
_CHUNK_WORDS = 1 << 19


class UnsupportedJpegError(Exception):
    """Raised if a codestream cannot be edited in its coefficients."""


@dataclass(frozen=True)
class HuffmanTable:
    """One Huffman table.

    Attributes
    ----------
    counts : tuple of int
        Number of codes of length 1 to 16.
    symbols : bytes
        In order of their codes.
    """

    counts: tuple[int, ...]
    symbols: bytes

    @cached_property
    def codes(self) -> dict[int, str]:
        """The code of each symbol, as a string of bits."""
        codes, code, at = {}, 0, 0
        for length, count in enumerate(self.counts, 1):
            for symbol in self.symbols[at : at + count]:
                if code >> length:
                    raise UnsupportedJpegError("a Huffman table has more codes than bits")
                codes[symbol] = format(code, f"0{length}b")
                code += 1
            at += count
            code <<= 1
        return codes

    @cached_property
    def dc_lookup(self) -> list[int]:
        """Code length << 8 | category for each value of the next 16 bits; 0 for no code."""
        return self._lookup(lambda symbol, length: length << 8 | symbol)

    @cached_property
    def ac_lookup(self) -> list[int]:
        """Bits of code and value << 8 | zigzag step for each value of the next 16 bits.

        It is 0 for no code. The end of a block is a step of 64.
        """

        def entry(symbol: int, length: int) -> int:
            run, size = symbol >> 4, symbol & 15
            if size == 0:
                return length << 8 | (16 if run == 15 else 64)
            return length + size << 8 | run + 1

        return self._lookup(entry)

    @cached_property
    def symbol_lookup(self) -> list[int]:
        """Code length << 8 | symbol for each value of the next 16 bits; 0 for no code."""
        return self.dc_lookup

    def _lookup(self, entry: Callable[[int, int], int]) -> list[int]:
        """Return ``entry(symbol, code length)`` for each value of the next 16 bits."""
        table = [0] * (1 << MAX_CODE_BITS)
        for symbol, code in self.codes.items():
            free = MAX_CODE_BITS - len(code)
            first = int(code, 2) << free
            table[first : first + (1 << free)] = [entry(symbol, len(code))] * (1 << free)
        return table

    def with_symbols(self, needed: set[int]) -> HuffmanTable | None:
        """Return the table with the symbols that it lacks, or ``None`` if they do not fit.

        The code of all ones stays unused (T.81, section C.2).
        """
        missing = sorted(needed - set(self.symbols))
        if not missing:
            return self
        longest = max(length for length, count in enumerate(self.counts, 1) if count)
        after = int(max(self.codes.values(), key=lambda code: (len(code), code)), 2) + 1
        for length in range(longest, MAX_CODE_BITS + 1):
            room = (1 << length) - 1 - (after << length - longest)
            if room >= len(missing):
                counts = list(self.counts)
                counts[length - 1] += len(missing)
                return HuffmanTable(tuple(counts), self.symbols + bytes(missing))
        return None

    def segment(self, kind: int, number: int) -> bytes:
        """Return a DHT marker segment with this table.

        Parameters
        ----------
        kind : int
            0 for DC, 1 for AC.
        number : int
            Destination of the table, 0 to 3.
        """
        body = bytes([kind << 4 | number, *self.counts]) + self.symbols
        return b"\xff\xc4" + (len(body) + 2).to_bytes(2, "big") + body


def build_optimal_table(frequencies: Mapping[int, int]) -> HuffmanTable:
    """Return the table that codes symbols of some frequencies in the fewest bits (T.81, K.2)."""
    reserved = 256  # gets the code of all ones, which no symbol may have
    heap = [(count, symbol, [symbol]) for symbol, count in frequencies.items()]
    heap.append((0, reserved, [reserved]))
    heapq.heapify(heap)
    lengths = dict.fromkeys([*frequencies, reserved], 0)
    while len(heap) > 1:
        (a, _, left), (b, tie, right) = heapq.heappop(heap), heapq.heappop(heap)
        for symbol in left + right:
            lengths[symbol] += 1
        heapq.heappush(heap, (a + b, tie, left + right))
    counts = [0] * (max(MAX_CODE_BITS, *lengths.values()) + 1)
    for length in lengths.values():
        counts[length] += 1
    for length in range(len(counts) - 1, MAX_CODE_BITS, -1):
        while counts[length]:
            shorter = length - 2
            while not counts[shorter]:
                shorter -= 1
            # Of two longest codes, one replaces their parent, and one extends a shorter code.
            counts[length] -= 2
            counts[length - 1] += 1
            counts[shorter + 1] += 2
            counts[shorter] -= 1
    last = max(length for length, count in enumerate(counts) if count)
    counts[last] -= 1
    symbols = sorted(frequencies, key=lambda symbol: (lengths[symbol], symbol))
    return HuffmanTable(tuple(counts[1 : MAX_CODE_BITS + 1]), bytes(symbols))


def pack_bits(words: Bits, lengths: Bits) -> bytes:
    """Return words of up to 32 bits, one after another, as entropy-coded bytes.

    Parameters
    ----------
    words : ndarray of int
        Values, right-aligned.
    lengths : ndarray of int
        Number of bits of each word.
    """
    kept = []
    for begin in range(0, words.size, _CHUNK_WORDS):
        length = lengths[begin : begin + _CHUNK_WORDS]
        left = words[begin : begin + _CHUNK_WORDS] << 32 - length
        bits = np.unpackbits(left.astype(">u4").view(np.uint8).reshape(-1, 4), axis=1)
        kept.append(bits[np.arange(32) < length[:, None]])
    return stuff_bytes(np.concatenate(kept))


def stuff_bytes(bits: Bits) -> bytes:
    """Return bits as bytes, padded with ones, with a zero after each 0xFF (T.81, F.1.2.3)."""
    padding = np.ones(-bits.size % 8, np.uint8)
    return np.packbits(np.concatenate([bits, padding])).tobytes().replace(b"\xff", b"\xff\x00")


def read_bit_windows(piece: bytes) -> Bits:
    """Return the 32 bits that begin at each byte of entropy-coded data, and at its end."""
    data = np.frombuffer(piece.replace(b"\xff\x00", b"\xff") + b"\xff" * 4, np.uint8)
    wide = data.astype(np.int64)
    return np.asarray(wide[:-3] << 24 | wide[1:-2] << 16 | wide[2:-1] << 8 | wide[3:])


def read_tables(segment: bytes) -> dict[tuple[int, int], HuffmanTable]:
    """Return the tables in the payload of a DHT segment by class (0 DC, 1 AC) and number."""
    tables, at = {}, 0
    while at + 17 <= len(segment):
        kind, number = segment[at] >> 4, segment[at] & 15
        counts = tuple(segment[at + 1 : at + 17])
        end = at + 17 + sum(counts)
        if end > len(segment) or kind > 1:
            raise UnsupportedJpegError("a Huffman table is cut off")
        tables[kind, number] = HuffmanTable(counts, segment[at + 17 : end])
        at = end
    return tables
