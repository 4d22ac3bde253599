"""Rate how much a place looks like a line of faint text: a network over local contrast.

The network sees each pixel in standard deviations from the mean of squares of several sizes, so
the contrast of text with its background and its polarity do not matter, and the steps to each
neighbor relative to those around it, because the ink of a device has one level where anatomy has
noise. It is fully convolutional and has 90,000 weights. ``tools/gate_model`` trained it.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import cv2
import numpy as np
import numpy.typing as npt

from safelight.pixels.thresholds import (
    FAINT_CONTRAST_MAX_DEVIATIONS,
    FAINT_CONTRAST_WINDOWS_PIXELS,
    FAINT_GRAIN_SHARE,
    FAINT_STEP_WINDOW_PIXELS,
    FAINT_TILE_PIXELS,
)

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

#: Side of the squares that the network rates, in pixels: the stride of its output.
FAINT_PLACE = 4
#: Sides of the input are multiples of this.
_STRIDE = 8
#: Pixels around a tile that the network sees: more than the reach of its rating.
_MARGIN = 64


def make_contrast_channels(values: npt.NDArray[Any], spread: float) -> npt.NDArray[np.float32]:
    """Return the input of the network.

    Parameters
    ----------
    values : ndarray
        (rows, columns): stored values, or a gray picture.
    spread : float
        Range of all values of the frame; above 0.

    Returns
    -------
    ndarray of float32
        (channels, rows, columns): a channel for each window of local contrast, and the steps to
        the neighbors.
    """
    numbers = np.nan_to_num(values.astype(np.float32), posinf=0, neginf=0)
    numbers = (numbers - numbers.mean()) * np.float32(255 / spread)
    square = numbers * numbers
    limit, grain = FAINT_CONTRAST_MAX_DEVIATIONS, np.float32(255 * FAINT_GRAIN_SHARE)
    channels = np.empty((len(FAINT_CONTRAST_WINDOWS_PIXELS) + 1, *numbers.shape), np.float32)
    for channel, side in zip(channels, FAINT_CONTRAST_WINDOWS_PIXELS):
        mean = _smooth(numbers, side)
        deviation = np.sqrt(np.maximum(_smooth(square, side) - mean * mean, 0)) + grain
        np.clip((numbers - mean) / deviation, -limit, limit, out=channel)
    steps = np.zeros_like(numbers)
    steps[:, 1:] = np.abs(np.diff(numbers, axis=1))
    steps[1:] += np.abs(np.diff(numbers, axis=0))
    usual = _smooth(steps, FAINT_STEP_WINDOW_PIXELS) + grain
    np.clip(steps / usual, 0, limit, out=channels[-1])
    return channels


def faint_text_log_odds(values: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
    """Return the log odds of text for each square of ``FAINT_PLACE`` pixels.

    Parameters
    ----------
    values : ndarray
        (rows, columns): stored values, or a gray picture.

    Returns
    -------
    ndarray of float32
        (rows / FAINT_PLACE, columns / FAINT_PLACE), rounded up; far below 0 if all values are
        equal.
    """
    shape = tuple(-(-side // FAINT_PLACE) for side in values.shape)
    log_odds = np.full(shape, -np.inf, np.float32)
    spread = float(np.ptp(values)) if values.size else 0.0
    if not 0 < spread < np.inf:
        return log_odds
    for top in range(0, values.shape[0], FAINT_TILE_PIXELS):
        for left in range(0, values.shape[1], FAINT_TILE_PIXELS):
            above, before = max(0, top - _MARGIN), max(0, left - _MARGIN)
            below, after = top + FAINT_TILE_PIXELS + _MARGIN, left + FAINT_TILE_PIXELS + _MARGIN
            rated = _rate(make_contrast_channels(values[above:below, before:after], spread))
            own = rated[(top - above) // FAINT_PLACE :, (left - before) // FAINT_PLACE :]
            rows, columns = top // FAINT_PLACE, left // FAINT_PLACE
            side = FAINT_TILE_PIXELS // FAINT_PLACE
            target = log_odds[rows : rows + side, columns : columns + side]
            target[:] = own[: target.shape[0], : target.shape[1]]
    return log_odds


def _smooth(values: npt.NDArray[np.float32], side: int) -> npt.NDArray[np.float32]:
    """Return the mean of the square around each value."""
    smooth = cv2.boxFilter(values, -1, (side, side), borderType=cv2.BORDER_REFLECT_101)
    return np.asarray(smooth, np.float32)


def _rate(channels: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Return the output of the network for one tile."""
    rows, columns = (-side % _STRIDE for side in channels.shape[1:])
    padded = np.pad(channels, ((0, 0), (0, rows), (0, columns)))
    return np.asarray(_session().run(None, {"x": padded[None]})[0][0, 0], np.float32)


@lru_cache(maxsize=1)
def _session() -> InferenceSession:
    """Load the network; it runs on one thread, since each worker process has one core."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    model = files("safelight.pixels.gate").joinpath("faint_cnn.onnx").read_bytes()
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
