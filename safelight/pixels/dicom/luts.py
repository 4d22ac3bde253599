"""Read the look-up tables of an object: its palette, plain or segmented, and its VOI LUTs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset

from safelight.pixels.dicom.safe_values import read_values

#: Entries of the largest table (PS3.3, section C.7.6.3.1.5).
_MAX_ENTRIES = 65536


@dataclass(frozen=True)
class Lut:
    """A look-up table (PS3.3, section C.11.1.1.1).

    Attributes
    ----------
    first : int
        Stored value of the first entry. Lower values get the first entry, values beyond the
        last one the last entry.
    bits : int
        Bits of an entry.
    data : ndarray
        The entries.
    """

    first: int
    bits: int
    data: npt.NDArray[np.uint16]


def _words(dataset: Dataset, keyword: str, count: int, wide: bool) -> npt.NDArray[np.uint16]:
    """Return LUT data as ``count`` entries, from bytes or numbers; ``wide``: 16 bits each."""
    found = read_values(dataset, keyword)
    if found and isinstance(found[0], (bytes, bytearray)):
        little = getattr(dataset, "original_encoding", (None, True))[1] is not False
        raw = bytes(found[0])
        # PS3.3 C.7.6.3.1.5: 8-bit entries may still be allocated 16 bits each.
        if wide or len(raw) >= 2 * count:
            return np.frombuffer(raw[: len(raw) & ~1], "<u2" if little else ">u2")
        return np.frombuffer(raw, np.uint8).astype(np.uint16)
    return np.array([int(value) & 0xFFFF for value in found], np.uint16)


def read_lut(dataset: Dataset, descriptor: str, data: str) -> Lut | None:
    """Return a look-up table; ``None`` if it is missing or incomplete.

    Parameters
    ----------
    dataset : Dataset
    descriptor, data : str
        Keywords of its two attributes.
    """
    described = read_values(dataset, descriptor)
    if len(described) < 3:
        return None
    count, first, bits = (int(value) for value in described[:3])
    count = count & 0xFFFF or _MAX_ENTRIES
    entries = _words(dataset, data, count, bits > 8)[:count]
    return Lut(first, bits, entries) if entries.size else None


def read_palette(dataset: Dataset) -> tuple[Lut, Lut, Lut] | None:
    """Return the red, green and blue table; ``None`` if one of them is missing."""
    luts = []
    for color in ("Red", "Green", "Blue"):
        descriptor = f"{color}PaletteColorLookupTableDescriptor"
        lut = read_lut(dataset, descriptor, f"{color}PaletteColorLookupTableData")
        if lut is None:
            segments = _words(dataset, f"Segmented{color}PaletteColorLookupTableData", 0, True)
            described = read_values(dataset, descriptor)
            if len(described) < 3 or not segments.size:
                return None
            expanded = np.array(_expand(segments.tolist()), np.uint16)
            if not expanded.size:
                return None
            lut = Lut(int(described[1]), int(described[2]), expanded)
        luts.append(lut)
    return luts[0], luts[1], luts[2]


def _expand(segments: list[int], start: int = 0, limit: int | None = None) -> list[int]:
    """Return segmented palette data as plain entries (PS3.3, section C.7.9.2).

    Parameters
    ----------
    segments : list of int
    start : int
        Index of the first segment.
    limit : int, optional
        Number of segments; by default all. Segments of an indirect one have a limit.
    """
    output: list[int] = []
    at, done = start, 0
    while at + 2 < len(segments) and (limit is None or done < limit):
        opcode, length = segments[at], segments[at + 1]
        if length == 0:  # not valid; an indirect segment could refer to many of them
            break
        if opcode == 0:
            output += segments[at + 2 : at + 2 + length]
            at += 2 + length
        elif opcode == 1:
            last = output[-1] if output else 0
            steps = np.linspace(last, segments[at + 2], length + 1)[1:]
            output += [int(round(step)) for step in steps]
            at += 3
        elif opcode == 2 and limit is None and at + 3 < len(segments):
            output += _expand(segments, segments[at + 2] | segments[at + 3] << 16, length)
            at += 4
        else:
            break
        done += 1
        if len(output) >= _MAX_ENTRIES:  # three words may state 65535 entries
            break
    return output[:_MAX_ENTRIES]
