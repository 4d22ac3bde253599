from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.gate.turned_frame import TurnedFrame
from safelight.pixels.geometry import Box


@given(st.integers(-90, 90), st.floats(0, 300), st.floats(0, 400), st.sampled_from([0.5, 1, 2]))
def test_a_point_is_mapped_to_the_turned_frame_and_back(
    angle: int, column: float, row: float, scale: float
) -> None:
    turned = TurnedFrame(angle, (400, 300), scale)
    point = np.array([[column, row]])
    inside = turned.map_to(point)
    assert np.allclose(turned.map_back(inside), point)
    assert -1 <= inside[0, 0] <= turned.columns + 1
    assert -1 <= inside[0, 1] <= turned.rows + 1


@given(
    st.integers(-90, 90), st.integers(0, 300), st.integers(0, 300), st.integers(1, 200),
    st.integers(1, 40), st.floats(0, 1), st.floats(0, 1),
)  # fmt: skip
def test_boxes_in_the_frame_cover_each_point_of_a_turned_box(
    angle: int, left: int, top: int, width: int, height: int, across: float, down: float
) -> None:
    turned = TurnedFrame(angle, (400, 300))
    boxes = turned.cover(Box(left, top, width, height))
    point = turned.map_back(np.array([[left + across * width, top + down * height]]))[0]
    assert any(
        box.left <= point[0] <= box.right and box.top <= point[1] <= box.bottom for box in boxes
    )


@pytest.mark.parametrize("angle", [-70, -30, 0, 25, 45, 90])
def test_a_turned_frame_shows_the_whole_frame(angle: int) -> None:
    picture = np.full((60, 200), 200, np.uint8)
    turned = TurnedFrame(angle, picture.shape).turn(picture)
    assert turned.min() == 200
    assert turned.shape[0] * turned.shape[1] >= picture.size


def test_boxes_of_a_tilted_line_are_hardly_higher_than_the_line() -> None:
    boxes = TurnedFrame(45, (400, 600)).cover(Box(300, 300, 200, 40))
    assert max(max(box.width, box.height) for box in boxes) < 1.2 * 40
