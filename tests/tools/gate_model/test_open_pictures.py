"""Pictures of open packages that are not DICOM objects."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import cv2
import numpy as np

from tools.gate_model.backgrounds import load_picture_parts, read_picture_list
from tools.gate_model.open_pictures import read_open_picture


def write_nifti(path: Path, values: np.ndarray) -> None:
    header = bytearray(352)
    struct.pack_into("<8h", header, 40, 3, *values.shape, 1, 1, 1, 1)
    struct.pack_into("<h", header, 70, 4)
    struct.pack_into("<f", header, 108, 352.0)
    path.write_bytes(gzip.compress(bytes(header) + values.astype("<i2").tobytes("F")))


def test_a_volume_gives_planes_across_each_axis(tmp_path: Path) -> None:
    x, y, z = np.indices((64, 70, 80))
    write_nifti(tmp_path / "volume.nii.gz", x * 3 + y - z)
    pictures = read_open_picture(tmp_path / "volume.nii.gz")
    assert {picture.shape for picture in pictures} == {(70, 80), (64, 80), (64, 70)}
    assert all(picture.min() == 0 and picture.max() == 255 for picture in pictures)


def test_a_list_names_parts_without_text(tmp_path: Path) -> None:
    picture = np.random.default_rng(1).integers(0, 255, (200, 300)).astype(np.uint8)
    cv2.imwrite(str(tmp_path / "photograph.png"), picture)
    written = tmp_path / "list"
    written.write_text(f"{tmp_path / 'photograph.png'} 20 30 100 90\n", "utf-8")
    (part,) = load_picture_parts(read_picture_list(written))
    assert (part == picture[30:120, 20:120]).all()
