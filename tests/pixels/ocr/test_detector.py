from __future__ import annotations

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.geometry import Box
from safelight.pixels.ocr.detector import (
    Detector,
    find_tilted,
    make_network_input,
    merge_boxes,
    split_into_tiles,
)
from safelight.pixels.thresholds import OCR_TILE_MAX_SIDE_PIXELS


class Network:
    """A network that finds text where its input is bright."""

    def run(self, names, inputs):
        return [(inputs["x"][:, :1] > 0).astype(np.float32)]


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_tiles_are_small_and_cover_the_area(wide: int, high: int) -> None:
    tiles = split_into_tiles(Box(7, 9, wide, high))
    assert all(max(tile.width, tile.height) <= OCR_TILE_MAX_SIDE_PIXELS for tile in tiles)
    assert Box.around(tiles) == Box(7, 9, wide, high)
    lefts = sorted({(tile.left, tile.right) for tile in tiles})
    assert all(after[0] < before[1] for before, after in zip(lefts, lefts[1:]))


def test_the_parts_of_a_line_in_two_tiles_are_merged() -> None:
    halves = [(Box(10, 10, 100, 14), 0.8), (Box(90, 11, 120, 14), 0.9)]
    assert merge_boxes(halves) == [((10, 10, 200, 15), 0.9)]


def test_two_rows_are_not_merged() -> None:
    rows = [(Box(10, 10, 100, 14), 0.8), (Box(10, 20, 100, 14), 0.9)]
    assert merge_boxes(rows) == rows


def test_a_bright_line_is_detected_with_a_margin() -> None:
    picture = np.zeros((200, 300), np.uint8)
    picture[90:104, 50:200] = 255
    ((box, score),) = Detector(Network()).detect(picture)
    assert score > 0.9
    assert box.left < 50 and box.top < 90 and box.right > 200 and box.bottom > 104


def test_a_component_thicker_than_a_line_is_dropped() -> None:
    picture = np.zeros((300, 300), np.uint8)
    picture[20:200, 20:200] = 255
    assert Detector(Network()).detect(picture) == []


def test_only_the_areas_are_searched() -> None:
    picture = np.zeros((200, 300), np.uint8)
    picture[10:24, 50:200] = 255
    assert Detector(Network()).detect(picture, [Box(0, 100, 300, 100)]) == []


def test_the_input_of_the_networks_is_blue_first_from_minus_1_to_1() -> None:
    planes = make_network_input(np.array([[[255, 0, 0]]], np.uint8))
    assert planes.shape == (1, 3, 1, 1)
    assert planes.ravel().tolist() == [-1.0, -1.0, 1.0]


def make_chart(angle: float, length: int = 120, height: int = 10) -> np.ndarray:
    chart = np.zeros((200, 200), np.float32)
    corners = cv2.boxPoints(((100, 100), (length, height), angle))
    return cv2.fillPoly(chart, [np.rint(corners).astype(np.int32)], 0.8)


@pytest.mark.parametrize("angle", [-60, -30, 20, 45, 70])
def test_the_angle_of_a_tilted_line_is_measured(angle: int) -> None:
    (line,) = find_tilted(make_chart(angle))
    assert abs(line.tilt.angle - angle) < 2
    assert 115 < line.tilt.length < 145
    assert line.score == pytest.approx(0.8)


@pytest.mark.parametrize("angle", [0, 4, 90])
def test_a_level_line_is_not_tilted(angle: int) -> None:
    assert find_tilted(make_chart(angle)) == []


def test_a_square_and_a_crossing_are_not_tilted_lines() -> None:
    assert find_tilted(make_chart(45, 60, 60)) == []
    assert find_tilted(np.maximum(make_chart(45), make_chart(-45))) == []
