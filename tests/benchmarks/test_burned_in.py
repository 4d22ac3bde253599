"""Test generated pictures, their ground truth, and the table of methods."""

from __future__ import annotations

import numpy as np
import pytest

from benchmarks import burned_in_truth as truth
from benchmarks.burned_in_generator import CONDITIONS, make
from benchmarks.burned_in_layouts import HEADERS, layouts, make_screen
from benchmarks.burned_in_table import table
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


def test_every_condition_is_drawn() -> None:
    assert all(make(condition, 0).values for condition in CONDITIONS)


def test_the_words_of_a_wrapped_value_have_boxes_on_several_lines() -> None:
    annotation = [
        {"key": {"text": "ID"}, "value": {"text": "12345678", "bbox": [100, 60, 180, 72]}},
        {"key": {"text": "Name"}, "value": {"text": "SEXTON", "bbox": [100, 80, 160, 92]}},
        {"key": {"text": "Place"}, "value": {
            "text": "Aguilar Community Hospital", "bbox": [100, 100, 200, 112]}},
    ]  # fmt: skip
    words = {word.text: word.box for word in truth.tokens_of(annotation, 200, 300)}
    assert words["Hospital"][1] == 100
    assert words["Aguilar"][1] < words["Hospital"][1]


def test_a_marker_is_lost_when_it_is_hidden() -> None:
    markers = truth.markers_of("292821506_anything.dcm")
    hidden = np.zeros((800, 972), bool)
    assert all(truth.share(hidden, box) == 0 for _, box in markers)
    x, y, w, h = markers[0][1]
    hidden[y : y + h, x : x + w // 2] = True
    assert truth.share(hidden, markers[0][1]) > truth.MAX_MARKER_SHARE
    assert truth.markers_of("unknown.dcm") == ()


def test_the_table_has_a_row_for_each_method() -> None:
    figures = {
        "objects": 2, "refused": 0, "words": 10, "words_in_picture": 9, "words_legible": 8,
        "hidden_legible": 6, "hidden_in_picture": 6, "pixels_changed": 200, "pixels_damaged": 50,
        "markers": 3, "markers_lost": 1, "cpu": [1.0, 3.0], "wall": [1.0, 1.0], "missed": [],
        "screens": [("a", "NAME", 1.0, True), ("a", "must survive", 0.0, False)],
    }  # fmt: skip
    text = table({"rapidocr": figures, "presidio": {"missing": "not installed"}})
    assert "| 0.7500 | 0.6667 | 0.7500 | 1 of 3 | 0 | 2.00 / 3.00 | 1.00 |" in text
    assert "not installed" in text and "not measured" in text
    assert "| 1 of 1 | 0 of 1 | 0 of 0 |" in text
