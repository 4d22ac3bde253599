"""Read the attributes that describe the pixels into one record.

The attributes are those of the Image Pixel Module (PS3.3, C.7.6.3), the VOI LUT Module
(C.11.2) and the US Region Calibration Module (C.8.5.5).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from pydicom.dataset import Dataset

from safelight.pixels.dicom.luts import Lut, read_lut, read_palette
from safelight.pixels.dicom.safe_values import (
    read_integer,
    read_items,
    read_number,
    read_text,
    read_values,
)
from safelight.pixels.geometry import Box


@dataclass(frozen=True)
class UltrasoundRegion:
    """An ultrasound region: its box, and its spatial format, data type and flags as stored."""

    box: Box
    spatial_format: int
    data_type: int
    flags: int


@dataclass(frozen=True)
class PixelInfo:
    """The header values that are needed to read and write pixels. Holds no PHI.

    Attributes
    ----------
    kind : str
        ``integer``, ``float`` or ``double``: which of the three pixel data elements is present.
    signed : bool
        Pixel Representation: two's complement.
    frames : int
        Declared number of frames; 1 if Number of Frames is missing or unreadable.
    padding : int or None
        Pixel Padding Value; with ``padding_limit`` one end of a range.
    slope, intercept : float
        Modality LUT.
    windows : tuple of (center, width)
        VOI windows of the object in output units of the modality LUT, without duplicates. For
        enhanced objects those of the functional groups.
    lossy : bool
        Lossy Image Compression: the pixels were compressed with loss at some time.
    """

    transfer_syntax: str
    sop_class: str
    modality: str
    kind: str
    rows: int
    columns: int
    samples: int
    photometric: str
    planar: int
    bits_allocated: int
    bits_stored: int
    high_bit: int
    signed: bool
    frames: int
    padding: int | None = None
    padding_limit: int | None = None
    slope: float = 1.0
    intercept: float = 0.0
    windows: tuple[tuple[float, float], ...] = ()
    voi_function: str = "LINEAR"
    voi_luts: tuple[Lut, ...] = ()
    palette: tuple[Lut, Lut, Lut] | None = None
    regions: tuple[UltrasoundRegion, ...] = ()
    lossy: bool = False

    @property
    def shift(self) -> int:
        """Bits below the stored ones (High Bit + 1 − Bits Stored), usually 0."""
        return max(0, self.high_bit + 1 - self.bits_stored)

    @property
    def lowest(self) -> int:
        """Lowest value that Bits Stored can hold."""
        return -(1 << self.bits_stored - 1) if self.signed else 0

    @property
    def highest(self) -> int:
        """Highest value that Bits Stored can hold."""
        return (1 << self.bits_stored - self.signed) - 1


def _functional_groups(dataset: Dataset) -> Iterator[Dataset]:
    """Yield the data set and all items of its functional groups."""
    yield dataset
    for sequence in ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence"):
        yield from read_items(dataset, sequence)


def _read_windows(dataset: Dataset) -> Iterator[tuple[float, float]]:
    """Yield center and width of each usable VOI window."""
    for group in _functional_groups(dataset):
        for holder in [group, *read_items(group, "FrameVOILUTSequence")]:
            centers, widths = (
                read_values(holder, "WindowCenter"),
                read_values(holder, "WindowWidth"),
            )
            for center, width in zip(centers, widths):
                try:
                    window = float(center), float(width)
                except (TypeError, ValueError):
                    continue
                if np.isfinite(window).all() and window[1] > 0:
                    yield window


def _read_rescale(dataset: Dataset) -> tuple[float, float]:
    """Return slope and intercept of the first modality LUT."""
    for group in _functional_groups(dataset):
        for holder in [group, *read_items(group, "PixelValueTransformationSequence")]:
            slope = read_number(holder, "RescaleSlope")
            if slope:
                return slope, read_number(holder, "RescaleIntercept", 0.0) or 0.0
    return 1.0, 0.0


def _read_regions(dataset: Dataset) -> Iterator[UltrasoundRegion]:
    """Yield the ultrasound regions that have a box."""
    for item in read_items(dataset, "SequenceOfUltrasoundRegions"):
        left, top = (
            read_integer(item, "RegionLocationMinX0"),
            read_integer(item, "RegionLocationMinY0"),
        )
        right = read_integer(item, "RegionLocationMaxX1", -1)
        bottom = read_integer(item, "RegionLocationMaxY1", -1)
        if right >= left and bottom >= top:
            yield UltrasoundRegion(
                Box(left, top, right - left + 1, bottom - top + 1),
                read_integer(item, "RegionSpatialFormat"),
                read_integer(item, "RegionDataType"),
                read_integer(item, "RegionFlags"),
            )


def _read_voi_luts(dataset: Dataset) -> tuple[Lut, ...]:
    """Return the readable tables of VOI LUT Sequence."""
    items = read_items(dataset, "VOILUTSequence")
    found = (read_lut(item, "LUTDescriptor", "LUTData") for item in items)
    return tuple(lut for lut in found if lut is not None)


def read_pixel_info(dataset: Dataset, transfer_syntax: str, kind: str) -> PixelInfo:
    """Return the record of one data set.

    Parameters
    ----------
    dataset : Dataset
        All elements before the pixel data.
    transfer_syntax : str
        UID.
    kind : str
        ``integer``, ``float`` or ``double``.
    """
    allocated = {"float": 32, "double": 64}.get(kind) or read_integer(dataset, "BitsAllocated", 8)
    stored = min(read_integer(dataset, "BitsStored", allocated) or allocated, allocated)
    high = read_integer(dataset, "HighBit", stored - 1)
    padding = read_number(dataset, "PixelPaddingValue")
    limit = read_number(dataset, "PixelPaddingRangeLimit")
    slope, intercept = _read_rescale(dataset)
    signed = read_integer(dataset, "PixelRepresentation") == 1
    frames = re.match(r"\s*\d+", read_text(dataset, "NumberOfFrames"))
    return PixelInfo(
        transfer_syntax=transfer_syntax,
        sop_class=read_text(dataset, "SOPClassUID"),
        modality=read_text(dataset, "Modality"),
        kind=kind,
        rows=read_integer(dataset, "Rows"),
        columns=read_integer(dataset, "Columns"),
        samples=read_integer(dataset, "SamplesPerPixel", 1) or 1,
        photometric=read_text(dataset, "PhotometricInterpretation").upper() or "MONOCHROME2",
        planar=read_integer(dataset, "PlanarConfiguration"),
        bits_allocated=allocated,
        bits_stored=stored,
        high_bit=high if stored - 1 <= high < allocated else stored - 1,
        signed=signed,
        frames=max(1, int(frames.group())) if frames else 1,
        padding=None if padding is None else int(padding),
        padding_limit=None if limit is None else int(limit),
        slope=slope,
        intercept=intercept,
        windows=tuple(dict.fromkeys(_read_windows(dataset))),
        voi_function=read_text(dataset, "VOILUTFunction").upper() or "LINEAR",
        voi_luts=_read_voi_luts(dataset),
        palette=read_palette(dataset),
        regions=tuple(_read_regions(dataset)),
        lossy=read_text(dataset, "LossyImageCompression") == "01",
    )
