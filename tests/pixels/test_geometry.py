"""Boxes are tuples with names, and their operations agree with the pixels that they cover."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.geometry import Box, merge_intersecting

SIDE = 24
boxes = st.builds(
    Box, st.integers(-6, 20), st.integers(-6, 20), st.integers(1, 12), st.integers(1, 12)
)


def pixels(box: Box) -> np.ndarray:
    covered = np.zeros((SIDE, SIDE), bool)
    covered[box.slices] = True
    return covered


def test_a_box_equals_and_hashes_as_a_tuple():
    box = Box(1, 2, 3, 4)
    assert box == (1, 2, 3, 4) and hash(box) == hash((1, 2, 3, 4))


def test_right_and_bottom_are_behind_the_last_pixel():
    box = Box(1, 2, 3, 4)
    assert (box.right, box.bottom) == (4, 6)


@given(boxes)
def test_slices_select_the_part_inside_the_picture(box):
    clipped = box.clip(SIDE, SIDE)
    assert pixels(box).sum() == clipped.width * clipped.height


@given(boxes, boxes)
def test_a_union_covers_both_boxes(one, other):
    assert not ((pixels(one) | pixels(other)) & ~pixels(one.union(other))).any()


@given(st.lists(boxes, min_size=1, max_size=5))
def test_the_box_around_several_boxes_touches_their_edges(found):
    whole = Box.around(found)
    assert whole.left == min(box.left for box in found)
    assert whole.bottom == max(box.bottom for box in found)


@given(boxes, boxes)
def test_boxes_intersect_if_they_share_a_pixel(one, other):
    moved = [box.move(6, 6) for box in (one, other)]
    shared = np.zeros((40, 40), int)
    for box in moved:
        shared[box.slices] += 1
    assert one.intersects(other) == bool((shared == 2).any())


def test_overlap_is_a_share_of_the_smaller_extent():
    one, other = Box(0, 0, 10, 10), Box(5, 8, 20, 4)
    assert (one.horizontal_overlap(other), one.vertical_overlap(other)) == (0.5, 0.5)


def test_a_gap_counts_as_negative_shared_width():
    assert Box(0, 0, 10, 10).shared_width(Box(13, 0, 5, 5)) == -3


def test_growing_adds_margins_on_all_sides():
    assert Box(5, 6, 7, 8).grow(2, 1) == (3, 5, 11, 10)


@given(boxes, st.floats(0.3, 3))
def test_scaling_a_box_and_back_covers_it(box, factor):
    again = box.scale(factor).scale(1 / factor)
    assert again.union(box) == again


@given(st.lists(boxes, max_size=6))
def test_merged_boxes_cover_all_boxes_and_do_not_intersect(found):
    merged = merge_intersecting(found)
    assert all(any(one.union(box) == one for one in merged) for box in found)
    assert not any(a.intersects(b) for n, a in enumerate(merged) for b in merged[:n])
