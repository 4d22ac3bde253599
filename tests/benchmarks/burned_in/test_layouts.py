"""Test generated screens."""

from __future__ import annotations

import pytest

from benchmarks.burned_in.layouts import HEADERS, layouts, make_screen
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import frame_groups


@pytest.mark.parametrize("layout", layouts(), ids=lambda layout: layout["name"])
def test_the_texts_of_a_screen_are_drawn_in_their_boxes(layout: dict[str, object]) -> None:
    one = make_screen(layout, "agrees", 3)
    shown = frame_groups.make_frame_picture(FrameSource.from_bytes(one.data), (0,)).full_range
    grey = shown if shown.ndim == 2 else shown.max(axis=2)
    assert one.values and one.kept
    for text, (x, y, w, h) in (*one.values, *one.kept):
        inside = grey[y : y + h, x : x + w].astype(int)
        assert inside.shape == (h, w), f"{text} leaves the picture"
        assert inside.max() - inside.min() > 100, f"{text} is not drawn in its box"


def test_a_screen_depends_on_the_seed_only() -> None:
    layout = layouts()[0]
    assert make_screen(layout, "empty", 1).values == make_screen(layout, "empty", 1).values
    assert make_screen(layout, "empty", 1).values != make_screen(layout, "empty", 2).values


def test_headers_agree_or_are_empty_or_belong_to_another_patient() -> None:
    layout = next(layout for layout in layouts() if layout["name"] == "dose report")
    known = {header: make_screen(layout, header, 1).known.values for header in HEADERS}
    assert not known["empty"]
    name = make_screen(layout, "agrees", 1).values[0][0].split(",")[0]
    assert name in known["agrees"][0].text
    assert name not in known["another's"][0].text
