"""Did masking change anything but what it hid?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.pixels.decoders.base import get_decoder

from safelight.verify.defects import Check, Defect
from safelight.verify.dicom_object import DicomObject
from safelight.verify.pixel_ocr import SAMPLED_FRAMES

#: (frame, or None for all; (x, y, width, height)) of one mask, in pixels.
MaskRegion = tuple[int | None, tuple[int, int, int, int]]

#: Blocks in which the codecs with loss keep their values: a masked part changes them whole.
_BLOCK = 16
#: Colour of half the resolution is smoothed over the edges of blocks.
_BLEED = 2
#: Levels that two ways from one colour space to another may differ by.
_ROUNDING = 2


def compare_unmasked_pixels(
    original: DicomObject, output: DicomObject, regions: Sequence[MaskRegion]
) -> Iterator[Defect]:
    """Outside its masks a frame shows what the original shows.

    Some frames are looked at, evenly spread; frames that cannot be decoded are passed over,
    because ``pixels.check_pixel_data`` reports those.

    Parameters
    ----------
    original, output : DicomObject
    regions : sequence of MaskRegion
        The masks that are recorded.
    """
    if not original.pixel_bytes or not output.pixel_bytes:
        return
    blocks = _has_loss(original.dataset) or _has_loss(output.dataset)
    count = int(output.dataset.get("NumberOfFrames") or 1)
    for index in sorted({round(i) for i in np.linspace(0, count - 1, min(count, SAMPLED_FRAMES))}):
        before, after = _frame(original.dataset, index), _frame(output.dataset, index)
        if before is None or after is None:
            return
        if before.shape != after.shape:
            yield Defect(Check.PIXELS, f"pixels[{index}]", "have another shape than the original")
            return
        apart = np.abs(before.astype(np.float64) - after.astype(np.float64))
        apart = apart.reshape(*apart.shape[:2], -1).max(axis=-1)
        differ = apart > (_ROUNDING if before.ndim == 3 or blocks else 0)
        for frame, box in regions:
            if frame is None or frame == index:
                differ[_window(box, blocks)] = False
        if changed := int(differ.sum()):
            yield Defect(
                Check.PIXELS, f"pixels[{index}]", "differ from the original outside the recorded "
                "masks", changed,
            )  # fmt: skip


def _has_loss(dataset: Dataset) -> bool:
    syntax = str(dataset.file_meta.get("TransferSyntaxUID", "")) if dataset.file_meta else ""
    return syntax in ("1.2.840.10008.1.2.4.50", "1.2.840.10008.1.2.4.51")


def _frame(dataset: Dataset, index: int) -> NDArray[Any] | None:
    try:
        syntax = dataset.file_meta.TransferSyntaxUID
        return np.asarray(get_decoder(syntax).as_array(dataset, index=index)[0])
    except Exception:  # noqa: BLE001  pydicom and its plugins raise many kinds
        return None


def _window(box: tuple[int, int, int, int], blocks: bool) -> tuple[slice, slice]:
    x, y, width, height = box
    left, top, right, bottom = max(x, 0), max(y, 0), max(x + width, 0), max(y + height, 0)
    if blocks:
        left, top = left - left % _BLOCK - _BLEED, top - top % _BLOCK - _BLEED
        right, bottom = right + -right % _BLOCK + _BLEED, bottom + -bottom % _BLOCK + _BLEED
        left, top = max(left, 0), max(top, 0)
    return slice(top, bottom), slice(left, right)
