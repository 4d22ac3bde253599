from __future__ import annotations

import numpy as np
import pytest

from safelight.pixels.geometry import Box
from safelight.pixels.models import TextLine
from safelight.pixels.ocr import rapid
from safelight.pixels.ocr.rapid import THREADS_VARIABLE, find_model_folder, read_thread_count
from safelight.records import Reason, Refusal
from tests.pixels.drawn_text import draw_cyrillic, draw_text


def test_character_borders_are_the_places_of_the_characters(reader):
    picture = draw_text("Name: SEXTON", 24)
    (line,) = [r for r in reader.read(picture) if "SEXTON" in r.text]
    text_line = TextLine(None, line.box, line.text, line.confidence, "", 0, line.character_borders)
    value = text_line.box_of(line.text.index("SEXTON"), len(line.text))
    ink = np.flatnonzero((picture > 128).any(axis=0))
    gap = max(np.diff(ink), default=0)
    begin = ink[np.flatnonzero(np.diff(ink) == gap)[-1] + 1]
    assert begin - 12 <= value.left <= begin + 1
    assert value.right >= ink[-1]


def test_a_script_that_cannot_be_read_is_a_line_without_text(reader):
    (line,) = [r for r in reader.read(draw_cyrillic()) if r.confidence > 0.6]
    assert line.text == ""


def test_lines_that_are_known_are_not_read_again(reader):
    picture = draw_text("SEXTON 48213")
    assert reader.read(picture, [Box(0, 0, 420, 90)]) != []
    (line,) = reader.read(picture)
    assert reader.read(picture, [line.box]) == []


def test_two_rows_in_one_box_are_split(reader):
    rows = np.concatenate([draw_text("SEXTON", 16, 120, 40)[:26], draw_text("48213", 16, 120, 40)])
    texts = [reading.text for reading in reader.read(rows)]
    assert "SEXTON" in texts and "48213" in texts


def test_a_crop_is_recognized(reader):
    (reading,) = reader.recognize([draw_text("48213", 24, 140, 50)])
    assert reading.text == "48213"
    assert reading.box == Box(0, 0, 140, 50)
    assert len(reading.character_borders) == 6


def test_the_number_of_threads_is_1_by_default(monkeypatch):
    monkeypatch.delenv(THREADS_VARIABLE, raising=False)
    assert read_thread_count() == 1


def test_the_number_of_threads_comes_from_the_environment(monkeypatch):
    monkeypatch.setenv(THREADS_VARIABLE, "3")
    assert read_thread_count() == 3


def test_missing_networks_are_a_refusal(monkeypatch):
    monkeypatch.setattr(rapid.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(Refusal) as refused:
        find_model_folder()
    assert refused.value.reason is Reason.PIXELS_NOT_CHECKED
