"""The gate's second look: of the places that are as fine as text, which look like writing.

A fully convolutional network of 40,000 weights, some hundredths of what a text detector costs.
It was trained by ``tools/gate_model`` on text drawn over pictures of tissue and over noise, and
tells each square of ``PLACE`` pixels, so how much larger text looks at a smaller scale.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.models import Picture

#: Side of the squares that the network tells apart, in pixels.
PLACE = 8
#: Side of the square that contrast is measured in, and grain that is no contrast, in levels.
AROUND, GRAIN = 31, 6.0
#: How far a pixel can stand out, in standard deviations.
MOST = 4.0


def normalize_contrast(plain: Picture) -> npt.NDArray[np.float32]:
    """A grey picture with the same mean and contrast everywhere: what the network sees.

    Returns
    -------
    ndarray of float32
        (rows, columns), mostly -4 to 4.
    """
    values = plain.astype(np.float32)
    mean = cv2.boxFilter(values, -1, (AROUND, AROUND), borderType=cv2.BORDER_REFLECT_101)
    square = cv2.boxFilter(values * values, -1, (AROUND, AROUND), borderType=cv2.BORDER_REFLECT_101)
    spread = np.sqrt(np.maximum(square - mean * mean, 0)) + GRAIN
    return np.asarray(np.clip((values - mean) / spread, -MOST, MOST), np.float32)


def text_log_odds(plain: Picture) -> npt.NDArray[np.float32]:
    """How much each square of ``PLACE`` pixels looks like text, as log odds.

    Parameters
    ----------
    plain : ndarray
        (rows, columns) grey, 8 bits.

    Returns
    -------
    ndarray of float32
        (rows / PLACE, columns / PLACE), rounded up.
    """
    even = normalize_contrast(plain)
    high, wide = (-side % (2 * PLACE) for side in plain.shape)
    even = np.pad(even, ((0, high), (0, wide)))
    chart = _session().run(None, {"x": even[None, None]})[0][0, 0]
    rows, columns = (-(-side // PLACE) for side in plain.shape)
    return np.asarray(chart[:rows, :columns], np.float32)


@lru_cache(maxsize=1)
def _session() -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    model = files("safelight.pixels.gate").joinpath("gate_cnn.onnx").read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
