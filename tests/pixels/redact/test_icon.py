"""Icons can be read back in every byte order."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.filereader import read_dataset

from safelight.pixels.redact.icon import make_icon
from safelight.pixels.thresholds import ICON_MAX_SIDE_PIXELS as SIZE


@pytest.mark.parametrize(
    ("syntax", "implicit", "little"),
    [
        ("1.2.840.10008.1.2", True, True),
        ("1.2.840.10008.1.2.1", False, True),
        ("1.2.840.10008.1.2.2", False, False),
        ("1.2.840.10008.1.2.4.90", False, True),
    ],
)
@pytest.mark.parametrize("shape", [(100, 333), (300, 99, 3), (8, 8)])
def test_an_icon_is_a_small_grey_image(
    syntax: str, implicit: bool, little: bool, shape: tuple[int, ...]
) -> None:
    shown = np.zeros(shape, np.uint8)
    shown[: shape[0] // 2] = 200
    vr, value = make_icon(shown, syntax)
    assert vr == "SQ"
    order = "little" if little else "big"
    head = (0x0088).to_bytes(2, order) + (0x0200).to_bytes(2, order)  # type: ignore[arg-type]
    size = len(value).to_bytes(4, order)  # type: ignore[arg-type]
    element = head + (b"" if implicit else b"SQ\0\0") + size + value
    dataset: Dataset = read_dataset(BytesIO(element), implicit, little)
    (item,) = dataset.IconImageSequence
    assert max(item.Rows, item.Columns) == min(SIZE, max(shape[:2]))
    pixels = np.frombuffer(item.PixelData, np.uint8)[: item.Rows * item.Columns]
    pixels = pixels.reshape(item.Rows, item.Columns)
    assert pixels[0, 0] == 200 and pixels[-1, -1] == 0
