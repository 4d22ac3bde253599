"""Measure recall on generated burned-in text, by condition.

    python -m benchmarks.burned_in.generator [--engines rapidocr tesseract] [--repeats 2]

The first part are objects that differ in one condition from a plain one (white 14-pixel
sans-serif text on a dark phantom of 8 bits). The second part are whole screens
(:mod:`benchmarks.burned_in.layouts`) with headers that agree, are empty, or belong to another
patient. Phantom, layout and values are drawn from a seed. A value counts as masked if masks cover
90 % of its box; technical text counts as kept if they cover less than 20 %. The table is written to
``benchmarks/results/burned_in_generator.md``, the worst condition first.
"""

from __future__ import annotations

import argparse
import random
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np
from PIL import Image, ImageDraw

from benchmarks.burned_in.drawing import (
    Condition,
    GeneratedObject,
    dots_width,
    draw_background,
    draw_dots,
    draw_plotter_text,
    draw_segments,
    encode_object,
    load_font,
    plotter_text_width,
    segment_width,
)
from benchmarks.burned_in.layouts import HEADERS, layouts, make_screen
from safelight.dicom.parser import parse
from safelight.pixels.frames.frame_source import FrameSource
from safelight.pixels.geometry import Box
from safelight.pixels.redact.painting import Fill, covered_pixels
from safelight.pixels.stage import PixelStage
from safelight.records import Refusal
from safelight.rules.policies import PixelPolicy
from safelight.text.known.known_phi import KnownPHI, KnownValue

RESULTS = Path(__file__).parents[1] / "results"
SURNAMES = ("HARTWELL", "OKONKWO", "LINDQVIST", "MARCHETTI", "DELACROIX", "YAMASHITA")
GIVEN = ("AGNES", "TOBIAS", "MIRIAM", "CEDRIC", "NADIA", "LEONARD")
PLACES = ("St. Brendan Hospital", "Lakeview Medical Center", "Oakfield University Clinic")


PLAIN = Condition("plain")
CONDITIONS = (
    PLAIN,
    *(replace(PLAIN, name=f"size {n}", size=n) for n in (6, 8, 10, 20, 32, 48)),
    *(replace(PLAIN, name=f"font {f}", font=f) for f in ("bold", "mono", "serif", "stroke")),
    *(
        replace(PLAIN, name=f"place {p}", place=p)
        for p in ("top right", "bottom left", "bottom right", "middle", "cut by the edge")
    ),
    *(replace(PLAIN, name=f"turned {t}", turn=t) for t in (90, 180, 270)),
    *(replace(PLAIN, name=f"ink {n}", ink=n) for n in (180, 120, 90, 30)),
    replace(PLAIN, name="black on bright", ink=0, ground="bright"),
    replace(PLAIN, name="over texture", ground="texture", place="middle"),
    replace(PLAIN, name="outlined over texture", ground="texture", outline=True, place="middle"),
    replace(PLAIN, name="size 10 over texture", ground="texture", place="middle", size=10),
    replace(PLAIN, name="faint over organs", ink=110, place="middle"),
    replace(PLAIN, name="plotter's font, size 9", font="stroke", size=9),
    replace(PLAIN, name="strong noise", noise=24.0),
    replace(PLAIN, name="stronger noise", noise=48.0),
    *(
        replace(PLAIN, name=k, kind=k)
        for k in ("grey16", "signed16", "monochrome1", "rgb", "ybr", "palette")
    ),
    replace(PLAIN, name="no header values", header=False),
    replace(PLAIN, name="256 x 256, size 8", rows=256, size=8),
    replace(PLAIN, name="256 x 256, size 6", rows=256, size=6),
    replace(PLAIN, name="1024 x 1024", rows=1024),
    replace(PLAIN, name="2600 x 2600", rows=2600),
    replace(PLAIN, name="cine of 6", frames=6, kind="rgb"),
    replace(PLAIN, name="text in the last of 6 frames", frames=6, motion="last"),
    replace(PLAIN, name="text in the last of 30 frames", frames=30, motion="last"),
    replace(PLAIN, name="text moves over 6 frames", frames=6, motion="moves"),
    replace(PLAIN, name="mirrored", mirrored=True),
    replace(PLAIN, name="seven segments", font="segments", size=20),
    replace(PLAIN, name="matrix of dots", font="dots", size=16),
)


def make(condition: Condition, seed: int) -> GeneratedObject:
    """Return one object of a condition."""
    draw = random.Random(f"{condition.name}/{seed}")
    side = condition.rows
    behind = draw_background(condition, np.random.default_rng(draw.getrandbits(32)))
    surname, given = draw.choice(SURNAMES), draw.choice(GIVEN)
    number = str(draw.randrange(10**7, 10**8))
    birth = f"{draw.randrange(1930, 2000)}{draw.randrange(1, 13):02d}{draw.randrange(1, 29):02d}"
    place = draw.choice(PLACES)
    written = f"{birth[6:]}/{birth[4:6]}/{birth[:4]}"
    rows = [
        ("", f"{surname}, {given}"), ("ID: ", number), ("DOB: ", written), ("", place),
    ]  # fmt: skip
    canvas = Image.new("L", (side, side), 0)
    values = _draw_rows(canvas, rows, condition, condition.place)
    technical = (
        [("Thickness 5.0 mm", "")]
        if condition.size > 20
        else [("Thickness 5.0 mm", ""), ("CHEST AP", "")]
    )
    other = "top left" if condition.place.startswith("bottom") else "bottom left"
    kept = _draw_rows(canvas, [(text, "") for text, _ in technical], condition, other, keys=True)
    letters = np.asarray(canvas, np.float32)[:, :, None] / 255
    if condition.outline:
        shadow = cv2.dilate(letters[:, :, 0], np.ones((3, 3), np.uint8))[:, :, None]
        behind = behind * (1 - shadow)
    picture = behind * (1 - letters) + condition.ink * letters
    quarter = condition.turn // 90
    picture = np.rot90(picture, -quarter)
    turn = [(t, _rotate_box(b, quarter, side)) for t, b in values]
    spared = [(t, _rotate_box(b, quarter, side)) for t, b in kept]
    if condition.mirrored:
        picture = picture[:, ::-1]
        turn, spared = (
            [(t, Box(side - b.right, b.top, b.width, b.height)) for t, b in boxes]
            for boxes in (turn, spared)
        )
    frames = [np.clip(picture, 0, 255)]
    if condition.motion == "last":
        frames = [np.clip(behind + n % 3, 0, 255) for n in range(condition.frames - 1)] + frames
    if condition.motion == "moves":
        step = 24
        frames += [np.roll(frames[0], step * n, axis=0) for n in range(1, condition.frames)]
        moved = [b.move(0, step * n) for _, b in turn for n in range(1, condition.frames)]
        turn += [("", box) for box in moved]
    data = encode_object(frames[0], condition, frames[1:])
    known = [
        KnownValue("NAME", f"{surname}^{given}"), KnownValue("ID", number),
        KnownValue("DATE", birth), KnownValue("LOCATION", place),
    ]  # fmt: skip
    header = KnownPHI(known if condition.header else [])
    return GeneratedObject(data, header, tuple(turn), tuple(spared))


def _draw_rows(
    canvas: Image.Image,
    rows: list[tuple[str, str]],
    condition: Condition,
    place: str,
    keys: bool = False,
) -> list[tuple[str, Box]]:
    """Draw rows as a block and return the boxes of their values, or with ``keys`` of their keys."""
    side, pitch = canvas.width, round(condition.size * 1.4)
    font, draw = load_font(condition), ImageDraw.Draw(canvas)
    if condition.font == "segments":
        rows = [("", value) for _, value in rows if not any(map(str.isalpha, value)) and value]
    widths = [draw.textlength(key + value, font=font) for key, value in rows] or [0.0]
    left = 6 if "right" not in place else side - 6 - round(max(widths))
    top = 4 if "bottom" not in place else side - 4 - pitch * len(rows)
    if place == "middle":
        left, top = (side - round(max(widths))) // 2, side // 2 - pitch * 2
    if place == "cut by the edge":
        left, top = 6, -round(condition.size * 0.35)
    boxes = []
    for number, (key, value) in enumerate(rows):
        y = top + number * pitch
        long, at = _draw_row(canvas, key, value, left, y, condition)
        begin, end = (0.0, at) if keys else (at, long)
        height = condition.size if y >= 0 else condition.size + y
        boxes.append(
            (
                key if keys else value,
                Box(round(left + begin), max(0, y), round(end - begin), height),
            )
        )
    return boxes


def _draw_row(
    canvas: Image.Image, key: str, value: str, left: int, y: int, condition: Condition
) -> tuple[float, float]:
    """Draw a row, and return its width and that of its key."""
    size = condition.size
    if condition.font == "stroke":
        draw_plotter_text(canvas, key + value, left, y, size)
        return plotter_text_width(key + value, size), plotter_text_width(key, size)
    if condition.font == "segments":
        draw_segments(canvas, key + value, left, y, size)
        return len(key + value) * segment_width(size), len(key) * segment_width(size)
    if condition.font == "dots":
        draw_dots(canvas, key + value, left, y, size)
        return dots_width(key + value, size), dots_width(key, size)
    font, draw = load_font(condition), ImageDraw.Draw(canvas)
    draw.text((left, y), key + value, fill=255, font=font)
    return draw.textlength(key + value, font=font), draw.textlength(key, font=font)


def _rotate_box(box: Box, quarters: int, side: int) -> Box:
    """Return a box of a square picture after clockwise quarter turns."""
    x, y, w, h = box
    for _ in range(quarters):
        x, y, w, h = side - y - h, x, h, w
    return Box(x, y, w, h)


def measure(
    stage: PixelStage, one: GeneratedObject
) -> tuple[list[float], list[float], float] | None:
    """Return the covered share of each value and of each kept text, and CPU seconds.

    ``None`` if the object was refused.
    """
    began = time.process_time()
    parsed = parse(one.data)
    scan = stage.scan(parsed)
    try:
        masks = stage.redact(parsed, scan, stage.decide(scan, one.known, {}), one.known).masks
    except Refusal:
        return None
    seconds = time.process_time() - began
    hidden = covered_pixels([Fill(mask.box) for mask in masks], FrameSource(parsed).info)

    def share(box: Box) -> float:
        return float(hidden[box.slices].mean())

    return [share(b) for _, b in one.values], [share(b) for _, b in one.kept], seconds


#: Share of masked values, share of kept technical text, name, refused objects, mean CPU seconds.
Cell = tuple[float, float, str, int, float]


def measure_condition(stage: PixelStage, name: str, objects: Iterable[GeneratedObject]) -> Cell:
    """Return one row of the table. Refused objects do not count, because they are not written."""
    hidden, spared, cost, refused = [], [], [], 0
    for one in objects:
        figures = measure(stage, one)
        if figures is None:
            refused += 1
            continue
        hidden += [share >= 0.9 for share in figures[0]]
        spared += [share < 0.2 for share in figures[1]]
        cost.append(figures[2])
    if not cost:
        return (1.0, 0.0, name, refused, 0.0)
    kept = float(np.mean(spared)) if spared else 1.0
    return (float(np.mean(hidden)), kept, name, refused, float(np.mean(cost)))


def format_table(title: str, rows: list[Cell], repeats: int) -> list[str]:
    """Return a table, the worst condition first."""
    rows = sorted(rows)
    return [
        f"### {title}", "",
        f"Recall {np.mean([row[0] for row in rows]):.3f}, technical text kept "
        f"{np.mean([row[1] for row in rows]):.3f}, mean of {len(rows)} conditions with "
        f"{repeats} objects each; the worst first.", "",
        "| condition | values masked | technical text kept | refused | CPU seconds |",
        "|---|---:|---:|---:|---:|",
        *(f"| {name} | {h:.2f} | {s:.2f} | {r} | {c:.1f} |" for h, s, name, r, c in rows), "",
    ]  # fmt: skip


def main() -> None:
    """Measure all conditions and write the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--engines", nargs="+", default=["rapidocr"])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument(
        "--screens", action="store_true", help="whole screens only; writes no results"
    )
    arguments = parser.parse_args()
    seeds = range(arguments.repeats)
    lines = ["# Generated burned-in text", ""]
    for engine in arguments.engines:
        stage = PixelStage(PixelPolicy(engine=engine))
        plain, screens = [], []
        for condition in () if arguments.screens else CONDITIONS:
            objects = (make(condition, seed) for seed in seeds)
            plain.append(measure_condition(stage, condition.name, objects))
            print(engine, plain[-1], flush=True)
        for layout in layouts():
            for header in HEADERS:
                objects = (make_screen(layout, header, seed) for seed in seeds)
                name = f"{layout['name']}, header {header}"
                screens.append(measure_condition(stage, name, objects))
                print(engine, screens[-1], flush=True)
        lines += [f"## {engine}", ""]
        if plain:
            title = "Objects that differ in one condition from the plain object"
            lines += format_table(title, plain, arguments.repeats)
        lines += format_table("Whole screens", screens, arguments.repeats)
    if not arguments.screens:
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "burned_in_generator.md").write_text("\n".join(lines), "utf-8")


if __name__ == "__main__":
    main()
