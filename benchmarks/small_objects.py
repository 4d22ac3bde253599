"""Write any number of small DICOM objects with distinct UIDs: a generator for tests of growth.

    python -m benchmarks.small_objects FOLDER COUNT

The objects are CT slices of 16 × 16 pixels, 64 to a series, one series to a folder.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks.headers import SLICES, ct_series

_ROOT = b"3680043."
#: First number of a series: all numbers have the same length, so that offsets do not change.
_FIRST = 1_000_000
#: Folders in one folder.
_FAN_OUT = 1000


def series_folder(folder: Path, series: int) -> Path:
    """Return the folder of a series."""
    return folder / f"{series // _FAN_OUT:04}" / f"{series:07}"


def write_small_objects(folder: Path, count: int, first: int = 0) -> int:
    """Write objects and return the number of bytes.

    Parameters
    ----------
    folder : Path
        Gets a tree of folders.
    count : int
        Number of objects.
    first : int
        Number of the first object, a multiple of the length of a series. Objects with the same
        number have the same bytes.

    Returns
    -------
    int
        Bytes of all objects.
    """
    slices, size = ct_series(16, 16), 0
    for start in range(first, first + count, SLICES):
        series = start // SLICES
        place = series_folder(folder, series)
        place.mkdir(parents=True, exist_ok=True)
        root = b"%07d." % (_FIRST + series)
        for number in range(min(SLICES, first + count - start)):
            data = slices[number].replace(_ROOT, root)
            (place / f"{number:03}.dcm").write_bytes(data)
            size += len(data)
    return size


def main() -> None:
    """Write the objects that the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("count", type=int)
    options = parser.parse_args()
    size = write_small_objects(options.folder, options.count)
    print(f"{options.count:,} objects, {size / 1e6:,.0f} MB")


if __name__ == "__main__":
    main()
