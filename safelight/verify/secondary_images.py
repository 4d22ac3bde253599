"""Render the images of an object besides its frames: icons and overlays (PS3.3, annex C)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder
from pydicom.uid import UID, ExplicitVRLittleEndian

from safelight.verify.dicom_object import DicomObject
from safelight.verify.pixel_ocr import convert_to_print

_OVERLAY_GROUPS = range(0x6000, 0x6020, 2)
_ROWS, _COLUMNS, _FRAMES, _BIT_POSITION, _DATA = 0x0010, 0x0011, 0x0015, 0x0102, 0x3000
#: Planes of one overlay, and icons of one object, that are rendered.
_MAX_PLANES = 5
_MAX_ICONS = 20
_MAX_DEPTH = 8


def render_secondary_images(dicom_object: DicomObject) -> Iterator[tuple[str, Image.Image]]:
    """Yield the location and the image, dark text on bright, of each icon and overlay."""
    for number, icon in enumerate(_find_icons(dicom_object.dataset, 0)):
        if number >= _MAX_ICONS:
            return
        array = _decode_icon(dicom_object.dataset, icon)
        if array is not None and array.size:
            photometric = str(icon.get("PhotometricInterpretation", ""))
            yield f"icon[{number}]", convert_to_print(array, photometric)
    for group in _OVERLAY_GROUPS:
        for number, plane in enumerate(_read_overlay(dicom_object.dataset, group)):
            yield f"({group:04X},3000) plane[{number}]", convert_to_print(plane, "MONOCHROME2")


def _find_icons(dataset: Dataset, depth: int) -> Iterator[Dataset]:
    """Yield the items below the top level that have pixel data."""
    if depth >= _MAX_DEPTH:
        return
    for element in dataset:
        if element.VR != "SQ":
            continue
        for item in element.value:
            if "PixelData" in item:
                yield item
            yield from _find_icons(item, depth + 1)


def _decode_icon(dataset: Dataset, icon: Dataset) -> NDArray[np.generic] | None:
    """Return the pixels of an icon; None if they cannot be decoded."""
    own = dataset.file_meta.get("TransferSyntaxUID", ExplicitVRLittleEndian)
    for syntax in dict.fromkeys((UID(own), ExplicitVRLittleEndian)):
        try:
            return np.asarray(get_decoder(syntax).as_array(icon, index=0)[0])
        except Exception:  # noqa: BLE001, S112  pydicom and its plugins raise many kinds
            continue
    return None


def _read_overlay(dataset: Dataset, group: int) -> Iterator[NDArray[np.uint8]]:
    """Yield the planes of one overlay, which is an element or in unused bits of the pixels."""
    try:
        rows, columns = (int(dataset[group, number].value) for number in (_ROWS, _COLUMNS))
        frames = int(dataset[group, _FRAMES].value) if (group, _FRAMES) in dataset else 1
        bits = _read_overlay_bits(dataset, group)
    except Exception:  # noqa: BLE001  values of any kind
        return
    size = rows * columns
    for number in range(min(frames, _MAX_PLANES)):
        plane = bits[number * size : (number + 1) * size]
        if size and len(plane) == size and plane.any():
            yield plane.reshape(rows, columns).astype(np.uint8)


def _read_overlay_bits(dataset: Dataset, group: int) -> NDArray[np.uint8]:
    """Return the bits of an overlay, one per pixel; none if position 0 is that of the image."""
    if (group, _DATA) in dataset:
        return np.unpackbits(
            np.frombuffer(dataset[group, _DATA].value, np.uint8), bitorder="little"
        )
    position = int(dataset[group, _BIT_POSITION].value)
    pixels = np.frombuffer(dataset.PixelData, np.uint16)
    return (pixels >> position & 1).astype(np.uint8) if position else np.zeros(0, np.uint8)
