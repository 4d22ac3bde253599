"""Write pages of crops before and after masking, by condition, for review by eye.

    python -m benchmarks.burned_in.crops

Each page has 24 crops, each above the same crop after masking: faint text over the open pictures of
anatomy in the pydicom wheel, by background, and conditions of the generator. The pages are
``benchmarks/results/burned_in_crops/*.jpg``, and ``burned_in_crops.md`` shows them all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt

from benchmarks.burned_in.faint import redact
from benchmarks.burned_in.faint_drawing import (
    CONTRASTS,
    GROUNDS,
    load_pictures,
    make_faint_object,
)
from benchmarks.burned_in.generator import CONDITIONS, make
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.gate import frame_groups
from safelight.pixels.gate.windowing import brightest_channel
from safelight.pixels.geometry import Box
from safelight.pixels.models import Mask
from safelight.pixels.stage import PixelStage
from safelight.rules.policies import PixelPolicy

RESULTS = Path(__file__).parents[1] / "results"
CROPS = 24
COLUMNS = 4
CROP_WIDTH, CROP_HEIGHT = 220, 66
#: Gray level of a mask in the pages, and of a refused object.
MASK_LEVEL, REFUSED_LEVEL = 128, 255
GENERATED = (
    "size 6", "seven segments", "matrix of dots", "mirrored", "turned 90", "monochrome1", "palette",
)  # fmt: skip

Picture = npt.NDArray[np.uint8]


def _crop(picture: Picture, box: Box) -> Picture:
    """Return the part of a picture around a box, of the size of a crop."""
    rows, columns = picture.shape
    x, y = box.left + box.width // 2, box.top + box.height // 2
    wide, high = min(CROP_WIDTH, columns), min(CROP_HEIGHT, rows)
    left = max(0, min(columns - wide, x - wide // 2))
    top = max(0, min(rows - high, y - high // 2))
    part = picture[top : top + high, left : left + wide]
    missing = ((0, CROP_HEIGHT - part.shape[0]), (0, CROP_WIDTH - part.shape[1]))
    return np.asarray(np.pad(part, missing), np.uint8)


def make_pair(data: bytes, masks: Sequence[Mask] | None, box: Box) -> Picture:
    """Return the crop of a value above the same crop with masks; white if it was refused."""
    picture = frame_groups.make_frame_picture(FrameSource.from_bytes(data), (0,))
    before = np.array(brightest_channel(picture.full_range))
    after = np.full_like(before, REFUSED_LEVEL) if masks is None else before.copy()
    for mask in masks or ():
        after[mask.box.clip(*after.shape).slices] = MASK_LEVEL
    return np.vstack([_crop(before, box), _crop(after, box)])


def make_page(pairs: Sequence[Picture]) -> Picture:
    """Return a page of pairs of crops."""
    framed = [np.pad(pair, 2, constant_values=90) for pair in pairs]
    empty = np.zeros_like(framed[0])
    framed += [empty] * (-len(framed) % COLUMNS)
    rows = [np.hstack(framed[n : n + COLUMNS]) for n in range(0, len(framed), COLUMNS)]
    return np.asarray(np.vstack(rows), np.uint8)


def make_faint_pairs(stage: PixelStage, ground: str) -> Iterator[Picture]:
    """Yield pairs of crops of faint text over a background, of all contrasts in turn."""
    pictures = load_pictures(None)
    for number in range(CROPS):
        contrast = CONTRASTS[number % len(CONTRASTS)]
        one = make_faint_object(pictures, ground, contrast, f"page-{number}")
        yield make_pair(one.data, redact(stage, one), one.values[0].box)


def make_generated_pairs(stage: PixelStage, name: str) -> Iterator[Picture]:
    """Yield pairs of crops of a condition of the generator."""
    condition = next(one for one in CONDITIONS if one.name == name)
    count = 0
    for seed in range(CROPS):
        one = make(condition, seed)
        masks = redact(stage, one)
        for _, box in one.values:
            yield make_pair(one.data, masks, box)
            count += 1
            if count == CROPS:
                return


def main() -> None:
    """Write all pages."""
    folder = RESULTS / "burned_in_crops"
    folder.mkdir(parents=True, exist_ok=True)
    stage = PixelStage(PixelPolicy())
    lines = [
        "# Crops before and after masking", "",
        "Written by `python -m benchmarks.burned_in.crops`. Each crop of a value is above the same "
        "crop after masking (masks in mid gray, white if the object was refused). The faint text "
        "has 2 to 15 % contrast over open pictures of anatomy, in turn.", "",
    ]  # fmt: skip
    pages = [(f"faint text, {ground}", make_faint_pairs(stage, ground)) for ground in GROUNDS]
    pages += [(name, make_generated_pairs(stage, name)) for name in GENERATED]
    for name, pairs in pages:
        file = f"{name.replace(', ', '-').replace(' ', '_')}.jpg"
        page = make_page(list(pairs))
        cv2.imwrite(str(folder / file), page, [cv2.IMWRITE_JPEG_QUALITY, 55])
        lines += [f"## {name}", "", f"![{name}](burned_in_crops/{file})", ""]
        print(name, flush=True)
    (RESULTS / "burned_in_crops.md").write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
