"""Make the pixel data of an object, with burned-in PHI or without."""

from __future__ import annotations

import json

import numpy as np
import numpy.typing as npt
from pydicom.dataset import Dataset
from pydicom.uid import RLELossless

from benchmarks.midi_b.answer_key import CheckAction
from benchmarks.midi_b.burned_in_text import draw_text
from benchmarks.midi_b.element_paths import digest_pixels
from benchmarks.midi_b.examination import Examination
from benchmarks.midi_b.object_builder import ObjectBuilder

#: Kinds of objects with burned-in text, and their share of objects with PHI in the pixels.
_BURNED_IN_SHARES = {"US": 0.6, "USM": 0.6, "SC": 0.6, "XA": 0.3, "RF": 0.3, "CR": 0.3, "OP": 0.3}

_RLE_SHARE = 0.2
_SIDE, _BURNED_SIDE, _FRAMES = 96, 400, 3


def fill_pixels(builder: ObjectBuilder, exam: Examination) -> None:
    """Add pixel data and its checks."""
    kind = exam.spec["pixels"]
    if kind == "none":
        return
    burned = exam.chance(_BURNED_IN_SHARES.get(exam.kind, 0.0))
    frame = _draw_phantom(exam, _BURNED_SIDE if burned else _SIDE)
    colored = kind.startswith("rgb")
    if colored:
        frame = np.dstack([frame] * 3)
    if burned:
        _burn_in(builder, exam, frame)
    frames = np.stack([frame] * _FRAMES) if kind == "rgb_cine" else frame
    _set_pixels(builder, frames, kind)
    dataset = builder.dataset
    builder.keep("Rows", int(frame.shape[0]))
    builder.keep("Columns", int(frame.shape[1]))
    builder.keep("BitsAllocated", int(dataset.BitsAllocated))
    builder.keep("PhotometricInterpretation", dataset.PhotometricInterpretation)
    if not burned:
        if exam.chance(_RLE_SHARE):
            dataset.compress(RLELossless, generate_instance_uid=False)
        builder.add_check(
            CheckAction.PIXELS_RETAINED, "PixelData", digest_pixels(dataset), "tcia:P15-PIX-K"
        )


def _draw_phantom(exam: Examination, side: int) -> npt.NDArray[np.uint8]:
    generator = np.random.default_rng(exam.draw.getrandbits(32))
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    picture = np.where((x / 0.8) ** 2 + (y / 0.6) ** 2 < 1, 80.0, 6.0)
    for _ in range(4):
        cx, cy, radius = *generator.uniform(-0.4, 0.4, 2), generator.uniform(0.08, 0.25)
        inside = (x - cx) ** 2 + (y - cy) ** 2 < radius * radius
        picture += np.where(inside, generator.uniform(-40, 60), 0)
    noisy = picture + generator.normal(0, 4, (side, side))
    return np.clip(noisy, 0, 230).astype(np.uint8)


def _burn_in(builder: ObjectBuilder, exam: Examination, frame: npt.NDArray[np.uint8]) -> None:
    patient, draw = exam.patient, exam.draw
    name = f"{patient.person.surname}, {patient.person.given}"
    if not name.isascii():  # the font of Pillow has Latin letters only
        name = f"ID {patient.patient_id}"
    lines = [
        name,
        f"ID {patient.patient_id}",
        f"{patient.birth:%d/%m/%Y}",
        f"{exam.taken:%Y-%m-%d}",
    ]
    size, y = draw.choice([14, 16, 18, 22]), draw.choice([8, 250])
    for line in lines:
        left, top, right, bottom = draw_text(frame, line, 10, y, size)
        y += round(size * 1.6)
        planted = {
            "text": line.removeprefix("ID "),
            "top_left": [left, top],
            "bottom_right": [right, bottom],
        }
        builder.add_check(CheckAction.PIXELS_HIDDEN, "pixels", json.dumps(planted), "hipaa:HIPAA-A")


def _set_pixels(builder: ObjectBuilder, frames: npt.NDArray[np.uint8], kind: str) -> None:
    dataset: Dataset = builder.dataset
    colored = kind.startswith("rgb")
    dataset.SamplesPerPixel = 3 if colored else 1
    dataset.PhotometricInterpretation = "RGB" if colored else "MONOCHROME2"
    if colored:
        dataset.PlanarConfiguration = 0
    deep = kind in ("grey16", "signed16")
    dataset.BitsAllocated = 16 if deep else 8
    dataset.BitsStored = 16 if kind == "signed16" else 12 if deep else 8
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(kind == "signed16")
    if kind == "rgb_cine":
        dataset.NumberOfFrames = len(frames)
    stored: npt.NDArray[np.generic] = frames
    if kind == "grey16":
        stored = (frames.astype(np.uint16) * 16).astype("<u2")
    elif kind == "signed16":
        stored = (frames.astype(np.int16) * 8 - 1024).astype("<i2")
    dataset.PixelData = stored.tobytes() + b"\0" * (stored.nbytes % 2)
    dataset["PixelData"].VR = "OW" if deep else "OB"
