"""Compare pixels of original and output outside and inside the recorded masks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import JPEGBaseline8Bit, JPEGExtended12Bit

from safelight.verify.defects import Check, Defect
from safelight.verify.dicom_object import DicomObject
from safelight.verify.frame_decoding import decode_frame
from safelight.verify.pixel_ocr import sample_frames

#: One mask: index of the frame, or None for all frames, and (x, y, width, height) in pixels.
MaskRegion = tuple[int | None, tuple[int, int, int, int]]

#: Transfer syntaxes in which a mask changes whole blocks.
_BLOCK_SYNTAXES = frozenset({JPEGBaseline8Bit, JPEGExtended12Bit})
#: Side of the largest block (MCU) of these codecs.
_BLOCK_PIXELS = 16
#: Decoders smooth subsampled colour across the edges of blocks.
_CHROMA_SMOOTHING_PIXELS = 2
#: Rows and columns of the parts of a mask in which the shown pixels are counted.
_PART_ROWS, _PART_COLUMNS = 8, 16
#: Pixels of a part that differ from the fill in the original, from which it can be judged.
_MIN_JUDGED_PIXELS = 12
#: Part of these pixels that is unchanged if the part is not masked. A placeholder has bright
#: letters, a few of which are where the original is bright.
_MIN_SHOWN = 0.9
#: Levels by which two conversions between the same colour spaces may differ.
_COLOUR_ROUNDING_LEVELS = 2


def compare_unmasked_pixels(
    original: DicomObject, output: DicomObject, regions: Sequence[MaskRegion]
) -> Iterator[Defect]:
    """Yield frames that differ from the original outside the recorded masks, or not inside.

    Some frames are compared, evenly distributed. A frame that cannot be decoded is reported as
    unchecked.

    Parameters
    ----------
    original, output : DicomObject
    regions : sequence of MaskRegion
        Recorded masks.
    """
    if not original.pixel_bytes or not output.pixel_bytes:
        return
    has_blocks = _has_blocks(original.dataset) or _has_blocks(output.dataset)
    for index in sample_frames(output.dataset):
        before, after = _decode_frame(original.dataset, index), _decode_frame(output.dataset, index)
        if before is None or after is None:
            detail = "cannot be decoded, so that pixels outside the masks were not compared"
            yield Defect(Check.UNCHECKED, f"pixels[{index}]", detail)
            return
        if before.shape != after.shape:
            detail = "have another shape than the original"
            yield Defect(Check.PIXELS, f"pixels[{index}]", detail)
            return
        boxes = [box for frame, box in regions if frame is None or frame == index]
        if changed := _count_changed_pixels(before, after, boxes, has_blocks):
            detail = "differ from the original outside the recorded masks"
            yield Defect(Check.PIXELS, f"pixels[{index}]", detail, changed)
        if shown := sum(_count_shown_pixels(before, after, box) for box in boxes):
            detail = "are those of the original inside the recorded masks"
            yield Defect(Check.PIXELS, f"pixels[{index}]", detail, shown)


def _count_changed_pixels(
    before: NDArray[Any],
    after: NDArray[Any],
    boxes: Sequence[tuple[int, int, int, int]],
    has_blocks: bool,
) -> int:
    """Return the number of pixels outside the boxes that differ between two frames."""
    difference = np.abs(before.astype(np.float64) - after.astype(np.float64))
    difference = difference.reshape(*difference.shape[:2], -1).max(axis=-1)
    tolerance = _COLOUR_ROUNDING_LEVELS if before.ndim == 3 or has_blocks else 0
    differs = difference > tolerance
    for box in boxes:
        differs[_get_window(box, has_blocks)] = False
    return int(differs.sum())


def _count_shown_pixels(
    before: NDArray[Any], after: NDArray[Any], box: tuple[int, int, int, int]
) -> int:
    """Return the number of pixels of the original in the parts of a mask that are not masked.

    The fill is the most frequent value of each sample. Pixels that have it in the original too are
    left out, because they show nothing.
    """
    window = _get_window(box, has_blocks=False)
    old, new = before[window], after[window]
    if not new.size:
        return 0
    if new.ndim == 2:
        old, new = old[..., np.newaxis], new[..., np.newaxis]
    return max(
        _count_shown_values(old[..., sample], new[..., sample]) for sample in range(new.shape[2])
    )


def _count_shown_values(old: NDArray[Any], new: NDArray[Any]) -> int:
    """Return the number of values of one sample, rows x columns, in parts that are not masked."""
    values, counts = np.unique(new, return_counts=True)
    fill, levels = float(values[counts.argmax()]), old.astype(np.float64)
    is_judged = np.abs(levels - fill) > _COLOUR_ROUNDING_LEVELS
    is_shown = is_judged & (np.abs(levels - new) <= _COLOUR_ROUNDING_LEVELS)
    shown = 0
    for top in range(0, new.shape[0], _PART_ROWS):
        for left in range(0, new.shape[1], _PART_COLUMNS):
            part = slice(top, top + _PART_ROWS), slice(left, left + _PART_COLUMNS)
            judged, equal = int(is_judged[part].sum()), int(is_shown[part].sum())
            if judged >= _MIN_JUDGED_PIXELS and equal >= _MIN_SHOWN * judged:
                shown += equal
    return shown


def _has_blocks(dataset: Dataset) -> bool:
    """Return whether the transfer syntax encodes blocks of pixels with loss."""
    syntax = str(dataset.file_meta.get("TransferSyntaxUID", "")) if dataset.file_meta else ""
    return syntax in _BLOCK_SYNTAXES


def _decode_frame(dataset: Dataset, index: int) -> NDArray[Any] | None:
    """Return a frame, rows × columns (× samples); None if it cannot be decoded."""
    try:
        return decode_frame(dataset, index).values
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001  pydicom and the libraries raise many kinds
        return None


def _get_window(box: tuple[int, int, int, int], has_blocks: bool) -> tuple[slice, slice]:
    """Return rows and columns that a mask may change, extended to whole blocks."""
    x, y, width, height = box
    left, top, right, bottom = max(x, 0), max(y, 0), max(x + width, 0), max(y + height, 0)
    if has_blocks:
        margin = _CHROMA_SMOOTHING_PIXELS
        left, top = (max(edge - edge % _BLOCK_PIXELS - margin, 0) for edge in (left, top))
        right, bottom = (edge + -edge % _BLOCK_PIXELS + margin for edge in (right, bottom))
    return slice(top, bottom), slice(left, right)
