"""The residual check reads the neighborhoods of masks, and reports text that is not covered."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from safelight.pixels.gate.frame_groups import FramePicture
from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask, Picture
from safelight.pixels.ocr.base import Reading
from safelight.pixels.redact.residual_check import (
    find_residual_phi,
    is_sampled,
    mask_neighborhoods,
    select_reliable,
)
from safelight.text.known.known_phi import KnownPHI, KnownValue
from tests.pixels.drawn_text import draw_text
from tests.pixels.ocr.fake_reader import FakeReader

KNOWN = KnownPHI([KnownValue("SEXTON^CARMEN", "NAME")])
boxes = st.builds(
    Box, st.integers(0, 300), st.integers(0, 300), st.integers(5, 90), st.integers(5, 40)
)


def mask_of(box: Box, engine: str = "known", confidence: float = 0.9, text: str = "x") -> Mask:
    return Mask(None, box, "NAME", engine, confidence, text)


class OneLineReader(FakeReader):
    """A reader that finds one name at one place of the picture."""

    def __init__(self, box: Box) -> None:
        self.box = box

    def find(self, picture: Picture) -> list[Reading]:
        return [Reading(self.box, "SEXTON CARMEN", 0.99)]


def find(picture: Picture, masks: list[Mask], reader: OneLineReader) -> list[Mask]:
    rendered = FramePicture(picture, (), (0,))
    return find_residual_phi(rendered, masks, KNOWN, reader, whole=True)


def test_a_name_outside_of_all_masks_is_reported() -> None:
    picture = draw_text("SEXTON CARMEN", 20, width=640, height=640)
    assert find(picture, [], OneLineReader(Box(20, 20, 200, 24)))


def test_a_name_inside_a_filled_mask_is_not_reported() -> None:
    picture = np.zeros((640, 640), np.uint8)
    masks = [mask_of(Box(10, 10, 240, 44))]
    assert not find(picture, masks, OneLineReader(Box(20, 20, 200, 24)))


@given(st.lists(boxes, max_size=6))
def test_neighborhoods_cover_their_masks_and_do_not_overlap(found: list[Box]) -> None:
    areas = mask_neighborhoods([mask_of(box) for box in found], 340, 390)
    for box in found:
        inside = box.clip(340, 390)
        assert any(area.union(inside) == area for area in areas)
    for number, area in enumerate(areas):
        assert not any(area.intersects(other) for other in areas[:number])


def test_findings_without_text_or_by_layout_are_not_reliable() -> None:
    box = Box(0, 0, 9, 9)
    found = [
        mask_of(box),
        mask_of(box, engine="beside"),
        mask_of(box, confidence=0.5),
        mask_of(box, text=""),
    ]
    assert select_reliable(found) == found[:1]


def test_the_sample_has_the_share_that_is_asked_for() -> None:
    sampled = sum(is_sampled(b"digest", frame, 0.2) for frame in range(2000))
    assert 300 < sampled < 500
