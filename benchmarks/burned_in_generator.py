"""Burned-in text made to order: recall by condition, the worst one shown.

    python benchmarks/burned_in_generator.py [--engines rapidocr tesseract] [--repeats 2]

Each object is one condition away from a plain one (white 14-pixel sans-serif on a dark phantom
of 8 bits). The phantom, the layout and all values are drawn from a seed. A value counts as
hidden when 90 % of its box is under masks; a technical word as spared when less than 20 % is.
The table goes to ``benchmarks/results/burned_in_generator.md``.
"""

from __future__ import annotations

import argparse
import random
import time
from dataclasses import dataclass, replace
from io import BytesIO
from pathlib import Path

import cv2
import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

from safelight.pixels.frames import FrameSource
from safelight.pixels.mask import Fill, covered
from safelight.pixels.stage import PixelStage
from safelight.rules.policies import PixelPolicy
from safelight.text.known import KnownPHI, KnownValue

RESULTS = Path(__file__).parent / "results"
SURNAMES = ("HARTWELL", "OKONKWO", "LINDQVIST", "MARCHETTI", "DELACROIX", "YAMASHITA")
GIVEN = ("AGNES", "TOBIAS", "MIRIAM", "CEDRIC", "NADIA", "LEONARD")
PLACES = ("St. Brendan Hospital", "Lakeview Medical Center", "Oakfield University Clinic")


@dataclass(frozen=True)
class Condition:
    """How an object differs from the plain one."""

    name: str
    font: str = "sans"
    size: int = 14
    place: str = "top left"
    turn: int = 0
    ink: int = 255
    outline: bool = False
    ground: str = "phantom"
    kind: str = "grey8"
    noise: float = 4.0
    header: bool = True
    rows: int = 512
    frames: int = 1


PLAIN = Condition("plain")
CONDITIONS = (
    PLAIN,
    *(replace(PLAIN, name=f"size {n}", size=n) for n in (8, 10, 20, 32)),
    *(replace(PLAIN, name=f"font {f}", font=f) for f in ("bold", "mono", "serif", "stroke")),
    *(
        replace(PLAIN, name=f"place {p}", place=p)
        for p in ("top right", "bottom left", "bottom right", "middle", "cut by the edge")
    ),
    *(replace(PLAIN, name=f"turned {t}", turn=t) for t in (90, 180, 270)),
    *(replace(PLAIN, name=f"ink {n}", ink=n) for n in (180, 120, 90)),
    replace(PLAIN, name="black on bright", ink=0, ground="bright"),
    replace(PLAIN, name="over texture", ground="texture", place="middle"),
    replace(PLAIN, name="outlined over texture", ground="texture", outline=True, place="middle"),
    replace(PLAIN, name="strong noise", noise=24.0),
    *(
        replace(PLAIN, name=k, kind=k)
        for k in ("grey16", "signed16", "monochrome1", "rgb", "ybr", "palette")
    ),
    replace(PLAIN, name="no header values", header=False),
    replace(PLAIN, name="256 x 256, size 8", rows=256, size=8),
    replace(PLAIN, name="1024 x 1024", rows=1024),
    replace(PLAIN, name="cine of 6", frames=6, kind="rgb"),
)


@dataclass(frozen=True)
class Made:
    """An object and the truth about it: boxes (x, y, width, height) with what they hold."""

    data: bytes
    known: KnownPHI
    values: tuple[tuple[str, tuple[int, int, int, int]], ...]
    kept: tuple[tuple[str, tuple[int, int, int, int]], ...]


def make(condition: Condition, seed: int) -> Made:
    """One object of a condition."""
    draw = random.Random(f"{condition.name}/{seed}")
    side = condition.rows
    ground = _ground(condition, np.random.default_rng(draw.getrandbits(32)))
    surname, given = draw.choice(SURNAMES), draw.choice(GIVEN)
    number = str(draw.randrange(10**7, 10**8))
    birth = f"{draw.randrange(1930, 2000)}{draw.randrange(1, 13):02d}{draw.randrange(1, 29):02d}"
    place = draw.choice(PLACES)
    written = f"{birth[6:]}/{birth[4:6]}/{birth[:4]}"
    rows = [
        ("", f"{surname}, {given}"), ("ID: ", number), ("DOB: ", written), ("", place),
    ]  # fmt: skip
    canvas = Image.new("L", (side, side), 0)
    values = _write(canvas, rows, condition, condition.place)
    technical = (
        [("Thickness 5.0 mm", "")]
        if condition.size > 20
        else [("Thickness 5.0 mm", ""), ("CHEST AP", "")]
    )
    other = "top left" if condition.place.startswith("bottom") else "bottom left"
    kept = _write(canvas, [(text, "") for text, _ in technical], condition, other, keys=True)
    letters = np.asarray(canvas, np.float32)[:, :, None] / 255
    if condition.outline:
        shadow = cv2.dilate(letters[:, :, 0], np.ones((3, 3), np.uint8))[:, :, None]
        ground = ground * (1 - shadow)
    picture = ground * (1 - letters) + condition.ink * letters
    quarter = condition.turn // 90
    picture = np.rot90(picture, -quarter)
    turn = [(t, _turned(b, quarter, side)) for t, b in values]
    spared = [(t, _turned(b, quarter, side)) for t, b in kept]
    data = _object(np.clip(picture, 0, 255), condition)
    known = [
        KnownValue("NAME", f"{surname}^{given}"), KnownValue("ID", number),
        KnownValue("DATE", birth), KnownValue("LOCATION", place),
    ]  # fmt: skip
    return Made(data, KnownPHI(known if condition.header else []), tuple(turn), tuple(spared))


def _ground(condition: Condition, random_: np.random.Generator) -> npt.NDArray[np.float32]:
    """A phantom: an ellipse with organs, or bright paper, or texture everywhere."""
    side = condition.rows
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    inside = (x / 0.8) ** 2 + (y / 0.65) ** 2 < 1
    picture = np.where(inside, 70 + 25 * np.sin(6 * x) * np.cos(5 * y), 8)
    for _ in range(6):
        cx, cy, r = random_.uniform(-0.5, 0.5, 2).tolist() + [random_.uniform(0.08, 0.25)]
        picture += np.where((x - cx) ** 2 + (y - cy) ** 2 < r * r, random_.uniform(-40, 60), 0)
    if condition.ground == "bright":
        picture = 255 - picture * 0.4
    if condition.ground == "texture":
        coarse = random_.normal(0, 1, (side // 4, side // 4))
        large = np.asarray(Image.fromarray(coarse.astype(np.float32)).resize((side, side)))
        picture = 110 + 60 * large
    picture = picture + random_.normal(0, condition.noise, (side, side))
    return np.clip(picture, 0, 250)[:, :, None].astype(np.float32)


def _font(condition: Condition) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    names = {
        "bold": "DejaVuSans-Bold.ttf",
        "mono": "DejaVuSansMono.ttf",
        "serif": "DejaVuSerif.ttf",
    }
    if condition.font in names:
        try:
            return ImageFont.truetype(names[condition.font], condition.size)
        except OSError:
            pass
    return ImageFont.load_default(condition.size)


def _write(
    canvas: Image.Image,
    rows: list[tuple[str, str]],
    condition: Condition,
    place: str,
    keys: bool = False,
) -> list[tuple[str, tuple[int, int, int, int]]]:
    """Draw rows as a block; boxes of the values (or, with ``keys``, of the keys)."""
    side, pitch = canvas.width, round(condition.size * 1.4)
    font, draw = _font(condition), ImageDraw.Draw(canvas)
    widths = [draw.textlength(key + value, font=font) for key, value in rows]
    left = 6 if "right" not in place else side - 6 - round(max(widths))
    top = 4 if "bottom" not in place else side - 4 - pitch * len(rows)
    if place == "middle":
        left, top = (side - round(max(widths))) // 2, side // 2 - pitch * 2
    if place == "cut by the edge":
        left, top = 6, -round(condition.size * 0.35)
    boxes = []
    for number, (key, value) in enumerate(rows):
        y = top + number * pitch
        if condition.font == "stroke":
            _stroke(canvas, key + value, left, y, condition.size)
            long, at = (
                _stroke_width(key + value, condition.size),
                _stroke_width(key, condition.size),
            )
        else:
            draw.text((left, y), key + value, fill=255, font=font)
            long, at = draw.textlength(key + value, font=font), draw.textlength(key, font=font)
        begin, end = (0.0, at) if keys else (at, long)
        height = condition.size if y >= 0 else condition.size + y
        boxes.append(
            (key if keys else value, (round(left + begin), max(0, y), round(end - begin), height))
        )
    return boxes


def _stroke(canvas: Image.Image, text: str, x: int, y: int, size: int) -> None:
    array = np.array(canvas)
    cv2.putText(
        array, text, (x, y + size - 2), cv2.FONT_HERSHEY_SIMPLEX, size / 30, 255, 1, cv2.LINE_AA
    )
    canvas.paste(Image.fromarray(array))


def _stroke_width(text: str, size: int) -> float:
    return float(cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, size / 30, 1)[0][0])


def _turned(box: tuple[int, int, int, int], quarters: int, side: int) -> tuple[int, int, int, int]:
    """The box after so many quarter turns clockwise of a square."""
    x, y, w, h = box
    for _ in range(quarters):
        x, y, w, h = side - y - h, x, h, w
    return x, y, w, h


def _object(picture: npt.NDArray[np.float32], condition: Condition) -> bytes:
    """The picture as a DICOM object of the condition's kind."""
    kind, plain = condition.kind, picture[:, :, 0]
    dataset = Dataset()
    dataset.SOPClassUID, dataset.SOPInstanceUID = "1.2.840.10008.5.1.4.1.1.7", generate_uid()
    dataset.Modality = "OT"
    dataset.Rows, dataset.Columns = plain.shape
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8
    dataset.PixelRepresentation = 0
    stored: npt.NDArray[np.generic] = np.rint(plain).astype(np.uint8)
    if kind == "grey16":
        dataset.BitsAllocated, dataset.BitsStored = 16, 12
        stored = np.rint(plain * 4095 / 255).astype(np.uint16)
        dataset.WindowCenter, dataset.WindowWidth = 900, 700
    elif kind == "signed16":
        dataset.BitsAllocated = dataset.BitsStored = 16
        dataset.PixelRepresentation = 1
        stored = np.rint(plain * 3000 / 255 - 1024).astype(np.int16)
        dataset.WindowCenter, dataset.WindowWidth = 40, 400
    elif kind == "monochrome1":
        dataset.PhotometricInterpretation = "MONOCHROME1"
        stored = 255 - np.asarray(stored, np.uint8)
    elif kind == "palette":
        dataset.PhotometricInterpretation = "PALETTE COLOR"
        ramp = (np.arange(256, dtype=np.uint16) * 257).tobytes()
        for colour in ("Red", "Green", "Blue"):
            setattr(dataset, f"{colour}PaletteColorLookupTableDescriptor", [256, 0, 16])
            setattr(dataset, f"{colour}PaletteColorLookupTableData", ramp)
    elif kind in ("rgb", "ybr"):
        dataset.SamplesPerPixel, dataset.PlanarConfiguration = 3, 0
        dataset.PhotometricInterpretation = "RGB" if kind == "rgb" else "YBR_FULL"
        grey = np.asarray(stored, np.uint8)
        stored = np.dstack([grey] * 3)
        if kind == "ybr":
            stored = np.dstack([grey, np.full_like(grey, 128), np.full_like(grey, 128)])
    dataset.HighBit = dataset.BitsStored - 1
    frames = [stored]
    for number in range(1, condition.frames):
        moving = np.array(stored)
        middle = slice(dataset.Rows // 3, dataset.Rows // 2)
        moving[middle, middle] = np.roll(moving[middle, middle], 5 * number, axis=0)
        frames.append(moving)
    if condition.frames > 1:
        dataset.NumberOfFrames = condition.frames
    dataset.PixelData = b"".join(frame.tobytes() for frame in frames)
    dataset["PixelData"].VR = "OW" if dataset.BitsAllocated > 8 else "OB"
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    stream = BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def measure(stage: PixelStage, made: Made) -> tuple[list[float], list[float], float]:
    """Share covered of each value and of each kept text, and CPU seconds."""
    began = time.process_time()
    scan = stage.scan(made.data)
    masks = stage.redact(made.data, scan, stage.decide(scan, made.known, {}), made.known).masks
    seconds = time.process_time() - began
    hidden = covered([Fill(mask.box) for mask in masks], FrameSource(made.data).info)

    def share(box: tuple[int, int, int, int]) -> float:
        x, y, w, h = box
        return float(hidden[y : y + h, x : x + w].mean())

    return [share(b) for _, b in made.values], [share(b) for _, b in made.kept], seconds


def main() -> None:
    """Measure all conditions and write the table, worst first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--engines", nargs="+", default=["rapidocr"])
    parser.add_argument("--repeats", type=int, default=2)
    arguments = parser.parse_args()
    lines = []
    for engine in arguments.engines:
        stage = PixelStage(PixelPolicy(engine=engine))
        table = []
        for condition in CONDITIONS:
            hidden, spared, cost = [], [], []
            for seed in range(arguments.repeats):
                values, kept, seconds = measure(stage, make(condition, seed))
                hidden += [share >= 0.9 for share in values]
                spared += [share < 0.2 for share in kept]
                cost.append(seconds)
            row = (
                float(np.mean(hidden)),
                float(np.mean(spared)),
                condition.name,
                float(np.mean(cost)),
            )
            table.append(row)
            print(engine, row, flush=True)
        table.sort()
        lines += [
            f"## {engine}", "",
            f"Recall {np.mean([row[0] for row in table]):.3f}, technical text spared "
            f"{np.mean([row[1] for row in table]):.3f}, mean of {len(table)} conditions with "
            f"{arguments.repeats} objects each; worst first.", "",
            "| condition | values hidden | technical text spared | CPU seconds |",
            "|---|---:|---:|---:|",
        ]  # fmt: skip
        lines += [f"| {name} | {h:.2f} | {s:.2f} | {c:.1f} |" for h, s, name, c in table] + [""]
    RESULTS.mkdir(exist_ok=True)
    (RESULTS / "burned_in_generator.md").write_text("\n".join(lines))


if __name__ == "__main__":
    main()
