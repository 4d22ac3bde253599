"""Second step of the text gate: rate how much a place looks like writing.

The rating is that of a fully convolutional network of 40,000 weights, which costs a few percent
of a text detector. ``tools/gate_model`` trained it on text over pictures of tissue and noise.
It rates squares of ``PLACE`` pixels, so larger text is rated at a smaller scale.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.models import Picture
from safelight.pixels.thresholds import (
    GATE_CONTRAST_MAX_DEVIATIONS,
    GATE_CONTRAST_WINDOW_PIXELS,
    GATE_GRAIN_LEVELS,
)

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

#: Side of the squares that the network rates, in pixels: the stride of the network.
PLACE = 8


def normalize_contrast(gray: Picture) -> npt.NDArray[np.float32]:
    """Return a gray picture with the same mean and contrast everywhere: the network's input.

    Returns
    -------
    ndarray of float32
        (rows, columns), in standard deviations from the local mean, -4 to 4.
    """
    window = (GATE_CONTRAST_WINDOW_PIXELS, GATE_CONTRAST_WINDOW_PIXELS)
    values = gray.astype(np.float32)
    mean = cv2.boxFilter(values, -1, window, borderType=cv2.BORDER_REFLECT_101)
    square = cv2.boxFilter(values * values, -1, window, borderType=cv2.BORDER_REFLECT_101)
    spread = np.sqrt(np.maximum(square - mean * mean, 0)) + GATE_GRAIN_LEVELS
    limit = GATE_CONTRAST_MAX_DEVIATIONS
    return np.asarray(np.clip((values - mean) / spread, -limit, limit), np.float32)


def text_log_odds(gray: Picture) -> npt.NDArray[np.float32]:
    """Return the log odds of text for each square of ``PLACE`` pixels.

    Parameters
    ----------
    gray : ndarray
        (rows, columns), 8 bits.

    Returns
    -------
    ndarray of float32
        (rows / PLACE, columns / PLACE), rounded up.
    """
    normalized = normalize_contrast(gray)
    missing_rows, missing_columns = (-side % (2 * PLACE) for side in gray.shape)
    normalized = np.pad(normalized, ((0, missing_rows), (0, missing_columns)))
    log_odds = _session().run(None, {"x": normalized[None, None]})[0][0, 0]
    rows, columns = (-(-side // PLACE) for side in gray.shape)
    return np.asarray(log_odds[:rows, :columns], np.float32)


@lru_cache(maxsize=1)
def _session() -> InferenceSession:
    """Load the network; it runs on one thread, since each worker process has one core."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    model = files("safelight.pixels.gate").joinpath("gate_cnn.onnx").read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
