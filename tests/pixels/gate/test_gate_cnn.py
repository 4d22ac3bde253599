"""The network rates places by their likeness to text, at any contrast."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from safelight.pixels.gate.gate_cnn import PLACE, normalize_contrast, text_log_odds


@pytest.mark.parametrize("shape", [(64, 64), (65, 130), (40, 17)])
def test_each_place_has_a_value_for_any_size_of_the_picture(
    shape: tuple[int, int],
) -> None:
    log_odds = text_log_odds(np.zeros(shape, np.uint8))
    assert log_odds.shape == tuple(-(-side // PLACE) for side in shape)


def test_text_has_positive_log_odds_and_background_negative_ones() -> None:
    picture = np.full((128, 256), 30, np.uint8)
    cv2.putText(picture, "NAME: HOLM", (16, 44), cv2.FONT_HERSHEY_SIMPLEX, 0.5, 200, 1)
    log_odds = text_log_odds(picture)
    assert log_odds[4:6, 3:12].mean() > 0
    assert log_odds[10:].max() < 0


def test_weak_and_strong_contrast_are_normalized_alike() -> None:
    weak = normalize_contrast((np.indices((64, 64)).sum(0) % 9 * 3 + 100).astype(np.uint8))
    strong = normalize_contrast((np.indices((64, 64)).sum(0) % 9 * 25).astype(np.uint8))
    assert abs(weak.std() - strong.std()) < 0.6
