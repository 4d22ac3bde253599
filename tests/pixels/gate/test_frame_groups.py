"""Of many frames each place is read when its text is new, and no frame is missed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import frame_groups
from safelight.pixels.thresholds import (
    FRAMES_READ_SINGLY_MAX_COUNT,
    PLACE_READS_MAX_COUNT,
)
from safelight.pixels.thresholds import (
    GATE_CELL_PIXELS as CELL,
)
from tests.pixels.objects import native_object
from tests.pixels.test_stage import as_object


def frame(clock: str, seed: int = 0, ink: int = 255) -> np.ndarray:
    """Return a frame with a static banner, a clock, and moving speckle."""
    random = np.random.default_rng(seed)
    picture = np.full((256, 256), 10, np.uint8)
    picture[80:200, 60:200] = random.integers(20, 200, (120, 140))
    canvas = Image.fromarray(picture)
    draw = ImageDraw.Draw(canvas)
    draw.text((8, 8), "SEXTON CARMEN", ink, ImageFont.load_default(14))
    draw.text((8, 232), clock, ink, ImageFont.load_default(14))
    return np.array(canvas)


def looked_at(*frames: np.ndarray) -> list[tuple[frame_groups.FramePicture, np.ndarray | None]]:
    source = FrameSource.from_bytes(as_object(*frames))
    return list(frame_groups.select_frame_pictures(source, frame_groups.group_equal_frames(source)))


def test_a_static_banner_is_read_once_and_a_running_clock_each_time() -> None:
    (_, first), (_, second) = looked_at(frame("10:22:31"), frame("10:22:59"))
    assert first is None and second is not None
    assert second[232 // CELL :].any() and not second[: 60 // CELL].any()
    assert second[232 // CELL, 0], "the clock is read from its begin"


def test_equal_text_over_moving_anatomy_is_not_read_again() -> None:
    (_, _), (_, second) = looked_at(frame("10:22:31", 1), frame("10:22:31", 2))
    assert second is not None
    assert not second[: 60 // CELL].any() and not second[14:].any()


@pytest.mark.parametrize("dark", [False, True])
def test_text_of_a_single_frame_of_a_long_object_is_read(dark: bool) -> None:
    frames = [frame("", seed) for seed in range(30)]
    frames[17] = frame("10:22:31", 17)
    if dark:
        frames = [255 - f for f in frames]
    read = [(still, cells) for still, cells in looked_at(*frames) if cells is not None]
    new = [cells for still, cells in read if not still.local_contrast]
    assert len(new) == 1 and new[0][14:].any() and not new[0][:5].any()


def test_a_long_film_gives_the_extremes_of_each_stretch() -> None:
    frames = [frame(str(n), n, ink=250) for n in range(25)]
    whole = [still for still, cells in looked_at(*frames) if cells is None]
    assert len(whole) == 1 + 2 * FRAMES_READ_SINGLY_MAX_COUNT
    brightest = np.maximum.reduce([still.full_range for still in whole])
    written = np.maximum.reduce(frames)[225:] == 250
    assert (brightest[225:][written] > 240).all()


def test_a_clock_that_runs_through_a_long_film_is_not_read_in_every_frame() -> None:
    frames = [frame(f"10:22:{n + 11}", n) for n in range(40)]
    looked = looked_at(*frames)
    read = [c for still, c in looked if c is not None and not still.local_contrast]
    assert 2 <= len(read) <= PLACE_READS_MAX_COUNT + 2


@pytest.mark.parametrize("count", [2, 26])
def test_faint_text_of_a_later_frame_is_read(count: int) -> None:
    random = np.random.default_rng(2)
    canvas = Image.new("1", (256, 256))
    ImageDraw.Draw(canvas).text((20, 100), "SEXTON CARMEN", 1, ImageFont.load_default(14))
    ink = 10 * np.array(canvas).astype(np.uint16)
    frames = []
    for number in range(count):
        ground = (1000 + random.normal(0, 1.5, (256, 256))).astype(np.uint16)
        ground[:, 250:] = 4095
        frames.append(ground + ink * (number >= count // 2))
    data = native_object(
        b"".join(f.tobytes() for f in frames), Rows=256, Columns=256, NumberOfFrames=count,
        BitsAllocated=16, BitsStored=12,
    )  # fmt: skip
    source = FrameSource.from_bytes(data)
    groups = frame_groups.group_equal_frames(source)
    pictures = list(frame_groups.select_frame_pictures(source, groups))
    read, cells = next(pair for pair in pictures if pair[1] is not None and pair[1].any())
    assert read.local_contrast
    assert cells is not None and cells[100 // CELL : 116 // CELL + 1].any()


def test_a_picture_is_meant_as_its_first_window_shows_it() -> None:
    source = FrameSource.from_bytes(as_object(frame("10:22:31")))
    plain = frame_groups.make_frame_picture(source, (0,))
    assert plain.displayed is plain.full_range
    info = replace(source.info, windows=((60.0, 80.0), (100.0, 50.0)))
    shown = frame_groups.render_frame(source.read_frame(0), info, (0,))
    assert shown.displayed.mean() > shown.full_range.mean()
