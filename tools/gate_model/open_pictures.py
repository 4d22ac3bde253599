"""Read open pictures that are not DICOM objects: NumPy arrays, NIfTI volumes and photographs."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

#: Ends of the names of files that are read.
OPEN_PICTURE_SUFFIXES = (".npy", ".nii", ".nii.gz", ".png", ".jpg")
#: Offsets in the header of a NIfTI-1 volume: sizes, type of the values, begin of the values.
_SIZES, _TYPE, _BEGIN = 40, 70, 108
_NIFTI_TYPES: dict[int, type[Any]] = {
    2: np.uint8, 4: np.int16, 8: np.int32, 16: np.float32, 64: np.float64, 256: np.int8,
    512: np.uint16,
}  # fmt: skip
#: Planes that are taken of each axis of a volume, as shares of its length.
_PLANES = (0.3, 0.42, 0.55, 0.7)
_MIN_SIDE_PIXELS = 60


def read_open_picture(path: Path) -> list[npt.NDArray[np.uint8]]:
    """Return the gray pictures of a file: planes of a volume or array, or one photograph.

    Parameters
    ----------
    path : Path
        A file that ends in .npy, .nii, .nii.gz, .png or .jpg.
    """
    if path.name.endswith((".nii", ".nii.gz")):
        planes = list(_take_planes(_read_nifti(path)))
    elif path.suffix == ".npy":
        planes = list(_take_planes(np.load(path)))
    else:
        picture = cv2.imread(str(path), cv2.IMREAD_GRAYSCALE)
        return [] if picture is None else [np.asarray(picture, np.uint8)]
    return [_to_picture(plane) for plane in planes if min(plane.shape) >= _MIN_SIDE_PIXELS]


def _read_nifti(path: Path) -> npt.NDArray[Any]:
    """Return the values of a little-endian NIfTI-1 volume."""
    data = path.read_bytes()
    if path.suffix == ".gz":
        data = gzip.decompress(data)
    sizes = np.frombuffer(data, "<i2", 8, _SIZES)
    kind = _NIFTI_TYPES[int(np.frombuffer(data, "<i2", 1, _TYPE)[0])]
    begin = int(np.frombuffer(data, "<f4", 1, _BEGIN)[0])
    shape = tuple(int(n) for n in sizes[1 : 1 + sizes[0]])
    values = np.frombuffer(data, np.dtype(kind).newbyteorder("<"), int(np.prod(shape)), begin)
    return values.reshape(shape, order="F")


def _take_planes(values: npt.NDArray[Any]) -> Iterator[npt.NDArray[Any]]:
    """Yield planes across each axis of a volume; an array of two axes is one plane."""
    while values.ndim > 3:
        values = values[..., 0]
    if values.ndim == 2:
        yield values
        return
    for axis in range(3):
        for share in _PLANES:
            yield np.take(values, int(share * values.shape[axis]), axis)


def _to_picture(plane: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Return a plane in 8 bits, from its 1st to its 99.8th percentile."""
    numbers = np.nan_to_num(plane.astype(np.float32))
    low, high = np.percentile(numbers, (1, 99.8))
    scaled = (numbers - low) * (255 / max(float(high - low), 1e-6))
    return np.asarray(np.rint(np.clip(scaled, 0, 255)), np.uint8)
